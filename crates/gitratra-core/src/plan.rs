//! What to ask next, and when: the planner. Pure: what is held and the time in, times out.
//!
//! GitHub publishes a day once. So `views` is probed when the next day of this repository is likely
//! there, three or four times at most; clones, referrers and paths are asked once views have shown
//! the new day. Where a day stays away (a stall) the probes of this repository become rarer, and
//! nothing of the others changes. A question that failed is asked again ever more rarely.
//!
//! *Order.* Whoever's oldest unread day is nearest to being lost goes first ([`Turn`]), and among
//! equals who waits longest. *Bound.* So nobody starves: with `n` repositories, `q` questions a
//! visit and a budget of `b` questions an hour, a repository that is due is asked after at most
//! `n * q / b` hours, since whoever was asked goes behind everybody who is as far behind.

use std::cell::OnceCell;

use jiff::{SignedDuration, Timestamp};

mod loss;
mod others;
mod outage;

pub use loss::{already_lost, days_safe, gone_due_at, is_given_up, is_gone_due, lost_on};
pub use others::{Extent, other_due_at, star_page, workflow_days};
pub use outage::{Outage, outage};

use crate::held::{Asked, Held};
use crate::rhythm::EARLIEST_MINS;
use crate::{Day, Endpoint};

/// The earliest moment, in seconds after midnight UTC, at which GitHub was seen to publish the day
/// before (measured since 2025-12-31: between 06:30 and 08:40).
pub const PUBLICATION_SECS: i64 = EARLIEST_MINS as i64 * 60;

/// How long an answer that brought nothing new is believed before a single pass asks again.
pub const ASK_AGAIN: SignedDuration = SignedDuration::from_mins(10);

/// Probes go out when the day is there with these probabilities. Where all minutes of the measured
/// two hours are equally likely, that makes two probes a day and 22 minutes of delay.
const PROBES: [f64; 3] = [0.35, 0.7, 0.94];
/// Probes that lie closer together than this are one.
const PROBE_GAP: SignedDuration = SignedDuration::from_mins(12);
/// The last probe follows the one before it after this at the latest.
const LAST_PROBE: SignedDuration = SignedDuration::from_mins(45);
/// Once a day is overdue, the wait between two probes grows from the first to the second.
const OVERDUE_GAPS: (SignedDuration, SignedDuration) =
    (SignedDuration::from_mins(15), SignedDuration::from_hours(4));
/// Clones are asked by themselves when views have been overdue for so long, and then as rarely as
/// the second and third say.
const CLONES_ALONE: (SignedDuration, SignedDuration, SignedDuration) = (
    SignedDuration::from_hours(6),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(12),
);
/// What failed is asked again after the first wait, then ever more rarely up to the second.
const FAILED_GAPS: (SignedDuration, SignedDuration) =
    (SignedDuration::from_mins(2), SignedDuration::from_hours(6));

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

/// From when on an endpoint of a repository is worth asking, for a collector that watches.
///
/// The moment may lie in the past. What was never asked is due at [`Timestamp::MIN`].
#[must_use]
pub fn due_at(held: &Held, endpoint: Endpoint) -> Timestamp {
    due_by(held, endpoint, &OnceCell::new())
}

/// As [`due_at`]; the probes are reckoned once, since that takes longer than all the rest.
fn due_by(held: &Held, endpoint: Endpoint, expected: &OnceCell<Probes>) -> Timestamp {
    let Some(asked) = held.asked(endpoint) else {
        return Timestamp::MIN;
    };
    if let Some(since) = asked.failed_since {
        return retry_at(since, asked.asked_at);
    }
    match endpoint {
        Endpoint::Views => views_due_at(&asked, || *expected.get_or_init(|| probes(held))),
        Endpoint::Clones => match behind_views(held, &asked) {
            Some(due) => due,
            None => clones_due_at(&asked, || *expected.get_or_init(|| probes(held))),
        },
        _ => behind_views(held, &asked).unwrap_or(Timestamp::MAX),
    }
}

/// When what has been failing since a moment, and failed last at another, is tried again: ever more
/// rarely.
#[must_use]
pub fn retry_at(since: Timestamp, failed_at: Timestamp) -> Timestamp {
    plus(failed_at, growing(failed_at, since, FAILED_GAPS))
}

/// The earliest moment at which anything of a repository is worth asking.
#[must_use]
pub fn next(held: &Held) -> Timestamp {
    let expected = OnceCell::new();
    let all = Endpoint::TRAFFIC.into_iter();
    all.map(|endpoint| due_by(held, endpoint, &expected))
        .min()
        .unwrap_or(Timestamp::MIN)
}

/// Whether an endpoint is worth asking in a single pass, which cannot come back at a better moment:
/// whenever a new day can be there.
#[must_use]
pub fn is_worth(held: &Held, endpoint: Endpoint, now: Timestamp) -> bool {
    let Some(asked) = held.asked(endpoint) else {
        return true;
    };
    // An answer from the future came from a clock that was wrong, and decides nothing.
    let is_from_the_future =
        asked.asked_at > now || asked.newest.is_some_and(|newest| newest >= Day::of(now));
    if is_from_the_future || asked.failed_since.is_some() {
        return true;
    }
    let is_old = now.duration_since(asked.asked_at) >= ASK_AGAIN;
    if endpoint == Endpoint::Views {
        return is_old && asked.newest < Some(newest_publishable(now));
    }
    let Some(views) = held.asked(Endpoint::Views) else {
        return false;
    };
    if asked.newest < views.newest {
        return is_old || views.watched_since > asked.asked_at;
    }
    endpoint == Endpoint::Clones && clones_due_at(&asked, || probes(held)) <= now
}

/// Whether anything of a repository is worth asking in a single pass.
#[must_use]
pub fn is_due(held: &Held, now: Timestamp) -> bool {
    let mut all = Endpoint::TRAFFIC.into_iter();
    all.any(|endpoint| is_worth(held, endpoint, now))
}

/// Where a repository stands in the queue; the smallest goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn {
    /// The newest day held: the one after it is the next to be lost. Nothing is held of a new
    /// repository, whose oldest day may be lost today.
    pub newest: Option<Day>,
    /// Since when it has been due.
    pub due_at: Timestamp,
}

impl Turn {
    /// The place of a repository.
    #[must_use]
    pub fn of(held: &Held) -> Self {
        Self {
            newest: held.newest(),
            due_at: next(held),
        }
    }
}

/// How long after its end a day is probed.
type Probes = [SignedDuration; 3];

/// How long after its end a day is probed. The last probe does not wait for the rare late day: one
/// day that came late, or was answered late, would else delay all that follow.
fn probes(held: &Held) -> Probes {
    let [first, second, third] = PROBES.map(|part| held.rhythm.offset_at(part));
    [first, second, third.min(second + LAST_PROBE)]
}

/// How long after its end a day is overdue.
fn usual(held: &Held) -> SignedDuration {
    let [.., last] = probes(held);
    last
}

/// The next probe for views: at the hours when the day after the newest one is likely there, and
/// ever more rarely once it is overdue.
fn views_due_at(asked: &Asked, probes: impl FnOnce() -> Probes) -> Timestamp {
    let Some(answered_at) = asked.answered_at else {
        return Timestamp::MIN;
    };
    let Some(newest) = asked.newest else {
        // Nothing was ever published of it.
        let gap = growing(answered_at, asked.watched_since, OVERDUE_GAPS);
        return plus(answered_at, gap);
    };
    // Answered when that day was running or to come: a clock was wrong.
    if newest >= Day::of(answered_at) {
        return Timestamp::MIN;
    }
    let ended = newest.plus(1).end();
    let probes = probes().map(|offset| plus(ended, offset));
    let ahead = |probe: &&Timestamp| **probe > answered_at;
    let Some(first) = probes.iter().find(ahead) else {
        let usual = probes[PROBES.len() - 1];
        let since = asked.watched_since.max(usual);
        return plus(answered_at, growing(answered_at, since, OVERDUE_GAPS));
    };
    // Probes that would follow at once are put together into the last of them.
    let last = probes
        .iter()
        .rfind(|probe| probe.duration_since(*first) < PROBE_GAP)
        .unwrap_or(first);
    (*last).max(plus(answered_at, PROBE_GAP))
}

/// When to ask what is behind views: at once where views have moved since, and then ever more
/// rarely. Nothing where it is not behind.
fn behind_views(held: &Held, asked: &Asked) -> Option<Timestamp> {
    let views = held.asked(Endpoint::Views)?;
    if asked.newest >= views.newest {
        return None;
    }
    if views.watched_since > asked.asked_at {
        return Some(views.watched_since);
    }
    // It has been missed only since views have shown the day.
    let since = asked.watched_since.max(views.watched_since);
    let gap = growing(asked.asked_at, since, OVERDUE_GAPS);
    Some(plus(asked.asked_at, gap))
}

/// Clones are asked by themselves where views stay away: they may stall alone.
fn clones_due_at(asked: &Asked, probes: impl FnOnce() -> Probes) -> Timestamp {
    let (patience, least, most) = CLONES_ALONE;
    let Some(newest) = asked.newest else {
        return plus(asked.asked_at, most);
    };
    let [.., last] = probes();
    let usual = plus(newest.plus(1).end(), last);
    let alone = plus(usual, patience);
    if asked.asked_at < alone {
        return alone;
    }
    let since = asked.watched_since.max(alone);
    plus(
        asked.asked_at,
        growing(asked.asked_at, since, (least, most)),
    )
}

/// Half of the time that has passed, between a least and a most: waits that grow by half each time.
fn growing(
    now: Timestamp,
    since: Timestamp,
    (least, most): (SignedDuration, SignedDuration),
) -> SignedDuration {
    (now.duration_since(since) / 2).clamp(least, most)
}

fn plus(at: Timestamp, wait: SignedDuration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// Whether an answer is held that came from a clock far ahead, so that what is held decides nothing.
#[must_use]
pub fn is_from_the_future(held: &Held, now: Timestamp) -> bool {
    const TOLERATED: SignedDuration = SignedDuration::from_hours(1);
    let mut asked = Endpoint::TRAFFIC
        .into_iter()
        .filter_map(|endpoint| held.asked(endpoint));
    asked.any(|asked| asked.asked_at > plus(now, TOLERATED))
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

    /// Everything up to one day, answered at one moment.
    fn held(newest: &str, asked_at: &str) -> Held {
        let mut held = Held::default();
        for endpoint in Endpoint::TRAFFIC {
            let mut asked = Asked::first(at(asked_at));
            asked.answer(Some(day(newest)), at(asked_at));
            held.set(endpoint, asked);
        }
        held
    }

    fn answer(held: &mut Held, endpoint: Endpoint, newest: &str, answered_at: Timestamp) {
        let mut asked = held.asked(endpoint).unwrap();
        asked.answer(Some(day(newest)), answered_at);
        held.set(endpoint, asked);
    }

    fn fail(held: &mut Held, endpoint: Endpoint, failed_at: Timestamp) {
        let mut asked = held.asked(endpoint).unwrap();
        asked.fail(failed_at);
        held.set(endpoint, asked);
    }

    /// The hours at which views are probed from a moment on, while nothing new comes.
    fn probes(held: &mut Held, number: usize) -> Vec<String> {
        let newest = held.newest().unwrap().to_string();
        (0..number)
            .map(|_| {
                let due = due_at(held, Endpoint::Views);
                answer(held, Endpoint::Views, &newest, due);
                format!("{due:.0}")
            })
            .collect()
    }

    #[test]
    fn a_day_is_probed_when_it_is_likely_there_and_more_rarely_once_it_is_overdue() {
        let mut held = held("2026-03-09", "2026-03-10T09:00:00Z");
        assert_eq!(
            probes(&mut held, 12),
            [
                "2026-03-11T07:16:00Z",
                "2026-03-11T08:01:00Z",
                "2026-03-11T08:33:00Z",
                "2026-03-11T08:48:00Z",
                "2026-03-11T09:03:00Z",
                "2026-03-11T09:18:00Z",
                "2026-03-11T09:40:30Z",
                "2026-03-11T10:14:15Z",
                "2026-03-11T11:04:52Z",
                "2026-03-11T12:20:48Z",
                "2026-03-11T14:14:42Z",
                "2026-03-11T17:05:33Z",
            ]
        );
    }

    #[test]
    fn a_stale_answer_is_followed_by_a_question_soon() {
        let mut held = held("2026-03-09", "2026-03-10T09:00:00Z");
        // Twelve days of our own silence, then a window that ends seven days ago.
        let woke = at("2026-03-22T12:00:00Z");
        assert!(next(&held) < woke);
        answer(&mut held, Endpoint::Views, "2026-03-14", woke);
        let quarter = at("2026-03-22T12:15:00Z");
        assert_eq!(due_at(&held, Endpoint::Views), quarter);
        // One that is older than what is held.
        answer(&mut held, Endpoint::Views, "2026-03-07", quarter);
        assert_eq!(due_at(&held, Endpoint::Views), at("2026-03-22T12:30:00Z"));
    }

    #[test]
    fn the_rest_is_asked_once_views_have_shown_the_new_day() {
        let mut held = held("2026-03-09", "2026-03-10T09:00:00Z");
        assert_eq!(due_at(&held, Endpoint::Paths), Timestamp::MAX);
        let seen = at("2026-03-11T08:01:00Z");
        assert!(due_at(&held, Endpoint::Clones) > seen);
        answer(&mut held, Endpoint::Views, "2026-03-10", seen);
        for endpoint in [Endpoint::Clones, Endpoint::Referrers, Endpoint::Paths] {
            assert_eq!(due_at(&held, endpoint), seen, "{endpoint}");
        }
        // Clones that end a day earlier are asked again, ever more rarely.
        answer(&mut held, Endpoint::Clones, "2026-03-09", seen);
        assert_eq!(due_at(&held, Endpoint::Clones), at("2026-03-11T08:16:00Z"));
        answer(
            &mut held,
            Endpoint::Clones,
            "2026-03-09",
            at("2026-03-11T08:16:00Z"),
        );
        assert_eq!(due_at(&held, Endpoint::Clones), at("2026-03-11T08:31:00Z"));
    }

    #[test]
    fn clones_are_asked_alone_where_views_stay_away() {
        let held = held("2026-03-09", "2026-03-10T09:00:00Z");
        assert_eq!(due_at(&held, Endpoint::Clones), at("2026-03-11T14:33:00Z"));
    }

    #[test]
    fn what_failed_is_asked_again_ever_more_rarely() {
        let mut held = held("2026-03-09", "2026-03-10T09:00:00Z");
        let mut waits = Vec::new();
        let mut now = at("2026-03-10T10:00:00Z");
        for _ in 0..14 {
            fail(&mut held, Endpoint::Referrers, now);
            let due = next(&held);
            waits.push(due.duration_since(now).as_secs() / 60);
            now = due;
        }
        assert_eq!(waits, [2, 2, 2, 3, 4, 6, 10, 15, 22, 34, 51, 76, 115, 172]);
    }

    #[test]
    fn who_is_nearest_to_losing_a_day_goes_first_and_then_who_waits_longest() {
        let new = Turn::of(&Held::default());
        let old = Turn::of(&held("2026-03-01", "2026-03-10T09:00:00Z"));
        let early = Turn::of(&held("2026-03-09", "2026-03-10T07:00:00Z"));
        let mut late = held("2026-03-09", "2026-03-10T09:00:00Z");
        answer(
            &mut late,
            Endpoint::Views,
            "2026-03-09",
            at("2026-03-11T07:16:00Z"),
        );
        let mut turns = [Turn::of(&late), early, old, new];
        turns.sort_unstable();
        assert_eq!(turns, [new, old, early, Turn::of(&late)]);
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
        fail(&mut failed, Endpoint::Paths, at("2026-03-10T09:00:00Z"));
        assert!(is_due(&failed, now));
    }

    #[test]
    fn a_metric_that_is_behind_makes_the_repository_due() {
        let mut held = held("2026-03-08", "2026-03-10T09:00:00Z");
        let later = at("2026-03-10T09:01:00Z");
        answer(&mut held, Endpoint::Views, "2026-03-09", later);
        assert!(is_due(&held, later));
        answer(&mut held, Endpoint::Clones, "2026-03-08", later);
        assert!(!is_worth(&held, Endpoint::Clones, later));
        assert!(is_worth(
            &held,
            Endpoint::Clones,
            at("2026-03-10T09:11:00Z")
        ));
    }

    #[test]
    fn an_answer_from_the_future_decides_nothing() {
        let held = held("2036-03-09", "2036-03-10T09:00:00Z");
        assert!(is_due(&held, at("2026-03-10T23:00:00Z")));
    }
}
