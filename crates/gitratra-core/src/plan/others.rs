//! When to ask what else GitHub knows of a repository: weeks, stars, releases, counters and workflow
//! runs. None of it is lost by waiting some days as traffic is, so it comes after traffic and costs
//! less: of each repository two questions a week about weeks, one a week about stars (one a day
//! until their whole past is read), one a day about releases where there are any (of more than a
//! hundred one page a day on average), a hundredth of one a day about counters, and one a day about
//! workflow runs where they are wanted.

use jiff::{SignedDuration, Timestamp};

use super::{growing, plus};
use crate::held::{Asked, Held};
use crate::star::{StarHistory, StarWeek};
use crate::week::Week;
use crate::{Day, DayRange, Endpoint, Metric};

/// How much of what does not belong to traffic is held of one repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    /// The days up to the newest one of which stars were read without a hole, from [`Day::MIN`] on
    /// where the whole past was.
    pub stars: Option<DayRange>,
    /// Whether a release is known that was not deleted.
    pub has_releases: bool,
    /// How many releases the newest counters told of, where they did.
    pub releases_told: Option<u64>,
}

const DAY: SignedDuration = SignedDuration::from_hours(24);
const WEEK: SignedDuration = SignedDuration::from_hours(24 * 7);
/// What failed is asked again after the first wait, then ever more rarely up to the second: what a
/// credential may not see stays so for long.
const FAILED_GAPS: (SignedDuration, SignedDuration) = (SignedDuration::from_hours(12), WEEK);
/// A week that was asked for and not told is asked for again within these waits.
const WEEK_GAPS: (SignedDuration, SignedDuration) = (SignedDuration::from_hours(6), DAY);
/// Releases that one request tells of.
const RELEASES_A_PAGE: u64 = 100;
/// A day's workflow runs are counted once they have surely begun.
const RUNS_AFTER: SignedDuration = SignedDuration::from_hours(1);
/// Days of workflow runs that are made up for.
const RUNS_BACK: i64 = 14;

/// From when on one of [`Endpoint::OTHERS`] is worth asking; never ([`Timestamp::MAX`]) before
/// traffic was answered, or while that fails. What is wanted only where somebody says so is not
/// asked for here: that is the caller's to know.
#[must_use]
pub fn other_due_at(held: &Held, extent: &Extent, endpoint: Endpoint, now: Timestamp) -> Timestamp {
    let views = held.asked(Endpoint::Views);
    if views.is_none_or(|views| views.answered_at.is_none()) || held.has_failed() {
        return Timestamp::MAX;
    }
    let asked = held.asked(endpoint);
    // An answer from the future came from a clock that was wrong, and decides nothing.
    let asked = asked.filter(|asked| asked.asked_at <= now);
    if let Some(asked) = asked
        && let Some(since) = asked.failed_since
    {
        let gap = growing(asked.asked_at, since, FAILED_GAPS);
        return plus(asked.asked_at, gap);
    }
    match endpoint {
        Endpoint::ViewsByWeek => week_due_at(held, Metric::Views, asked),
        Endpoint::ClonesByWeek => week_due_at(held, Metric::Clones, asked),
        Endpoint::Stars => after(asked, stars_hold(extent)),
        Endpoint::Releases => after(asked, releases_hold(extent)),
        Endpoint::Counters => after_day(asked, now),
        Endpoint::WorkflowRuns => plus(workflow_day(held, now).end(), RUNS_AFTER),
        _ => Timestamp::MAX,
    }
}

/// The page of the history of stars that is to be read next: the newest, but while the past is not
/// known as a whole, the one with the days before those that are.
#[must_use]
pub fn star_page(extent: &Extent, now: Timestamp) -> u32 {
    let today = Day::of(now);
    let is_fresh = |stars: &DayRange| today.days_since(stars.last()) < Week::DAYS;
    match extent.stars.filter(is_fresh) {
        Some(stars) if stars.first() > Day::MIN => {
            let before = stars.first().plus(-1);
            let weeks = StarWeek::last_of(today).days_since(before) / Week::DAYS;
            let page = u32::try_from(weeks).unwrap_or(u32::MAX) / StarHistory::PAGE + 1;
            page.min(StarHistory::PAGES)
        }
        _ => 1,
    }
}

/// The UTC days of which workflow runs are to be counted: yesterday, and what was missed before, a
/// request each.
pub fn workflow_days(held: &Held, now: Timestamp) -> impl Iterator<Item = Day> + use<> {
    let last = Day::of(plus(now, -RUNS_AFTER)).plus(-1);
    let days = DayRange::new(workflow_day(held, now), last);
    days.into_iter().flat_map(DayRange::iter)
}

/// The UTC day of which workflow runs are counted next.
fn workflow_day(held: &Held, now: Timestamp) -> Day {
    let today = Day::of(now);
    let told = held
        .asked(Endpoint::WorkflowRuns)
        .and_then(|asked| asked.newest);
    let next = told.map_or(today.plus(-1), |told| told.plus(1));
    next.clamp(today.plus(-RUNS_BACK), today)
}

fn week_due_at(held: &Held, metric: Metric, asked: Option<Asked>) -> Timestamp {
    let Some(newest) = held.newest_of(metric) else {
        return Timestamp::MAX;
    };
    // The newest Sunday that is published.
    let sunday = Week::of(newest.plus(1)).monday().plus(-1);
    match asked {
        Some(asked) if asked.newest >= Some(sunday) => Timestamp::MAX,
        // It was asked for, and not told.
        Some(asked) if asked.asked_at > sunday.end() => {
            let gap = growing(asked.asked_at, sunday.end(), WEEK_GAPS);
            plus(asked.asked_at, gap)
        }
        _ => Timestamp::MIN,
    }
}

/// How long the last answer about stars is believed.
fn stars_hold(extent: &Extent) -> SignedDuration {
    match extent.stars {
        Some(stars) if stars.first() > Day::MIN => DAY,
        _ => WEEK,
    }
}

/// How long the last answer about releases is believed: a day for each page that it takes.
fn releases_hold(extent: &Extent) -> SignedDuration {
    let told = extent.releases_told.unwrap_or(0);
    if told == 0 && !extent.has_releases {
        return WEEK;
    }
    let pages = told.div_ceil(RELEASES_A_PAGE).clamp(1, 7);
    DAY * i32::try_from(pages).unwrap_or(1)
}

/// So long after the last good answer, or at once.
fn after(asked: Option<Asked>, hold: SignedDuration) -> Timestamp {
    let answered_at = asked.and_then(|asked| asked.answered_at);
    answered_at.map_or(Timestamp::MIN, |at| plus(at, hold))
}

/// Once on each UTC day.
fn after_day(asked: Option<Asked>, now: Timestamp) -> Timestamp {
    match asked.and_then(|asked| asked.newest) {
        Some(newest) if newest <= Day::of(now) => newest.end(),
        _ => Timestamp::MIN,
    }
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

    /// Traffic up to a day, answered on the morning after it.
    fn held(newest: &str) -> Held {
        let mut held = Held::default();
        let newest = day(newest);
        for endpoint in Endpoint::TRAFFIC {
            let read_at = plus(newest.end(), SignedDuration::from_hours(9));
            let mut asked = Asked::first(read_at);
            asked.answer(Some(newest), read_at);
            held.set(endpoint, asked);
        }
        held
    }

    fn answer(held: &mut Held, endpoint: Endpoint, newest: &str, answered_at: &str) {
        let before = held.asked(endpoint);
        let mut asked = before.unwrap_or_else(|| Asked::first(at(answered_at)));
        asked.answer(Some(day(newest)), at(answered_at));
        held.set(endpoint, asked);
    }

    fn due(held: &Held, extent: &Extent, endpoint: Endpoint, now: &str) -> bool {
        other_due_at(held, extent, endpoint, at(now)) <= at(now)
    }

    #[test]
    fn nothing_is_asked_before_traffic_or_while_that_fails() {
        let extent = Extent::default();
        let now = "2026-03-10T10:00:00Z";
        for endpoint in Endpoint::OTHERS {
            assert!(!due(&Held::default(), &extent, endpoint, now), "{endpoint}");
            let mut failing = held("2026-03-09");
            assert!(due(&failing, &extent, endpoint, now), "{endpoint}");
            let mut views = failing.asked(Endpoint::Views).unwrap();
            views.fail(at("2026-03-10T09:30:00Z"));
            failing.set(Endpoint::Views, views);
            assert!(!due(&failing, &extent, endpoint, now), "{endpoint}");
        }
    }

    #[test]
    fn weeks_are_asked_for_once_their_sunday_is_published() {
        let extent = Extent::default();
        let mut weeks = held("2026-03-14");
        answer(
            &mut weeks,
            Endpoint::ViewsByWeek,
            "2026-03-08",
            "2026-03-09T10:00:00Z",
        );
        assert!(!due(
            &weeks,
            &extent,
            Endpoint::ViewsByWeek,
            "2026-03-15T23:00:00Z"
        ));
        let mut weeks = held("2026-03-15");
        answer(
            &mut weeks,
            Endpoint::ViewsByWeek,
            "2026-03-08",
            "2026-03-09T10:00:00Z",
        );
        assert!(due(
            &weeks,
            &extent,
            Endpoint::ViewsByWeek,
            "2026-03-16T09:00:00Z"
        ));
        // What the answer did not bring is asked for again, but not at once.
        answer(
            &mut weeks,
            Endpoint::ViewsByWeek,
            "2026-03-08",
            "2026-03-16T09:00:00Z",
        );
        assert!(!due(
            &weeks,
            &extent,
            Endpoint::ViewsByWeek,
            "2026-03-16T14:00:00Z"
        ));
        assert!(due(
            &weeks,
            &extent,
            Endpoint::ViewsByWeek,
            "2026-03-16T16:00:00Z"
        ));
        answer(
            &mut weeks,
            Endpoint::ViewsByWeek,
            "2026-03-15",
            "2026-03-16T16:00:00Z",
        );
        assert!(!due(
            &weeks,
            &extent,
            Endpoint::ViewsByWeek,
            "2026-03-22T16:00:00Z"
        ));
    }

    #[test]
    fn the_past_of_stars_is_read_a_page_a_day_and_then_they_are_read_once_a_week() {
        let mut stars = held("2026-03-09");
        let mut extent = Extent::default();
        assert_eq!(star_page(&extent, at("2026-03-10T10:00:00Z")), 1);
        answer(
            &mut stars,
            Endpoint::Stars,
            "2026-03-10",
            "2026-03-10T10:00:00Z",
        );
        // Thirty weeks, the running one among them.
        extent.stars = DayRange::new(day("2025-08-17"), day("2026-03-10"));
        assert!(!due(
            &stars,
            &extent,
            Endpoint::Stars,
            "2026-03-11T09:00:00Z"
        ));
        assert!(due(
            &stars,
            &extent,
            Endpoint::Stars,
            "2026-03-11T10:00:00Z"
        ));
        assert_eq!(star_page(&extent, at("2026-03-11T10:00:00Z")), 2);
        assert_eq!(star_page(&extent, at("2026-03-16T10:00:00Z")), 2);
        // The newest are not forgotten over it.
        assert_eq!(star_page(&extent, at("2026-03-17T10:00:00Z")), 1);
        extent.stars = DayRange::new(Day::MIN, day("2026-03-11"));
        assert_eq!(star_page(&extent, at("2026-03-12T10:00:00Z")), 1);
        assert!(!due(
            &stars,
            &extent,
            Endpoint::Stars,
            "2026-03-17T09:00:00Z"
        ));
        assert!(due(
            &stars,
            &extent,
            Endpoint::Stars,
            "2026-03-17T10:00:00Z"
        ));
    }

    #[test]
    fn releases_are_read_daily_where_there_are_any() {
        let mut releases = held("2026-03-09");
        let none = Extent::default();
        answer(
            &mut releases,
            Endpoint::Releases,
            "2026-03-10",
            "2026-03-10T10:00:00Z",
        );
        assert!(!due(
            &releases,
            &none,
            Endpoint::Releases,
            "2026-03-16T10:00:00Z"
        ));
        assert!(due(
            &releases,
            &none,
            Endpoint::Releases,
            "2026-03-17T10:00:00Z"
        ));
        let known = Extent {
            has_releases: true,
            ..none
        };
        let told = Extent {
            releases_told: Some(1),
            ..none
        };
        for extent in [known, told] {
            assert!(!due(
                &releases,
                &extent,
                Endpoint::Releases,
                "2026-03-11T09:00:00Z"
            ));
            assert!(due(
                &releases,
                &extent,
                Endpoint::Releases,
                "2026-03-11T10:00:00Z"
            ));
        }
    }

    #[test]
    fn releases_of_several_pages_cost_a_page_a_day() {
        let mut releases = held("2026-03-09");
        answer(
            &mut releases,
            Endpoint::Releases,
            "2026-03-10",
            "2026-03-10T10:00:00Z",
        );
        let extent = Extent {
            has_releases: true,
            releases_told: Some(250),
            ..Extent::default()
        };
        assert!(!due(
            &releases,
            &extent,
            Endpoint::Releases,
            "2026-03-13T09:00:00Z"
        ));
        assert!(due(
            &releases,
            &extent,
            Endpoint::Releases,
            "2026-03-13T10:00:00Z"
        ));
    }

    #[test]
    fn counters_are_asked_for_once_a_day_and_runs_once_their_day_is_over() {
        let mut counted = held("2026-03-09");
        let extent = Extent::default();
        answer(
            &mut counted,
            Endpoint::Counters,
            "2026-03-10",
            "2026-03-10T10:00:00Z",
        );
        assert!(!due(
            &counted,
            &extent,
            Endpoint::Counters,
            "2026-03-10T23:59:59Z"
        ));
        assert!(due(
            &counted,
            &extent,
            Endpoint::Counters,
            "2026-03-11T00:00:00Z"
        ));
        let now = at("2026-03-10T10:00:00Z");
        assert_eq!(workflow_day(&counted, now), day("2026-03-09"));
        answer(
            &mut counted,
            Endpoint::WorkflowRuns,
            "2026-03-09",
            "2026-03-10T10:00:00Z",
        );
        assert!(!due(
            &counted,
            &extent,
            Endpoint::WorkflowRuns,
            "2026-03-11T00:59:00Z"
        ));
        assert!(due(
            &counted,
            &extent,
            Endpoint::WorkflowRuns,
            "2026-03-11T01:00:00Z"
        ));
        // What was missed is made up for, as far as that is sensible.
        let late = at("2026-05-01T10:00:00Z");
        let missed: Vec<Day> = workflow_days(&counted, late).collect();
        let (first, last) = (day("2026-04-17"), day("2026-04-30"));
        assert_eq!((missed.len(), missed[0], missed[13]), (14, first, last));
        // A day that ended just now is left to the next time.
        let early = at("2026-03-11T00:30:00Z");
        assert_eq!(workflow_days(&counted, early).count(), 0);
    }

    #[test]
    fn what_failed_is_asked_again_ever_more_rarely() {
        let mut failed = held("2026-03-09");
        let extent = Extent::default();
        let mut asked = Asked::first(at("2026-03-10T10:00:00Z"));
        let mut now = at("2026-03-10T10:00:00Z");
        let mut hours = Vec::new();
        for _ in 0..9 {
            asked.fail(now);
            failed.set(Endpoint::Stars, asked);
            let due_at = other_due_at(&failed, &extent, Endpoint::Stars, now);
            hours.push(due_at.duration_since(now).as_hours());
            now = due_at;
        }
        assert_eq!(hours, [12, 12, 12, 18, 27, 40, 60, 91, 136]);
    }
}
