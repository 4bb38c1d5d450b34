//! Since when GitHub's answers are what they are today: the dates on which rules about days turn.
//!
//! *Source* of both: measured, see `docs/numbers.md` and `docs/import/README.md`.

use crate::Day;

/// The last day of which GitHub told while it was running. Since then a day is told of when it is
/// over.
const LAST_TOLD_RUNNING: (i16, i8, i8) = (2025, 12, 30);

/// The first day of which GitHub gave a zero: it left days without traffic out until its answers
/// became whole windows on 2025-12-31, and the first of these began here.
const ZEROS_SINCE: (i16, i8, i8) = (2025, 12, 17);

/// Whether GitHub can have told of this day while it was running.
#[must_use]
pub fn may_be_told_running(day: Day) -> bool {
    day.ymd() <= LAST_TOLD_RUNNING
}

/// Whether GitHub can have told a zero of this day.
#[must_use]
pub fn may_be_told_zero(day: Day) -> bool {
    day.ymd() >= ZEROS_SINCE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_turn_on_their_days() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        assert!(may_be_told_running(day("2025-12-30")));
        assert!(!may_be_told_running(day("2025-12-31")));
        assert!(!may_be_told_zero(day("2025-12-16")));
        assert!(may_be_told_zero(day("2025-12-17")));
    }
}
