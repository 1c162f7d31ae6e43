//! The pitfalls: one module, one page and one fixture folder each.

mod blocking;
mod cancellation;
mod context;
mod coroutines;
mod event_loop;
mod fixes;
mod model;
mod shared_state;
mod style;
mod tasks;
mod test_code;
mod written;

pub use context::{Calls, Context, Report, Site, Text};
pub use model::{AsyncioMode, Fixes, Group, Library, Lint, Pytest, Settings, THROUGH_HELPERS};

/// Every lint, sorted by name.
pub static LINTS: &[&Lint] = &[
    &coroutines::async_callback::ASYNC_CALLBACK,
    &coroutines::async_dunder::ASYNC_DUNDER,
    &cancellation::async_generator::ASYNC_GENERATOR,
    &style::async_lambda_handler::ASYNC_LAMBDA_HANDLER,
    &coroutines::async_test_not_run::ASYNC_TEST_NOT_RUN,
    &cancellation::async_timeout_parameter::ASYNC_TIMEOUT_PARAMETER,
    &style::async_wrapper::ASYNC_WRAPPER,
    &cancellation::await_in_cleanup::AWAIT_IN_CLEANUP,
    &coroutines::await_on_plain_value::AWAIT_ON_PLAIN_VALUE,
    &coroutines::await_outside_async::AWAIT_OUTSIDE_ASYNC,
    &blocking::blocking_configured::BLOCKING_CONFIGURED,
    &blocking::blocking_context_manager::BLOCKING_CONTEXT_MANAGER,
    &blocking::blocking_cpu::BLOCKING_CPU,
    &blocking::blocking_db::BLOCKING_DB,
    &blocking::blocking_file_io::BLOCKING_FILE_IO,
    &blocking::blocking_file_metadata::BLOCKING_FILE_METADATA,
    &blocking::blocking_http::BLOCKING_HTTP,
    &blocking::blocking_inference::BLOCKING_INFERENCE,
    &blocking::blocking_input::BLOCKING_INPUT,
    &blocking::blocking_media::BLOCKING_MEDIA,
    &blocking::blocking_network::BLOCKING_NETWORK,
    &blocking::blocking_orm::BLOCKING_ORM,
    &blocking::blocking_password_hash::BLOCKING_PASSWORD_HASH,
    &blocking::blocking_process_start::BLOCKING_PROCESS_START,
    &blocking::blocking_sleep::BLOCKING_SLEEP,
    &blocking::blocking_subprocess::BLOCKING_SUBPROCESS,
    &blocking::blocking_wait::BLOCKING_WAIT,
    &cancellation::busy_wait::BUSY_WAIT,
    &coroutines::cached_coroutine::CACHED_COROUTINE,
    &cancellation::cancel_scope_without_checkpoint::CANCEL_SCOPE_WITHOUT_CHECKPOINT,
    &tasks::cancel_without_await::CANCEL_WITHOUT_AWAIT,
    &cancellation::cancelled_error_not_raised::CANCELLED_ERROR_NOT_RAISED,
    &shared_state::check_then_act_across_await::CHECK_THEN_ACT_ACROSS_AWAIT,
    &cancellation::cleanup_skipped_on_cancellation::CLEANUP_SKIPPED_ON_CANCELLATION,
    &tasks::control_flow_in_task_group::CONTROL_FLOW_IN_TASK_GROUP,
    &coroutines::coroutine_as_value::COROUTINE_AS_VALUE,
    &coroutines::coroutine_awaited_twice::COROUTINE_AWAITED_TWICE,
    &tasks::dangling_task::DANGLING_TASK,
    &event_loop::deprecated_asyncio::DEPRECATED_ASYNCIO,
    &coroutines::eager_call_in_executor::EAGER_CALL_IN_EXECUTOR,
    &style::except_star_misuse::EXCEPT_STAR_MISUSE,
    &tasks::gather_exceptions_ignored::GATHER_EXCEPTIONS_IGNORED,
    &tasks::gather_without_taskgroup::GATHER_WITHOUT_TASKGROUP,
    &style::group_without_derive::GROUP_WITHOUT_DERIVE,
    &coroutines::inconsistent_await::INCONSISTENT_AWAIT,
    &shared_state::lock_order_inversion::LOCK_ORDER_INVERSION,
    &shared_state::lock_reentry::LOCK_REENTRY,
    &cancellation::long_sleep::LONG_SLEEP,
    &event_loop::loop_bound_at_import::LOOP_BOUND_AT_IMPORT,
    &tasks::loop_variable_in_task::LOOP_VARIABLE_IN_TASK,
    &shared_state::lost_update_across_await::LOST_UPDATE_ACROSS_AWAIT,
    &event_loop::manual_event_loop::MANUAL_EVENT_LOOP,
    &coroutines::missing_await::MISSING_AWAIT,
    &cancellation::missing_timeout::MISSING_TIMEOUT,
    &coroutines::mock_not_async::MOCK_NOT_ASYNC,
    &event_loop::nested_event_loop::NESTED_EVENT_LOOP,
    &style::non_canonical_import::NON_CANONICAL_IMPORT,
    &style::prefer_async_with::PREFER_ASYNC_WITH,
    &shared_state::queue_protocol::QUEUE_PROTOCOL,
    &style::raise_group_member::RAISE_GROUP_MEMBER,
    &style::raises_exception_group::RAISES_EXCEPTION_GROUP,
    &event_loop::repeated_event_loop::REPEATED_EVENT_LOOP,
    &cancellation::retry_without_delay::RETRY_WITHOUT_DELAY,
    &tasks::sequential_await::SEQUENTIAL_AWAIT,
    &tasks::shielded_without_reference::SHIELDED_WITHOUT_REFERENCE,
    &tasks::single_task_group::SINGLE_TASK_GROUP,
    &cancellation::swallowed_cancellation::SWALLOWED_CANCELLATION,
    &coroutines::sync_for_on_async::SYNC_FOR_ON_ASYNC,
    &shared_state::sync_lock_across_await::SYNC_LOCK_ACROSS_AWAIT,
    &coroutines::sync_with_on_async::SYNC_WITH_ON_ASYNC,
    &event_loop::task_on_other_loop::TASK_ON_OTHER_LOOP,
    &event_loop::thread_unsafe_loop_call::THREAD_UNSAFE_LOOP_CALL,
    &coroutines::unawaited_coroutine::UNAWAITED_COROUTINE,
    &tasks::unbounded_concurrency::UNBOUNDED_CONCURRENCY,
    &cancellation::unclosed_async_generator::UNCLOSED_ASYNC_GENERATOR,
    &style::unknown_suppression::UNKNOWN_SUPPRESSION,
    &style::unmaintained_library::UNMAINTAINED_LIBRARY,
    &style::unused_async::UNUSED_ASYNC,
    &style::unused_suppression::UNUSED_SUPPRESSION,
    &coroutines::value_as_coroutine::VALUE_AS_COROUTINE,
    &cancellation::yield_in_cancel_scope::YIELD_IN_CANCEL_SCOPE,
    &cancellation::yield_in_context_manager::YIELD_IN_CONTEXT_MANAGER,
    &cancellation::zero_sleep::ZERO_SLEEP,
];
