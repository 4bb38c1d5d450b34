//! What is held of one repository, as far as it decides when to ask again.

use jiff::{SignedDuration, Timestamp};

use crate::rhythm::Rhythm;
use crate::{Day, Endpoint, Metric};

/// After so long without a question nobody was watching, and watching begins anew.
const UNWATCHED: SignedDuration = SignedDuration::from_hours(13);

/// How one endpoint of a repository stands. Times are the server's.
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

/// What is held of one repository.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Held {
    /// In the order of [`Endpoint::TRAFFIC`], then of [`Endpoint::OTHERS`].
    asked: [Option<Asked>; TRAFFIC + OTHERS],
    /// When its days are published.
    pub rhythm: Rhythm,
}

impl Held {
    /// How an endpoint stands; nothing where it was never asked, or is not asked of repositories.
    #[must_use]
    pub fn asked(&self, endpoint: Endpoint) -> Option<&Asked> {
        self.asked.get(place(endpoint)?)?.as_ref()
    }

    /// Sets how an endpoint stands; what is not asked of repositories is left out.
    pub fn set(&mut self, endpoint: Endpoint, asked: Asked) {
        if let Some(place) = place(endpoint) {
            self.asked[place] = Some(asked);
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
        let times = self
            .asked
            .iter()
            .take(TRAFFIC)
            .map(|asked| Some(asked.as_ref()?.asked_at));
        times.min()?
    }

    /// Whether the last answer of any of the four of traffic was not good.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        let mut asked = self.asked.iter().take(TRAFFIC).flatten();
        asked.any(|asked| asked.failed_since.is_some())
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
