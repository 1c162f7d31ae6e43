//! What the rest of the tool asks, with the answers it relies on.

use crate::{BlockKind, Catalog, Shade, Symbol, Version};

fn shade(name: &str) -> Shade {
    Catalog::builtin().call(name).unwrap_or_else(|| panic!("{name} is not described")).shade
}

#[test]
fn shades_of_asyncio() {
    for name in [
        "asyncio.sleep",
        "asyncio.wait_for",
        "asyncio.wait",
        "asyncio.to_thread",
        "asyncio.open_connection",
        "asyncio.Queue.get",
        "asyncio.Queue.join",
        "asyncio.Event.wait",
        "asyncio.Condition.acquire",
        "asyncio.StreamWriter.drain",
        "asyncio.subprocess.Process.communicate",
        "asyncio.SelectorEventLoop.create_connection",
    ] {
        assert_eq!(shade(name), Shade::Coroutine, "{name}");
    }
    for name in [
        "asyncio.create_task",
        "asyncio.ensure_future",
        "asyncio.gather",
        "asyncio.shield",
        "asyncio.Task",
        "asyncio.TaskGroup.create_task",
        "asyncio.AbstractEventLoop.run_in_executor",
        "asyncio.ProactorEventLoop.create_task",
    ] {
        assert_eq!(shade(name), Shade::Started, "{name}");
    }
    for name in ["asyncio.timeout", "asyncio.TaskGroup", "asyncio.Lock", "trio.open_nursery"] {
        assert_eq!(shade(name), Shade::AsyncManager, "{name}");
    }
    for name in [
        "asyncio.as_completed",
        "asyncio.run_coroutine_threadsafe",
        "asyncio.Future",
        "asyncio.Queue.put_nowait",
        "asyncio.StreamWriter.write",
        "contextlib.nullcontext",
    ] {
        assert_eq!(shade(name), Shade::Plain, "{name}");
    }
    assert_eq!(shade("anyio.wait_readable"), Shade::LazyAwaitable);
}

#[test]
fn results_lead_on() {
    let catalog = Catalog::builtin();
    let returns = |name: &str| catalog.call(name).unwrap().returns.as_deref();
    assert_eq!(returns("asyncio.create_task"), Some("asyncio.Task"));
    assert_eq!(returns("asyncio.create_subprocess_exec"), Some("asyncio.subprocess.Process"));
    assert_eq!(returns("asyncio.Queue"), Some("asyncio.Queue"));
    assert_eq!(returns("asyncio.Event.set"), Some("None"));
    assert_eq!(returns("asyncio.Queue.get"), None);
    assert_eq!(
        catalog.attribute("asyncio.subprocess.Process", "stdout"),
        Some("asyncio.StreamReader")
    );
    assert_eq!(catalog.enters("trio._core._run.NurseryManager"), Some("trio.Nursery"));
    assert_eq!(catalog.enters("asyncio.BoundedSemaphore"), Some("None"));
}

#[test]
fn aliases_are_followed() {
    let catalog = Catalog::builtin();
    assert_eq!(catalog.canonical("asyncio.tasks.sleep"), "asyncio.sleep");
    assert_eq!(catalog.canonical("asyncio.sleep"), "asyncio.sleep");
    assert_eq!(catalog.canonical("nobody.knows.this"), "nobody.knows.this");
    assert_eq!(catalog.get("asyncio.tasks.sleep"), catalog.get("asyncio.sleep"));
    assert_eq!(catalog.get("asyncio.tasks.Lock"), None);
    assert!(catalog.member("asyncio.locks.Lock", "acquire").is_some());
    assert_eq!(shade("asyncio.locks.Lock.acquire"), Shade::Coroutine);
    assert_eq!(catalog.canonical("trio._threads.to_thread_run_sync"), "trio.to_thread.run_sync");
    assert!(catalog.is_subclass("builtins.IOError", "builtins.EnvironmentError"));
}

#[test]
fn classes_inherit() {
    let catalog = Catalog::builtin();
    assert!(catalog.member("asyncio.Task", "add_done_callback").is_some());
    assert!(catalog.member("asyncio.SelectorEventLoop", "sock_recv").is_some());
    assert!(catalog.member("asyncio.Task", "no_such_method").is_none());
    assert!(catalog.member("no.such.Class", "method").is_none());
    assert!(catalog.member("asyncio.BrokenBarrierError", "with_traceback").is_some());
    for (class, of) in [
        ("asyncio.CancelledError", "builtins.BaseException"),
        ("asyncio.exceptions.CancelledError", "asyncio.CancelledError"),
        ("asyncio.TimeoutError", "builtins.OSError"),
        ("asyncio.PriorityQueue", "asyncio.queues.Queue"),
        ("builtins.ConnectionResetError", "builtins.OSError"),
        ("builtins.ExceptionGroup", "builtins.Exception"),
        ("concurrent.futures.InterpreterPoolExecutor", "concurrent.futures.Executor"),
        ("trio.Cancelled", "builtins.BaseException"),
        ("asyncio.Queue", "builtins.object"),
    ] {
        assert!(catalog.is_subclass(class, of), "{class} is a {of}");
    }
    for (class, of) in [
        ("asyncio.CancelledError", "builtins.Exception"),
        ("builtins.Exception", "asyncio.CancelledError"),
        ("builtins.KeyboardInterrupt", "builtins.Exception"),
        ("concurrent.futures.CancelledError", "asyncio.CancelledError"),
        ("no.such.Class", "builtins.BaseException"),
    ] {
        assert!(!catalog.is_subclass(class, of), "{class} is no {of}");
    }
    assert!(catalog.any_base("asyncio.Task", |class| class.awaitable));
}

#[test]
fn what_blocks_says_how_and_what_to_call_instead() {
    let sleep = Catalog::builtin().call("time.sleep").unwrap();
    assert_eq!(sleep.shade, Shade::Plain);
    assert_eq!(sleep.blocks, Some(BlockKind::Sleep));
    assert_eq!(sleep.replacement.asyncio.as_deref(), Some("asyncio.sleep"));
    assert_eq!(sleep.replacement.anyio.as_deref(), Some("anyio.sleep"));
    assert_eq!(sleep.replacement.trio.as_deref(), Some("trio.sleep"));
    for name in [
        "threading.Lock.acquire",
        "threading.BoundedSemaphore.__enter__",
        "threading.Timer.join",
        "concurrent.futures.Future.result",
    ] {
        let callable = Catalog::builtin().call(name).unwrap();
        assert_eq!(callable.blocks, Some(BlockKind::Lock), "{name}");
    }
}

#[test]
fn functions_handed_over_are_named() {
    let catalog = Catalog::builtin();
    let thread = |name: &str| {
        let argument = catalog.call(name).unwrap().runs_in_thread.as_ref().unwrap();
        (argument.position, argument.keyword.as_deref())
    };
    assert_eq!(thread("asyncio.to_thread"), (Some(0), None));
    assert_eq!(thread("asyncio.EventLoop.run_in_executor"), (Some(1), Some("func")));
    assert_eq!(thread("threading.Thread"), (Some(1), Some("target")));
    assert_eq!(thread("concurrent.futures.ThreadPoolExecutor.submit"), (Some(0), None));
    assert_eq!(thread("anyio.to_thread.run_sync"), (Some(0), Some("func")));
    let later = catalog.call("asyncio.BaseEventLoop.call_later").unwrap();
    assert_eq!(later.calls.as_ref().and_then(|argument| argument.position), Some(1));
}

#[test]
fn single_facts() {
    let catalog = Catalog::builtin();
    let call = |name: &str| catalog.call(name).unwrap();
    assert!(call("asyncio.TaskGroup.create_task").kept);
    assert!(!call("asyncio.create_task").kept);
    assert!(call("trio.Nursery.start_soon").kept);
    assert!(call("sys.exit").raises_always && call("os._exit").raises_always);
    assert!(call("asyncio.Runner.run").runs_loop && call("anyio.run").runs_loop);
    assert_eq!(call("asyncio.to_thread").since, Some(Version::new(3, 9)));
    assert_eq!(call("asyncio.TaskGroup").since, Some(Version::new(3, 11)));
    assert_eq!(call("asyncio.iscoroutinefunction").deprecated, Some(Version::new(3, 14)));
    assert_eq!(call("asyncio.coroutine").removed, Some(Version::new(3, 11)));
    assert!(Version::new(3, 9) < Version::new(3, 11));
}

#[test]
fn modules_are_known() {
    let catalog = Catalog::builtin();
    for module in ["asyncio", "asyncio.tasks", "asyncio.subprocess", "concurrent", "time"] {
        assert!(catalog.knows_module(module), "{module}");
        assert_eq!(catalog.get(module), Some(&Symbol::Module));
    }
    for module in ["nothing", "asyncio.sleep", "asyncio.Queue", "asyncio.nothing", ""] {
        assert!(!catalog.knows_module(module), "{module}");
    }
    assert_eq!(
        catalog.get("asyncio.FIRST_COMPLETED"),
        Some(&Symbol::Instance("builtins.str".into()))
    );
}
