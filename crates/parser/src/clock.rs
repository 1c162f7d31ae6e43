//! The time that this thread has worked. A deadline by the clock on the wall would make what is
//! found hang on what else the machine does.

use std::time::Duration;

/// How long this thread has run so far, waiting left out.
#[cfg(unix)]
pub(crate) fn busy() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// How long the program has run since this was first asked: no better clock is to be had here.
#[cfg(not(unix))]
pub(crate) fn busy() -> Duration {
    static FIRST: std::sync::LazyLock<std::time::Instant> =
        std::sync::LazyLock::new(std::time::Instant::now);
    FIRST.elapsed()
}

#[cfg(all(test, unix))]
mod tests {
    use super::busy;
    use std::time::{Duration, Instant};

    #[test]
    fn waiting_is_no_work() {
        let (started, before) = (Instant::now(), busy());
        std::thread::sleep(Duration::from_millis(300));
        assert!(started.elapsed() >= Duration::from_millis(300));
        assert!(busy().saturating_sub(before) < Duration::from_millis(100));
        while started.elapsed() < Duration::from_mins(1)
            && busy().saturating_sub(before) < Duration::from_millis(100)
        {}
        assert!(busy().saturating_sub(before) >= Duration::from_millis(100));
    }
}
