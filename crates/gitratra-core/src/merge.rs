//! How readings become a history: the join that everything else stands on.
//!
//! What is known about one day of one metric is a [`DayRecord`]. Joining two records takes, field
//! by field, the larger count and the larger uniques, and remembers every distinct value that was
//! given after the day was over. Joining is idempotent, commutative and associative, so answers
//! may arrive late, twice, in any order and from several machines, and the history is the same.
//!
//! The larger value is right in both of GitHub's regimes: until 2025-12-30 the oldest row of a
//! window shrank and the running day grew; since then a row never changes.

use jiff::Timestamp;

use crate::{Count, Day};

/// Where a value came from: 0 is GitHub itself, other numbers are given by the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source(pub u32);

impl Source {
    /// GitHub's own answer.
    pub const GITHUB: Self = Self(0);
}

/// The first and the last time at which something was seen, by the server's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Seen {
    /// The first time.
    pub first: Timestamp,
    /// The last time; not before the first.
    pub last: Timestamp,
}

impl Seen {
    /// Seen once.
    #[must_use]
    pub const fn once(at: Timestamp) -> Self {
        Self {
            first: at,
            last: at,
        }
    }

    /// The span of both.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self {
            first: self.first.min(other.first),
            last: self.last.max(other.last),
        }
    }
}

/// One value that was given for a day, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sighting {
    /// The value.
    pub count: Count,
    /// When it was given.
    pub seen: Seen,
    /// Who gave it; the smallest number where several did.
    pub source: Source,
}

/// Everything known about one day of one metric of one repository.
///
/// Invariant: `best` is the field-by-field largest of all values ever given; `settled` is sorted by
/// value without repeats; `running` is there exactly while nothing was seen after the day's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayRecord {
    day: Day,
    best: Count,
    settled: Vec<Sighting>,
    running: Option<(Seen, Source)>,
}

/// What joining did, from the least to the most that a reader would want to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// The record already said all of it.
    Nothing,
    /// The same value was seen at another time.
    SeenAgain,
    /// Another value was seen, which is smaller and does not count.
    OtherValue,
    /// The value that counts became larger.
    Raised,
    /// The day was known only while it was running, and is now measured.
    Settled,
    /// The day was not known before.
    New,
}

impl DayRecord {
    /// The record that one row of one answer makes.
    #[must_use]
    pub fn of(day: Day, count: Count, read_at: Timestamp, source: Source) -> Self {
        let seen = Seen::once(read_at);
        Self::of_seen(
            day,
            Sighting {
                count,
                seen,
                source,
            },
        )
    }

    /// The record of one value seen over some time, all of it while the day was running or all of
    /// it afterwards (decided by the last time).
    #[must_use]
    pub fn of_seen(day: Day, sighting: Sighting) -> Self {
        let is_running = sighting.seen.last < day.end();
        Self {
            day,
            best: sighting.count,
            settled: if is_running { vec![] } else { vec![sighting] },
            running: is_running.then_some((sighting.seen, sighting.source)),
        }
    }

    /// Puts a stored record together again: the value that counts, and the values given after the
    /// day's end. Without those it is the record of a day seen only while it was running.
    #[must_use]
    pub fn from_parts(day: Day, best: Sighting, sightings: Vec<Sighting>) -> Self {
        let mut record = Self::of_seen(day, best);
        if !sightings.is_empty() {
            record.running = None;
            record.settled = sightings;
            record
                .settled
                .sort_unstable_by_key(|sighting| sighting.count);
            let all = record.settled.iter().map(|sighting| sighting.count);
            record.best = all.fold(record.best, Count::larger);
        }
        record
    }

    /// The day.
    #[must_use]
    pub const fn day(&self) -> Day {
        self.day
    }

    /// The value that counts.
    #[must_use]
    pub const fn best(&self) -> Count {
        self.best
    }

    /// True while the day was only ever seen running, so that its value may still be too small.
    #[must_use]
    pub const fn is_partial(&self) -> bool {
        self.settled.is_empty()
    }

    /// Every distinct value given after the day's end, by size. Of the running day only the value
    /// that counts is kept.
    #[must_use]
    pub fn settled(&self) -> &[Sighting] {
        &self.settled
    }

    /// The value that counts with the time over which anything that counts was seen, as it is
    /// kept in one row.
    #[must_use]
    pub fn row(&self) -> Sighting {
        let spans = self.settled.iter().map(|sighting| sighting.seen);
        let seen = spans
            .reduce(Seen::join)
            .or(self.running.map(|(seen, _)| seen))
            .expect("a record was seen at least once");
        let sources = self.settled.iter().map(|sighting| sighting.source);
        let source = sources
            .min()
            .or(self.running.map(|(_, source)| source))
            .expect("a record was seen at least once");
        Sighting {
            count: self.best,
            seen,
            source,
        }
    }

    /// The sightings that [`DayRecord::row`] does not tell: none where a single value was given.
    #[must_use]
    pub fn sightings_beyond_row(&self) -> &[Sighting] {
        match self.settled.as_slice() {
            [only] if only.count == self.best => &[],
            several => several,
        }
    }

    /// Joins what another record of the same day knows.
    ///
    /// Returns what that changed. Records of different days are never joined; that is a mistake of
    /// the caller and leaves `self` as it is.
    pub fn join(&mut self, other: &Self) -> Change {
        debug_assert_eq!(self.day, other.day, "only records of one day can be joined");
        if self.day != other.day {
            return Change::Nothing;
        }
        let before = self.clone();
        self.best = self.best.larger(other.best);
        for sighting in &other.settled {
            match self
                .settled
                .binary_search_by_key(&sighting.count, |known| known.count)
            {
                Ok(at) => {
                    let known = &mut self.settled[at];
                    known.seen = known.seen.join(sighting.seen);
                    known.source = known.source.min(sighting.source);
                }
                Err(at) => self.settled.insert(at, *sighting),
            }
        }
        self.running = match (self.settled.is_empty(), self.running, other.running) {
            (false, ..) => None,
            (true, Some((seen, source)), Some((more, from))) => {
                Some((seen.join(more), source.min(from)))
            }
            (true, one, two) => one.or(two),
        };
        self.change_since(&before)
    }

    fn change_since(&self, before: &Self) -> Change {
        if *self == *before {
            Change::Nothing
        } else if before.is_partial() && !self.is_partial() {
            Change::Settled
        } else if self.best != before.best {
            Change::Raised
        } else if self.settled.len() > before.settled.len() {
            Change::OtherValue
        } else {
            Change::SeenAgain
        }
    }
}

/// Joins a newly read record into what is known of that day, which may be nothing.
pub fn join(known: &mut Option<DayRecord>, read: DayRecord) -> Change {
    match known {
        Some(record) => record.join(&read),
        None => {
            *known = Some(read);
            Change::New
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::{Metric, Reading};

    type History = BTreeMap<Day, DayRecord>;

    fn read(history: &mut History, reading: &Reading) {
        for (day, count) in reading.facts() {
            let record = DayRecord::of(day, count, reading.read_at(), Source::GITHUB);
            let mut known = history.remove(&day);
            join(&mut known, record);
            history.insert(day, known.unwrap());
        }
    }

    fn history<'a>(readings: impl IntoIterator<Item = &'a Reading>) -> History {
        let mut history = History::new();
        for reading in readings {
            read(&mut history, reading);
        }
        history
    }

    fn joined(mut left: History, right: &History) -> History {
        for (day, record) in right {
            let mut known = left.remove(day);
            join(&mut known, record.clone());
            left.insert(*day, known.unwrap());
        }
        left
    }

    fn count(count: u64, share: u64) -> Count {
        Count::new(count, if count == 0 { 0 } else { 1 + share % count }).unwrap()
    }

    const BASE: i64 = 20_000;

    /// Exactly 14 rows with explicit zeros, ending one to four days ago.
    fn new_regime() -> impl Strategy<Value = Reading> {
        let rows = prop::collection::vec((0_u64..40, any::<u64>()), 14);
        (0_i64..30, 1_i64..5, 0_i64..86_400, rows).prop_map(|(today, lag, secs, rows)| {
            let newest = Day::from_epoch_days(BASE + today - lag).unwrap();
            let rows = rows
                .into_iter()
                .enumerate()
                .map(|(back, (n, share))| {
                    (newest.plus(-i64::try_from(back).unwrap()), count(n, share))
                })
                .collect();
            let now = Timestamp::from_second((BASE + today) * 86_400 + secs).unwrap();
            Reading::new(Metric::Views, now, rows, Count::ZERO).unwrap()
        })
    }

    /// 14 or 15 rows up to the running day, zeros left out, the oldest cut down.
    fn old_regime() -> impl Strategy<Value = Reading> {
        let rows = prop::collection::vec((0_u64..40, any::<u64>()), 14..=15);
        (0_i64..30, 0_i64..86_400, rows).prop_map(|(today, secs, mut rows)| {
            if let Some(oldest) = rows.last_mut() {
                oldest.0 /= 2;
            }
            let newest = Day::from_epoch_days(BASE + today).unwrap();
            let rows = rows
                .into_iter()
                .enumerate()
                .filter(|(_, (n, _))| *n > 0)
                .map(|(back, (n, share))| {
                    (newest.plus(-i64::try_from(back).unwrap()), count(n, share))
                })
                .collect();
            let now = Timestamp::from_second((BASE + today) * 86_400 + secs).unwrap();
            Reading::new(Metric::Views, now, rows, Count::ZERO).unwrap()
        })
    }

    fn readings() -> impl Strategy<Value = Vec<Reading>> {
        prop::collection::vec(prop_oneof![new_regime(), old_regime()], 0..8)
    }

    proptest! {
        #[test]
        fn reading_twice_changes_nothing(readings in readings()) {
            let once = history(&readings);
            let twice = history(readings.iter().chain(&readings));
            prop_assert_eq!(once, twice);
        }

        #[test]
        fn order_does_not_matter(
            (readings, shuffled) in readings().prop_flat_map(|list| {
                (Just(list.clone()), Just(list).prop_shuffle())
            })
        ) {
            prop_assert_eq!(history(&readings), history(&shuffled));
        }

        #[test]
        fn histories_join_in_any_grouping(a in readings(), b in readings(), c in readings()) {
            let (a, b, c) = (history(&a), history(&b), history(&c));
            let left = joined(joined(a.clone(), &b), &c);
            let right = joined(a.clone(), &joined(b.clone(), &c));
            prop_assert_eq!(&left, &right);
            let swapped = joined(c, &joined(b, &a));
            prop_assert_eq!(&left, &swapped);
            prop_assert_eq!(&joined(left.clone(), &left), &left);
        }

        #[test]
        fn a_larger_value_is_never_lost(readings in readings()) {
            let history = history(&readings);
            for reading in &readings {
                for (day, count) in reading.facts() {
                    let best = history[&day].best();
                    prop_assert!(best.count() >= count.count());
                    prop_assert!(best.uniques() >= count.uniques());
                }
            }
            for (day, record) in &history {
                let all = readings.iter().flat_map(Reading::facts);
                let largest = all.filter(|(of, _)| of == day).map(|(_, count)| count);
                prop_assert_eq!(record.best(), largest.reduce(Count::larger).unwrap());
            }
        }

        #[test]
        fn every_value_given_after_the_day_is_remembered(readings in readings()) {
            let history = history(&readings);
            for reading in &readings {
                for (day, count) in reading.facts().filter(|(day, _)| reading.read_at() >= day.end()) {
                    let kept = history[&day].settled().iter().find(|kept| kept.count == count);
                    let seen = kept.expect("the value is there").seen;
                    prop_assert!(seen.first <= reading.read_at() && reading.read_at() <= seen.last);
                }
            }
        }

        #[test]
        fn a_record_is_kept_whole_by_its_row_and_the_rest(readings in readings()) {
            for (day, record) in history(&readings) {
                let again = DayRecord::from_parts(
                    day,
                    record.row(),
                    record.sightings_beyond_row().to_vec(),
                );
                prop_assert_eq!(again, record);
            }
        }
    }

    fn record(day: &str, n: u64, at: &str) -> DayRecord {
        let count = Count::new(n, n).unwrap();
        DayRecord::of(
            day.parse().unwrap(),
            count,
            at.parse().unwrap(),
            Source::GITHUB,
        )
    }

    #[test]
    fn the_shrinking_oldest_row_keeps_its_first_value() {
        let mut known = record("2020-12-21", 78, "2021-01-03T01:00:00Z");
        for (n, at) in [(57, "2021-01-03T08:00:00Z"), (3, "2021-01-04T07:00:00Z")] {
            assert_eq!(known.join(&record("2020-12-21", n, at)), Change::OtherValue);
        }
        assert_eq!(known.best().count(), 78);
        let values: Vec<_> = known.settled().iter().map(|s| s.count.count()).collect();
        assert_eq!(values, [3, 57, 78]);
    }

    #[test]
    fn the_running_day_is_partial_until_it_is_seen_afterwards() {
        let mut known = record("2025-06-01", 4, "2025-06-01T08:00:00Z");
        assert!(known.is_partial());
        assert_eq!(
            known.join(&record("2025-06-01", 9, "2025-06-01T20:00:00Z")),
            Change::Raised
        );
        assert!(known.is_partial() && known.settled().is_empty());
        assert_eq!(
            known.join(&record("2025-06-01", 9, "2025-06-02T00:00:00Z")),
            Change::Settled
        );
        assert!(!known.is_partial());
    }

    #[test]
    fn zero_is_a_measurement() {
        let mut known = None;
        assert_eq!(
            join(&mut known, record("2026-01-01", 0, "2026-01-02T09:00:00Z")),
            Change::New
        );
        assert!(!known.unwrap().is_partial());
    }
}
