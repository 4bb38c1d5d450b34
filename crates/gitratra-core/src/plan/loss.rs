//! When a day is lost, and what can still be saved of a repository that GitHub does not answer for.

use jiff::{SignedDuration, Timestamp};

use super::{newest_publishable, plus};
use crate::{Day, DayRange, Window};

/// When the first day not yet held may leave GitHub's window.
///
/// With `newest` held, the next day is `newest + 1`; it is in GitHub's window until the day 14 days
/// later is published, which happens on the day after that.
#[must_use]
pub fn lost_on(newest: Day) -> Day {
    newest.plus(1 + i64::from(Window::DAYS) + 1)
}

/// How many days are left, today included, before a day is lost; 0 where one is lost already.
#[must_use]
pub fn days_safe(newest: Day, now: Timestamp) -> u32 {
    let left = lost_on(newest).days_since(Day::of(now));
    u32::try_from(left.max(0)).unwrap_or(u32::MAX)
}

/// The days beyond `newest` that can no longer be had from GitHub at `now`.
#[must_use]
pub fn already_lost(newest: Day, now: Timestamp) -> Option<DayRange> {
    let oldest_answered = Window {
        last: newest_publishable(now),
    }
    .range()
    .first();
    DayRange::new(newest.plus(1), oldest_answered.plus(-1))
}

/// From when on a repository that is gone (deleted, blocked or out of sight) is asked again: once a
/// day while the day after `newest` could still be had, since it may only be out of sight, and then
/// ever more rarely, at least once in 30 days.
#[must_use]
pub fn gone_due_at(since: Timestamp, asked_at: Timestamp, newest: Option<Day>) -> Timestamp {
    const FIRST: SignedDuration = SignedDuration::from_hours(24);
    const LAST: SignedDuration = SignedDuration::from_hours(24 * 30);
    let rarely = asked_at.duration_since(since).clamp(FIRST, LAST);
    let can_be_had = newest.is_some_and(|newest| Day::of(asked_at) < lost_on(newest));
    plus(asked_at, if can_be_had { FIRST } else { rarely })
}

/// Whether a repository that is gone is asked again now.
#[must_use]
pub fn is_gone_due(
    since: Timestamp,
    asked_at: Timestamp,
    newest: Option<Day>,
    now: Timestamp,
) -> bool {
    now < asked_at || now >= gone_due_at(since, asked_at, newest)
}

/// Whether nothing of a repository that GitHub does not answer for can be saved any more: it is
/// blocked (451), or its next day has left the window. Until then it may only be out of sight, and
/// its days are about to be lost.
#[must_use]
pub fn is_given_up(status: u16, newest: Option<Day>, now: Timestamp) -> bool {
    const BLOCKED: u16 = 451;
    status == BLOCKED || newest.is_none_or(|newest| Day::of(now) >= lost_on(newest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_gone_is_asked_ever_more_rarely() {
        let since = at("2026-03-01T09:00:00Z");
        let mut asked_at = since;
        let mut asked = Vec::new();
        for hour in 0..24 * 120 {
            let now = since + SignedDuration::from_hours(hour);
            if is_gone_due(since, asked_at, None, now) {
                asked.push(hour / 24);
                asked_at = now;
            }
        }
        assert_eq!(asked, [1, 2, 4, 8, 16, 32, 62, 92]);
    }

    #[test]
    fn what_may_only_be_out_of_sight_is_asked_daily_while_its_days_can_be_had() {
        let since = at("2026-03-10T09:00:00Z");
        let newest = Some(day("2026-03-09"));
        let later = since + SignedDuration::from_hours(24 * 9);
        let next = later + SignedDuration::from_hours(24);
        assert_eq!(gone_due_at(since, later, newest), next);
        let lost = at("2026-03-25T09:00:00Z");
        assert!(gone_due_at(since, lost, newest) > lost + SignedDuration::from_hours(24 * 10));
        assert!(!is_given_up(404, newest, later));
        assert!(is_given_up(404, newest, lost));
        assert!(is_given_up(451, newest, later));
        assert!(is_given_up(404, None, later));
    }

    #[test]
    fn the_next_day_is_lost_when_its_window_has_passed() {
        // 2026-03-10 is in the window that ends on 2026-03-23, which is newest until the 24th is
        // published on the 25th.
        let newest = day("2026-03-09");
        assert_eq!(lost_on(newest), day("2026-03-25"));
        assert_eq!(days_safe(newest, at("2026-03-10T09:00:00Z")), 15);
        assert_eq!(already_lost(newest, at("2026-03-25T06:00:00Z")), None);
        let lost = already_lost(newest, at("2026-03-25T06:30:00Z"));
        assert_eq!(
            lost.map(|range| range.to_string()),
            Some("2026-03-10..2026-03-10".into())
        );
        assert_eq!(days_safe(newest, at("2026-04-25T06:30:00Z")), 0);
    }
}
