//! Notices that the machine slept or that its clock was set, so that GitHub's time is asked again.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::clock::machine_time;

/// Compares the two clocks of the machine for ever. The time of day itself is not believed: only
/// that it moved unlike the clock that measures waiting, which rests while the machine sleeps.
pub(crate) async fn watch_clocks(doubt: Arc<Notify>) {
    const EVERY: Duration = Duration::from_secs(20);
    let mut before = (Instant::now(), machine_time());
    loop {
        tokio::time::sleep(EVERY).await;
        let now = (Instant::now(), machine_time());
        let waited_secs = i64::try_from((now.0 - before.0).as_secs()).unwrap_or(i64::MAX);
        let passed_secs = now.1.as_second() - before.1.as_second();
        if is_unlike(waited_secs, passed_secs) {
            tracing::info!(
                "the clock of this machine moved by {passed_secs} seconds in {waited_secs}: \
                 asking GitHub what time it is"
            );
            doubt.notify_one();
        }
        before = now;
    }
}

/// Whether the two clocks moved so unlike that one of them was set or rested.
fn is_unlike(waited_secs: i64, passed_secs: i64) -> bool {
    const TOLERATED_SECS: u64 = 60;
    passed_secs.abs_diff(waited_secs) > TOLERATED_SECS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_and_a_machine_that_slept_are_noticed() {
        const DAY_SECS: i64 = 86_400;
        assert!(!is_unlike(20, 20));
        assert!(!is_unlike(20, 61));
        assert!(is_unlike(20, 20 - DAY_SECS));
        assert!(is_unlike(20, 20 + 365 * DAY_SECS));
        assert!(is_unlike(20, 3 * 3600));
    }
}
