//! Notices that the machine slept or that its clock was set, so that GitHub's time is asked again.

use std::sync::Arc;
use std::time::Duration;

use gitratra_core::Timestamp;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Compares the two clocks of the machine for ever. The time of day itself is not believed: only
/// that it moved unlike the clock that measures waiting, which rests while the machine sleeps.
pub(crate) async fn watch_clocks(doubt: Arc<Notify>) {
    const EVERY: Duration = Duration::from_secs(20);
    const TOLERATED_SECS: i64 = 60;
    let mut before = (Instant::now(), time_of_day());
    loop {
        tokio::time::sleep(EVERY).await;
        let now = (Instant::now(), time_of_day());
        let waited = i64::try_from((now.0 - before.0).as_secs()).unwrap_or(i64::MAX);
        let passed = now.1.as_second() - before.1.as_second();
        if passed.abs_diff(waited) > TOLERATED_SECS.unsigned_abs() {
            tracing::info!(
                "the clock of this machine moved by {passed} seconds in {waited}: asking GitHub \
                 what time it is"
            );
            doubt.notify_one();
        }
        before = now;
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "only the difference of two looks counts, and only to ask GitHub for the time"
)]
fn time_of_day() -> Timestamp {
    Timestamp::now()
}
