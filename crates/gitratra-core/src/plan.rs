//! When a repository is due, and when its next day would be lost.

use jiff::{SignedDuration, Timestamp};

use crate::{Day, Window};

/// The earliest moment, in seconds after midnight UTC, at which GitHub was seen to publish the day
/// before (measured since 2025-12-31: between 06:30 and 08:40).
pub const PUBLICATION_SECS: i64 = 6 * 3600 + 1800;

/// How long an answer that brought nothing new is believed before the same question is asked again.
pub const ASK_AGAIN: SignedDuration = SignedDuration::from_mins(10);

/// What is held of one repository, as far as it decides whether to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// The newest measured day of views.
    pub views: Option<Day>,
    /// The newest measured day of clones.
    pub clones: Option<Day>,
    /// The newest window of which both ranked lists are held.
    pub rankings: Option<Day>,
    /// When every endpoint was last asked, by the server's clock.
    pub asked_at: Option<Timestamp>,
    /// Whether any endpoint failed then.
    pub has_failed: bool,
}

impl Held {
    /// The newest day of which everything is held.
    #[must_use]
    pub fn newest(&self) -> Option<Day> {
        Some(self.views?.min(self.clones?))
    }
}

/// The newest day that GitHub may have published by `now`.
#[must_use]
pub fn newest_publishable(now: Timestamp) -> Day {
    let today = Day::of(now);
    let since_midnight = now.as_second() - today.start().as_second();
    today.plus(if since_midnight >= PUBLICATION_SECS {
        -1
    } else {
        -2
    })
}

/// Whether asking now can bring something new.
#[must_use]
pub fn is_due(held: &Held, now: Timestamp) -> bool {
    let Some(asked_at) = held.asked_at else {
        return true;
    };
    // An answer from the future came from a clock that was wrong, and decides nothing.
    let is_from_the_future =
        asked_at > now || held.newest().is_some_and(|newest| newest >= Day::of(now));
    if held.has_failed || is_from_the_future {
        return true;
    }
    let is_behind = held
        .newest()
        .is_none_or(|newest| newest < newest_publishable(now));
    is_behind && now.duration_since(asked_at) >= ASK_AGAIN
}

/// Whether a repository that is gone (deleted, blocked or out of sight) is asked again: after a day
/// at first, then ever more rarely, and at least once in 30 days.
#[must_use]
pub fn is_gone_due(since: Timestamp, asked_at: Timestamp, now: Timestamp) -> bool {
    const FIRST: SignedDuration = SignedDuration::from_hours(24);
    const LAST: SignedDuration = SignedDuration::from_hours(24 * 30);
    let wait = asked_at.duration_since(since).clamp(FIRST, LAST);
    now < asked_at || now.duration_since(asked_at) >= wait
}

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
pub fn already_lost(newest: Day, now: Timestamp) -> Option<crate::DayRange> {
    let oldest_answered = Window {
        last: newest_publishable(now),
    }
    .range()
    .first();
    crate::DayRange::new(newest.plus(1), oldest_answered.plus(-1))
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

    fn held(newest: &str, asked_at: &str) -> Held {
        Held {
            views: Some(day(newest)),
            clones: Some(day(newest)),
            rankings: Some(day(newest)),
            asked_at: Some(at(asked_at)),
            has_failed: false,
        }
    }

    #[test]
    fn yesterday_is_published_from_half_past_six() {
        assert_eq!(
            newest_publishable(at("2026-03-10T06:29:59Z")),
            day("2026-03-08")
        );
        assert_eq!(
            newest_publishable(at("2026-03-10T06:30:00Z")),
            day("2026-03-09")
        );
    }

    #[test]
    fn nothing_is_due_where_the_newest_day_is_held() {
        let held = held("2026-03-09", "2026-03-10T09:00:00Z");
        assert!(!is_due(&held, at("2026-03-10T23:00:00Z")));
        assert!(!is_due(&held, at("2026-03-11T06:00:00Z")));
        assert!(is_due(&held, at("2026-03-11T06:30:00Z")));
    }

    #[test]
    fn a_stalled_repository_is_not_asked_at_every_call() {
        let held = held("2026-03-05", "2026-03-10T09:00:00Z");
        assert!(!is_due(&held, at("2026-03-10T09:05:00Z")));
        assert!(is_due(&held, at("2026-03-10T09:10:00Z")));
    }

    #[test]
    fn what_was_never_asked_or_failed_is_due() {
        let now = at("2026-03-10T09:00:01Z");
        assert!(is_due(&Held::default(), now));
        let mut failed = held("2026-03-09", "2026-03-10T09:00:00Z");
        failed.has_failed = true;
        assert!(is_due(&failed, now));
    }

    #[test]
    fn a_metric_that_is_behind_makes_the_repository_due() {
        let mut held = held("2026-03-09", "2026-03-10T09:00:00Z");
        held.clones = Some(day("2026-03-08"));
        assert!(is_due(&held, at("2026-03-10T10:00:00Z")));
    }

    #[test]
    fn an_answer_from_the_future_decides_nothing() {
        let held = held("2036-03-09", "2036-03-10T09:00:00Z");
        assert!(is_due(&held, at("2026-03-10T23:00:00Z")));
    }

    #[test]
    fn what_is_gone_is_asked_ever_more_rarely() {
        let since = at("2026-03-01T09:00:00Z");
        let mut asked_at = since;
        let mut asked = Vec::new();
        for hour in 0..24 * 120 {
            let now = since + SignedDuration::from_hours(hour);
            if is_gone_due(since, asked_at, now) {
                asked.push(hour / 24);
                asked_at = now;
            }
        }
        assert_eq!(asked, [1, 2, 4, 8, 16, 32, 62, 92]);
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
