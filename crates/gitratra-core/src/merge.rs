//! How readings become a history: the join that everything else stands on.
//!
//! What is known about one day of one metric is a [`DayRecord`]. Joining two records takes, field
//! by field, the larger count and the larger uniques, and remembers every distinct value that was
//! given after the day was over. Joining is idempotent, commutative and associative, so answers
//! may arrive late, twice, in any order and from several machines, and the history is the same.
//! What a source is not believed in is kept beside, and counts only where nothing else is known.
//!
//! The larger value is right in both of GitHub's regimes: until 2025-12-30 the oldest row of a
//! window shrank and the running day grew; since then a row never changes.

use jiff::Timestamp;

use crate::{Count, Day, DayState};

/// Where a value came from, and whether it is believed.
///
/// *Shape*: 0 is GitHub itself. Other sources are numbered by what they are called, so that two
/// stores give the same file the same number. A doubted source has the same number with one bit
/// set: it comes after every believed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source(pub u32);

impl Source {
    /// GitHub's own answer.
    pub const GITHUB: Self = Self(0);

    const DOUBT: u32 = 1 << 30;

    /// The number that a source of this kind and label has, as long as no other one has it.
    ///
    /// *Source*: FNV-1a, <https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>, folded to 30 bits.
    #[must_use]
    pub fn called(kind: &str, label: &str) -> Self {
        let bytes = kind.bytes().chain(std::iter::once(0)).chain(label.bytes());
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let folded = (hash ^ (hash >> 30)) & u64::from(Self::DOUBT - 1);
        Self(u32::try_from(folded).expect("30 bits were kept")).or_next()
    }

    /// The number to try where this one belongs to somebody else.
    #[must_use]
    pub const fn next(self) -> Self {
        Self((self.believed().0 + 1) % Self::DOUBT).or_next()
    }

    const fn or_next(self) -> Self {
        if self.0 == 0 { Self(1) } else { self }
    }

    /// The same source for what it cannot be believed in: zeros that a tool put where it had seen
    /// nothing, numbers that it made out of others.
    #[must_use]
    pub const fn doubted(self) -> Self {
        Self(self.0 | Self::DOUBT)
    }

    /// The source itself, believed or not.
    #[must_use]
    pub const fn believed(self) -> Self {
        Self(self.0 & !Self::DOUBT)
    }

    /// Whether what it says here is not believed.
    #[must_use]
    pub const fn is_doubted(self) -> bool {
        self.0 & Self::DOUBT != 0
    }
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
/// Invariant: `best` is the field-by-field largest of all believed values ever given; `settled` and
/// `doubted` are sorted by value without repeats, and no doubted value is a settled one as well;
/// `running` is there exactly while something is believed and nothing of it was seen after the
/// day's end. One of the three is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayRecord {
    day: Day,
    best: Option<Count>,
    settled: Vec<Sighting>,
    running: Option<(Seen, Source)>,
    doubted: Vec<Sighting>,
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
    /// The day was known only while it was running or from somebody who is not believed, and is
    /// now measured, or at least seen while it was running.
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
        let mut record = Self {
            day,
            best: None,
            settled: vec![],
            running: None,
            doubted: vec![],
        };
        if sighting.source.is_doubted() {
            record.doubted.push(sighting);
            return record;
        }
        record.best = Some(sighting.count);
        if sighting.seen.last < day.end() {
            record.running = Some((sighting.seen, sighting.source));
        } else {
            record.settled.push(sighting);
        }
        record
    }

    /// Puts a stored record together again: the value that counts, and the values given after the
    /// day's end. Without those it is the record of a day seen only while it was running.
    #[must_use]
    pub fn from_parts(day: Day, best: Sighting, sightings: Vec<Sighting>) -> Self {
        let mut record = Self::of_seen(day, best);
        let (doubted, believed): (Vec<_>, Vec<_>) = sightings
            .into_iter()
            .partition(|sighting| sighting.source.is_doubted());
        if !believed.is_empty() {
            record.running = None;
            record.settled = believed;
            record
                .settled
                .sort_unstable_by_key(|sighting| sighting.count);
            let all = record.settled.iter().map(|sighting| sighting.count);
            record.best = all.map(Some).fold(record.best, larger);
        }
        if !doubted.is_empty() {
            record.doubted = doubted;
            record
                .doubted
                .sort_unstable_by_key(|sighting| sighting.count);
            record.drop_settled_doubts();
        }
        record
    }

    /// The day.
    #[must_use]
    pub const fn day(&self) -> Day {
        self.day
    }

    /// The value that counts; where nothing is believed, the largest that is doubted.
    #[must_use]
    pub fn best(&self) -> Count {
        let doubted = || self.doubted.iter().map(|sighting| sighting.count);
        self.best
            .or_else(|| doubted().reduce(Count::larger))
            .expect("a record has a value")
    }

    /// True while the day was not seen after its end by anybody who is believed, so that its value
    /// may still be too small.
    #[must_use]
    pub const fn is_partial(&self) -> bool {
        self.settled.is_empty()
    }

    /// How sure the value is: measured, partial or doubted.
    #[must_use]
    pub const fn state(&self) -> DayState {
        if !self.settled.is_empty() {
            DayState::Measured
        } else if self.running.is_some() {
            DayState::Partial
        } else {
            DayState::Doubted
        }
    }

    /// Every distinct value given after the day's end, by size. Of the running day only the value
    /// that counts is kept.
    #[must_use]
    pub fn settled(&self) -> &[Sighting] {
        &self.settled
    }

    /// Every distinct value that is not believed, by size.
    #[must_use]
    pub fn doubted(&self) -> &[Sighting] {
        &self.doubted
    }

    /// The value that counts with the time over which anything that counts was seen, as it is
    /// kept in one row.
    #[must_use]
    pub fn row(&self) -> Sighting {
        let (seen, source) = match (span(&self.settled), self.running) {
            (Some(settled), _) => settled,
            (None, Some(running)) => running,
            (None, None) => span(&self.doubted).expect("a record was seen at least once"),
        };
        Sighting {
            count: self.best(),
            seen,
            source,
        }
    }

    /// The sightings that [`DayRecord::row`] does not tell: none where a single value was given.
    pub fn sightings_beyond_row(&self) -> impl Iterator<Item = &Sighting> {
        let (told, beside) = match self.state() {
            DayState::Doubted => (&self.doubted, &self.settled),
            _ => (&self.settled, &self.doubted),
        };
        let told = match told.as_slice() {
            [only] if only.count == self.best() => &[],
            several => several,
        };
        told.iter().chain(beside)
    }

    /// The same record where sources have other numbers, as in another store.
    #[must_use]
    pub fn renumbered(&self, number: impl Fn(Source) -> Source) -> Self {
        let mut record = self.clone();
        let values = record.settled.iter_mut().chain(&mut record.doubted);
        values.for_each(|value| value.source = number(value.source));
        if let Some((_, source)) = &mut record.running {
            *source = number(*source);
        }
        record
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
        self.best = larger(self.best, other.best);
        add(&mut self.settled, &other.settled);
        add(&mut self.doubted, &other.doubted);
        self.drop_settled_doubts();
        self.running = match (self.settled.is_empty(), self.running, other.running) {
            (false, ..) => None,
            (true, Some((seen, source)), Some((more, from))) => {
                Some((seen.join(more), source.min(from)))
            }
            (true, one, two) => one.or(two),
        };
        self.change_since(&before)
    }

    /// A value that somebody is believed in is not doubted any more.
    fn drop_settled_doubts(&mut self) {
        let settled = &self.settled;
        self.doubted.retain(|doubted| {
            settled
                .binary_search_by_key(&doubted.count, |known| known.count)
                .is_err()
        });
    }

    fn change_since(&self, before: &Self) -> Change {
        let values = |record: &Self| record.settled.len() + record.doubted.len();
        if *self == *before {
            Change::Nothing
        } else if self.state() < before.state() {
            Change::Settled
        } else if self.best() != before.best() {
            Change::Raised
        } else if values(self) > values(before) {
            Change::OtherValue
        } else {
            Change::SeenAgain
        }
    }
}

fn larger(one: Option<Count>, other: Option<Count>) -> Option<Count> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.larger(other)),
        (one, other) => one.or(other),
    }
}

/// Adds values to a list that is sorted by them.
fn add(known: &mut Vec<Sighting>, more: &[Sighting]) {
    for sighting in more {
        match known.binary_search_by_key(&sighting.count, |known| known.count) {
            Ok(at) => {
                let known = &mut known[at];
                known.seen = known.seen.join(sighting.seen);
                known.source = known.source.min(sighting.source);
            }
            Err(at) => known.insert(at, *sighting),
        }
    }
}

/// Over which time some values were given, and by whom.
fn span(sightings: &[Sighting]) -> Option<(Seen, Source)> {
    let spans = sightings.iter().map(|of| (of.seen, of.source));
    spans.reduce(|(seen, source), (more, from)| (seen.join(more), source.min(from)))
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

    fn told(day: Day, n: u64, secs: i64, source: Source) -> DayRecord {
        let at = day.end().as_second() + secs;
        DayRecord::of(
            day,
            count(n, n),
            Timestamp::from_second(at).unwrap(),
            source,
        )
    }

    /// What several sources say of one day, some of them not believed, some while it was running.
    fn tellings() -> impl Strategy<Value = Vec<DayRecord>> {
        let day = Day::from_epoch_days(BASE).unwrap();
        let one = (0_u64..4, -2_i64..3, 0_u32..3, any::<bool>());
        let one = one.prop_map(move |(n, secs, number, is_doubted)| {
            let source = Source(number);
            let source = if is_doubted { source.doubted() } else { source };
            told(day, n, secs, source)
        });
        prop::collection::vec(one, 1..7)
    }

    fn all(tellings: &[DayRecord]) -> DayRecord {
        let mut record = tellings[0].clone();
        for telling in &tellings[1..] {
            record.join(telling);
        }
        record
    }

    proptest! {
        #[test]
        fn doubt_joins_in_any_order_and_grouping(
            (tellings, shuffled) in tellings().prop_flat_map(|list| {
                (Just(list.clone()), Just(list).prop_shuffle())
            }),
            cut in any::<prop::sample::Index>(),
        ) {
            let whole = all(&tellings);
            prop_assert_eq!(&whole, &all(&shuffled));
            let cut = cut.index(tellings.len());
            if cut > 0 {
                let mut grouped = all(&tellings[..cut]);
                grouped.join(&all(&tellings[cut..]));
                prop_assert_eq!(&whole, &grouped);
            }
            let mut twice = whole.clone();
            prop_assert_eq!(twice.join(&whole), Change::Nothing);
        }

        #[test]
        fn doubt_never_counts_beside_what_is_believed(tellings in tellings()) {
            let whole = all(&tellings);
            let believed: Vec<_> = tellings
                .iter()
                .filter(|of| of.state() != DayState::Doubted)
                .cloned()
                .collect();
            if believed.is_empty() {
                prop_assert_eq!(whole.state(), DayState::Doubted);
            } else {
                let believed = all(&believed);
                prop_assert_eq!(
                    (whole.best(), whole.row(), whole.state()),
                    (believed.best(), believed.row(), believed.state())
                );
            }
        }

        #[test]
        fn what_is_kept_of_a_record_makes_it_again(tellings in tellings()) {
            let record = all(&tellings);
            let beyond = record.sightings_beyond_row().copied().collect();
            prop_assert_eq!(DayRecord::from_parts(record.day(), record.row(), beyond), record);
        }
    }

    #[test]
    fn sources_are_numbered_by_what_they_are_called() {
        let one = Source::called("ghstats", "ghstats.db");
        assert_eq!(one, Source::called("ghstats", "ghstats.db"));
        assert_ne!(one, Source::called("ghstats", "ghstats2.db"));
        assert!(one != Source::GITHUB && !one.is_doubted() && one.doubted().is_doubted());
        assert_eq!(one.doubted().believed(), one);
        assert_eq!(Source((1 << 30) - 1).next(), Source(1));
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
                    record.sightings_beyond_row().copied().collect(),
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
