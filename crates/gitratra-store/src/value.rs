//! What goes into a statement and comes out of a row: numbers, texts and nothing, the same for both
//! engines. How an engine writes and reads them is told in its own module.

use std::borrow::Cow;

use gitratra_core::{Day, DayRange, Metric, Ranking, RepoId, Source, Timestamp};

use crate::error::Fault;

/// One parameter or one cell. Truth values are 0 and 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
}

/// The parameters of a statement, in the order of `$1`, `$2`, …
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        [$($crate::value::Value::from($value)),*]
    };
}
pub(crate) use params;

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u64> for Value {
    /// Counts stay far below 2^63 and so do GitHub's numbers; bits are kept in any case.
    fn from(number: u64) -> Self {
        Self::Int(number.cast_signed())
    }
}

impl From<bool> for Value {
    fn from(is: bool) -> Self {
        Self::Int(i64::from(is))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(storable(text).into_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(match storable(&text) {
            Cow::Borrowed(_) => text,
            Cow::Owned(other) => other,
        })
    }
}

impl From<RepoId> for Value {
    fn from(repo: RepoId) -> Self {
        repo.0.into()
    }
}

impl From<Day> for Value {
    fn from(day: Day) -> Self {
        day.epoch_days().into()
    }
}

impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        time.as_second().into()
    }
}

impl From<Source> for Value {
    fn from(source: Source) -> Self {
        i64::from(source.0).into()
    }
}

impl From<Metric> for Value {
    fn from(metric: Metric) -> Self {
        Self::Int(match metric {
            Metric::Views => 0,
            Metric::Clones => 1,
        })
    }
}

impl From<Ranking> for Value {
    fn from(ranking: Ranking) -> Self {
        Self::Int(match ranking {
            Ranking::Referrers => 0,
            Ranking::Paths => 1,
        })
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The text as it can be kept: PostgreSQL takes every character but one, which has no business in
/// a title or a message.
pub(crate) fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}").into()
    } else {
        text.into()
    }
}

/// One row of an answer, read by position.
#[derive(Debug)]
pub(crate) struct Row(pub(crate) Vec<Value>);

impl Row {
    /// The number in a cell, if there is one.
    pub(crate) fn opt_int(&self, at: usize) -> Result<Option<i64>, Fault> {
        match self.0.get(at) {
            Some(Value::Null) => Ok(None),
            Some(Value::Int(number)) => Ok(Some(*number)),
            other => Err(Fault::corrupt(format!("{other:?} where a number belongs"))),
        }
    }

    /// The number in a cell.
    pub(crate) fn int(&self, at: usize) -> Result<i64, Fault> {
        self.opt_int(at)?
            .ok_or_else(|| Fault::corrupt("nothing where a number belongs".into()))
    }

    /// The number in a cell that cannot be negative.
    pub(crate) fn whole(&self, at: usize) -> Result<u64, Fault> {
        let number = self.int(at)?;
        u64::try_from(number).map_err(|_| Fault::corrupt(format!("the number {number}")))
    }

    /// The number in a cell, if there is one; it cannot be negative.
    pub(crate) fn opt_whole(&self, at: usize) -> Result<Option<u64>, Fault> {
        let number = self.opt_int(at)?;
        number.map(|_| self.whole(at)).transpose()
    }

    /// The repository in a cell, if there is one.
    pub(crate) fn opt_repo(&self, at: usize) -> Result<Option<RepoId>, Fault> {
        let number = self.opt_int(at)?;
        number.map(|_| self.repo(at)).transpose()
    }

    /// Whether a cell says yes.
    pub(crate) fn is(&self, at: usize) -> Result<bool, Fault> {
        Ok(self.int(at)? != 0)
    }

    /// The text in a cell, if there is one.
    pub(crate) fn opt_text(&self, at: usize) -> Result<Option<&str>, Fault> {
        match self.0.get(at) {
            Some(Value::Null) => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            other => Err(Fault::corrupt(format!("{other:?} where a text belongs"))),
        }
    }

    /// The text in a cell.
    pub(crate) fn text(&self, at: usize) -> Result<&str, Fault> {
        self.opt_text(at)?
            .ok_or_else(|| Fault::corrupt("nothing where a text belongs".into()))
    }

    /// The text in a cell as the value it stands for.
    pub(crate) fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
        &self,
        at: usize,
    ) -> Result<T, Fault> {
        let parsed = self.text(at)?.parse();
        parsed.map_err(|error: T::Err| Fault::corrupt(error.to_string()))
    }

    /// The repository in a cell.
    pub(crate) fn repo(&self, at: usize) -> Result<RepoId, Fault> {
        Ok(RepoId(self.int(at)?.cast_unsigned()))
    }

    /// The day in a cell, if there is one.
    pub(crate) fn opt_day(&self, at: usize) -> Result<Option<Day>, Fault> {
        let days = self.opt_int(at)?;
        days.map(|days| {
            Day::from_epoch_days(days).ok_or_else(|| Fault::corrupt(format!("the day {days}")))
        })
        .transpose()
    }

    /// The day in a cell.
    pub(crate) fn day(&self, at: usize) -> Result<Day, Fault> {
        self.opt_day(at)?
            .ok_or_else(|| Fault::corrupt("nothing where a day belongs".into()))
    }

    /// The days from the one in a cell to the one in the next.
    pub(crate) fn days(&self, at: usize) -> Result<DayRange, Fault> {
        let (first, last) = (self.day(at)?, self.day(at + 1)?);
        DayRange::new(first, last).ok_or_else(|| Fault::corrupt(format!("{first} after {last}")))
    }

    /// The time in a cell, if there is one.
    pub(crate) fn opt_time(&self, at: usize) -> Result<Option<Timestamp>, Fault> {
        self.opt_int(at)?.map(time).transpose()
    }

    /// The time in a cell.
    pub(crate) fn time(&self, at: usize) -> Result<Timestamp, Fault> {
        time(self.int(at)?)
    }

    /// The source in a cell.
    pub(crate) fn source(&self, at: usize) -> Result<Source, Fault> {
        let number = self.int(at)?;
        let number = u32::try_from(number);
        number
            .map(Source)
            .map_err(|error| Fault::corrupt(error.to_string()))
    }

    /// The HTTP status in a cell, if there is one.
    pub(crate) fn opt_status(&self, at: usize) -> Result<Option<u16>, Fault> {
        let status = self.opt_int(at)?.map(u16::try_from).transpose();
        status.map_err(|error| Fault::corrupt(error.to_string()))
    }

    /// Views or clones, by number.
    pub(crate) fn metric(&self, at: usize) -> Result<Metric, Fault> {
        match self.int(at)? {
            0 => Ok(Metric::Views),
            1 => Ok(Metric::Clones),
            other => Err(Fault::corrupt(format!("the metric {other}"))),
        }
    }
}

/// The time with this number of seconds since 1970.
pub(crate) fn time(secs: i64) -> Result<Timestamp, Fault> {
    Timestamp::from_second(secs).map_err(|_| Fault::corrupt(format!("the time {secs}")))
}

/// The time without its fraction of a second, as it is kept.
pub(crate) fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).expect("a time's own seconds are a time")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_belong_in_a_cell_is_damage_and_not_a_number() {
        let row = Row(params![Value::Null, -1_i64, "x", i64::MAX].to_vec());
        assert!(row.int(0).is_err() && row.text(0).is_err());
        assert!(row.whole(1).is_err() && row.day(1).is_err() && row.source(1).is_err());
        assert!(row.int(2).is_err() && row.text(1).is_err());
        assert!(row.time(3).is_err() && row.metric(3).is_err());
        assert!(row.int(4).is_err());
    }

    #[test]
    fn the_largest_repository_number_survives() {
        let row = Row(params![RepoId(u64::MAX)].to_vec());
        assert_eq!(row.repo(0).unwrap(), RepoId(u64::MAX));
    }
}
