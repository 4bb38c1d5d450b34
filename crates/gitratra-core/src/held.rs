//! What is held of one repository, as far as it decides when to ask again.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use crate::rhythm::Rhythm;
use crate::{Day, Endpoint, Metric};

/// After so long without a question nobody was watching, and watching begins anew.
const UNWATCHED: SignedDuration = SignedDuration::from_hours(13);

/// How one endpoint of a repository stands. Times are the server's; held they are to the second, as
/// they are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// When it was last asked.
    pub asked_at: Timestamp,
    /// When it was last answered well.
    pub answered_at: Option<Timestamp>,
    /// The newest published day that was ever in an answer; of ranked lists the last day of the
    /// newest window.
    pub newest: Option<Day>,
    /// Since when it has been asked without a long pause and without a newer day.
    pub watched_since: Timestamp,
    /// Since when it has been failing, where the last answer was not good.
    pub failed_since: Option<Timestamp>,
}

impl Asked {
    /// Asked for the first time, and not answered yet.
    #[must_use]
    pub const fn first(asked_at: Timestamp) -> Self {
        Self {
            asked_at,
            answered_at: None,
            newest: None,
            watched_since: asked_at,
            failed_since: None,
        }
    }

    /// Takes in a good answer that was made at `at` and reaches to `newest`; an answer that repeats
    /// the one before reaches as far as that did. An older day never takes a newer one back.
    pub fn answer(&mut self, newest: Option<Day>, at: Timestamp) {
        let is_news = newest > self.newest;
        if is_news || at.duration_since(self.asked_at) > UNWATCHED {
            self.watched_since = at;
        }
        self.newest = self.newest.max(newest);
        self.asked_at = at;
        self.answered_at = Some(at);
        self.failed_since = None;
    }

    /// Takes in that no good answer came at `at`.
    pub fn fail(&mut self, at: Timestamp) {
        self.asked_at = at;
        self.failed_since = self.failed_since.or(Some(at));
    }
}

const TRAFFIC: usize = Endpoint::TRAFFIC.len();
const OTHERS: usize = Endpoint::OTHERS.len();

/// An [`Asked`] in less than half the room: a collector holds ten of each of a hundred thousand
/// repositories. Times are in seconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Packed {
    asked_at: i64,
    watched_since: i64,
    /// [`NEVER`] where there was none.
    answered_at: i64,
    failed_since: i64,
    newest: Option<Day>,
}

const NEVER: i64 = i64::MIN;

impl From<Asked> for Packed {
    fn from(asked: Asked) -> Self {
        let secs = |at: Option<Timestamp>| at.map_or(NEVER, Timestamp::as_second);
        Self {
            asked_at: asked.asked_at.as_second(),
            watched_since: asked.watched_since.as_second(),
            answered_at: secs(asked.answered_at),
            failed_since: secs(asked.failed_since),
            newest: asked.newest,
        }
    }
}

impl From<Packed> for Asked {
    fn from(packed: Packed) -> Self {
        // Every one of them was a time before.
        let time = |secs| Timestamp::from_second(secs).unwrap_or_default();
        let some = |secs| (secs != NEVER).then(|| time(secs));
        Self {
            asked_at: time(packed.asked_at),
            watched_since: time(packed.watched_since),
            answered_at: some(packed.answered_at),
            failed_since: some(packed.failed_since),
            newest: packed.newest,
        }
    }
}

/// What is held of one repository.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Held {
    /// In the order of [`Endpoint::TRAFFIC`], then of [`Endpoint::OTHERS`].
    asked: [Option<Packed>; TRAFFIC + OTHERS],
    /// When its days are published.
    pub rhythm: Rhythm,
}

impl Held {
    /// How an endpoint stands; nothing where it was never asked, or is not asked of repositories.
    #[must_use]
    pub fn asked(&self, endpoint: Endpoint) -> Option<Asked> {
        self.asked[place(endpoint)?].map(Asked::from)
    }

    /// Sets how an endpoint stands; what is not asked of repositories is left out.
    pub fn set(&mut self, endpoint: Endpoint, asked: Asked) {
        if let Some(place) = place(endpoint) {
            self.asked[place] = Some(asked.into());
        }
    }

    /// The newest day of a metric.
    #[must_use]
    pub fn newest_of(&self, metric: Metric) -> Option<Day> {
        self.asked(metric.into())?.newest
    }

    /// The newest day of which both metrics are held.
    #[must_use]
    pub fn newest(&self) -> Option<Day> {
        let newest = |metric| self.newest_of(metric);
        Some(newest(Metric::Views)?.min(newest(Metric::Clones)?))
    }

    /// The newest day of which any metric is held.
    #[must_use]
    pub fn newest_of_any(&self) -> Option<Day> {
        self.newest_of(Metric::Views)
            .max(self.newest_of(Metric::Clones))
    }

    /// The last day of the newest window of which both ranked lists are held.
    #[must_use]
    pub fn rankings(&self) -> Option<Day> {
        let newest = |endpoint| self.asked(endpoint).and_then(|asked| asked.newest);
        Some(newest(Endpoint::Referrers)?.min(newest(Endpoint::Paths)?))
    }

    /// When each of the four of traffic was asked at least once since; nothing where one never was.
    #[must_use]
    pub fn asked_at(&self) -> Option<Timestamp> {
        let times = self.traffic().map(|asked| Some(asked?.asked_at));
        times.min()?
    }

    /// Whether the last answer of any of the four of traffic was not good.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        let mut asked = self.traffic().flatten();
        asked.any(|asked| asked.failed_since.is_some())
    }

    /// How the four of traffic stand.
    fn traffic(&self) -> impl Iterator<Item = Option<Asked>> {
        let packed = self.asked.iter().take(TRAFFIC);
        packed.map(|packed| packed.map(Asked::from))
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = Endpoint::TRAFFIC.into_iter().chain(Endpoint::OTHERS);
        let asked = all.filter_map(|endpoint| Some((endpoint, self.asked(endpoint)?)));
        f.debug_map()
            .entries(asked)
            .entry(&"rhythm", &self.rhythm)
            .finish()
    }
}

fn place(endpoint: Endpoint) -> Option<usize> {
    Endpoint::TRAFFIC
        .into_iter()
        .chain(Endpoint::OTHERS)
        .position(|known| known == endpoint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn day(text: &str) -> Option<Day> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn what_is_held_takes_little_room_and_is_given_back_to_the_second() {
        assert!(2 * size_of::<Option<Packed>>() < size_of::<Option<Asked>>());
        let asked = Asked {
            asked_at: at("2026-03-10T12:00:01.75Z"),
            answered_at: Some(at("2026-03-10T12:00:00Z")),
            newest: day("2026-03-09"),
            watched_since: at("2026-03-01T00:00:00Z"),
            failed_since: None,
        };
        let mut held = Held::default();
        held.set(Endpoint::Paths, asked);
        let expected = Asked {
            asked_at: at("2026-03-10T12:00:01Z"),
            ..asked
        };
        assert_eq!(held.asked(Endpoint::Paths), Some(expected));
        assert_eq!(held.asked(Endpoint::Views), None);
        let never = Asked {
            answered_at: None,
            failed_since: Some(asked.asked_at),
            newest: None,
            ..expected
        };
        held.set(Endpoint::Paths, never);
        let failed_since = Some(expected.asked_at);
        let expected = Asked {
            failed_since,
            ..never
        };
        assert_eq!(held.asked(Endpoint::Paths), Some(expected));
    }

    #[test]
    fn an_older_answer_takes_nothing_back() {
        let mut asked = Asked::first(at("2026-03-10T07:00:00Z"));
        asked.answer(day("2026-03-09"), at("2026-03-10T07:00:00Z"));
        asked.answer(day("2026-03-04"), at("2026-03-10T08:00:00Z"));
        assert_eq!(asked.newest, day("2026-03-09"));
        assert_eq!(asked.watched_since, at("2026-03-10T07:00:00Z"));
        assert_eq!(asked.answered_at, Some(at("2026-03-10T08:00:00Z")));
    }

    #[test]
    fn watching_begins_anew_after_a_new_day_and_after_a_long_pause() {
        let mut asked = Asked::first(at("2026-03-10T07:00:00Z"));
        asked.answer(day("2026-03-08"), at("2026-03-10T07:00:00Z"));
        asked.answer(day("2026-03-09"), at("2026-03-10T09:00:00Z"));
        assert_eq!(asked.watched_since, at("2026-03-10T09:00:00Z"));
        asked.answer(day("2026-03-09"), at("2026-03-10T13:00:00Z"));
        assert_eq!(asked.watched_since, at("2026-03-10T09:00:00Z"));
        asked.answer(day("2026-03-04"), at("2026-03-22T13:00:00Z"));
        assert_eq!(asked.watched_since, at("2026-03-22T13:00:00Z"));
    }

    #[test]
    fn the_first_failure_is_remembered_until_an_answer_comes() {
        let mut asked = Asked::first(at("2026-03-10T07:00:00Z"));
        asked.fail(at("2026-03-10T07:00:00Z"));
        asked.fail(at("2026-03-10T08:00:00Z"));
        assert_eq!(asked.failed_since, Some(at("2026-03-10T07:00:00Z")));
        asked.answer(None, at("2026-03-10T09:00:00Z"));
        assert_eq!(asked.failed_since, None);
    }

    #[test]
    fn everything_counts_only_once_all_four_were_asked() {
        let mut held = Held::default();
        let time = at("2026-03-10T07:00:00Z");
        for endpoint in [Endpoint::Views, Endpoint::Clones, Endpoint::Referrers] {
            held.set(endpoint, Asked::first(time));
        }
        assert_eq!(held.asked_at(), None);
        held.set(Endpoint::Paths, Asked::first(time));
        assert_eq!(held.asked_at(), Some(time));
        held.set(Endpoint::Repository, Asked::first(time));
        assert_eq!(held.asked(Endpoint::Repository), None);
    }
}
