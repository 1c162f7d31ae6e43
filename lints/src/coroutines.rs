//! Work that never runs.

// What its lints share.
pub(crate) mod advice;
pub(crate) mod bound;
pub(crate) mod misuse;
pub(crate) mod protocols;
pub(crate) mod records;
pub(crate) mod told_apart;

// The lints.
pub(crate) mod async_callback;
pub(crate) mod async_dunder;
pub(crate) mod async_test_not_run;
pub(crate) mod await_on_plain_value;
pub(crate) mod await_outside_async;
pub(crate) mod cached_coroutine;
pub(crate) mod coroutine_as_value;
pub(crate) mod coroutine_awaited_twice;
pub(crate) mod eager_call_in_executor;
pub(crate) mod inconsistent_await;
pub(crate) mod missing_await;
pub(crate) mod mock_not_async;
pub(crate) mod sync_for_on_async;
pub(crate) mod sync_with_on_async;
pub(crate) mod unawaited_coroutine;
pub(crate) mod value_as_coroutine;
