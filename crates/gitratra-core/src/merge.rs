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

    /// The same source, doubted exactly where `other` is: what becomes of a number that is another
    /// one in another store.
    #[must_use]
    pub const fn with_doubt_of(self, other: Self) -> Self {
        Self(self.believed().0 | (other.0 & Self::DOUBT))
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

/// Field by field the larger of two values, either of which may be missing.
pub(crate) fn larger(one: Option<Count>, other: Option<Count>) -> Option<Count> {
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
mod tests;
