//! One row of an answer while the engine still holds it: nothing is copied but what is asked for.

use crate::error::Fault;
use gitratra_core::{Day, RepoId};
use rusqlite::types::ValueRef;

/// One row, read by position.
pub(crate) enum Cells<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    /// A row as COPY writes it, and where each cell of it is.
    Copied(&'r [u8], &'r [Option<(usize, usize)>]),
}

impl Cells<'_> {
    /// The number in a cell, if there is one.
    pub(crate) fn opt_int(&self, at: usize) -> Result<Option<i64>, Fault> {
        let value = match self {
            Self::Sqlite(row) => match row.get_ref(at)? {
                ValueRef::Null => return Ok(None),
                ValueRef::Integer(number) => return Ok(Some(number)),
                other => format!("{other:?}"),
            },
            Self::Copied(bytes, places) => match cell(bytes, places, at)? {
                None => return Ok(None),
                // Truth values have one byte, the other numbers as many as their columns.
                Some(cell) => match *cell {
                    [is] => return Ok(Some(is.into())),
                    [a, b] => return Ok(Some(i16::from_be_bytes([a, b]).into())),
                    [a, b, c, d] => return Ok(Some(i32::from_be_bytes([a, b, c, d]).into())),
                    [a, b, c, d, e, f, g, h] => {
                        return Ok(Some(i64::from_be_bytes([a, b, c, d, e, f, g, h])));
                    }
                    _ => format!("{cell:?}"),
                },
            },
        };
        Err(Fault::corrupt(format!("{value} where a number belongs")))
    }

    /// The number in a cell.
    pub(crate) fn int(&self, at: usize) -> Result<i64, Fault> {
        let number = self.opt_int(at)?;
        number.ok_or_else(|| Fault::corrupt("nothing where a number belongs".into()))
    }

    /// The number in a cell, if there is one; it cannot be negative.
    pub(crate) fn opt_whole(&self, at: usize) -> Result<Option<u64>, Fault> {
        let Some(number) = self.opt_int(at)? else {
            return Ok(None);
        };
        let whole = u64::try_from(number);
        whole
            .map(Some)
            .map_err(|_| Fault::corrupt(format!("the number {number}")))
    }

    /// The number in a cell that cannot be negative.
    pub(crate) fn whole(&self, at: usize) -> Result<u64, Fault> {
        let number = self.opt_whole(at)?;
        number.ok_or_else(|| Fault::corrupt("nothing where a number belongs".into()))
    }

    /// Whether a cell says yes.
    pub(crate) fn is(&self, at: usize) -> Result<bool, Fault> {
        Ok(self.int(at)? != 0)
    }

    /// The repository in a cell.
    pub(crate) fn repo(&self, at: usize) -> Result<RepoId, Fault> {
        Ok(RepoId(self.int(at)?.cast_unsigned()))
    }

    /// The day in a cell, if there is one.
    pub(crate) fn opt_day(&self, at: usize) -> Result<Option<Day>, Fault> {
        let Some(days) = self.opt_int(at)? else {
            return Ok(None);
        };
        let day = Day::from_epoch_days(days);
        day.map(Some)
            .ok_or_else(|| Fault::corrupt(format!("the day {days}")))
    }

    /// The day in a cell.
    pub(crate) fn day(&self, at: usize) -> Result<Day, Fault> {
        let day = self.opt_day(at)?;
        day.ok_or_else(|| Fault::corrupt("nothing where a day belongs".into()))
    }

    /// The text in a cell as the value it stands for.
    pub(crate) fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
        &self,
        at: usize,
    ) -> Result<T, Fault> {
        let text = match self {
            Self::Sqlite(row) => match row.get_ref(at)? {
                ValueRef::Text(text) => str::from_utf8(text).ok(),
                _ => None,
            },
            Self::Copied(bytes, places) => {
                cell(bytes, places, at)?.and_then(|cell| str::from_utf8(cell).ok())
            }
        };
        let text = text.ok_or_else(|| Fault::corrupt("no text where one belongs".into()))?;
        let parsed = text.parse();
        parsed.map_err(|error: T::Err| Fault::corrupt(error.to_string()))
    }
}

/// The bytes of a cell, where it is not empty.
fn cell<'r>(
    bytes: &'r [u8],
    places: &[Option<(usize, usize)>],
    at: usize,
) -> Result<Option<&'r [u8]>, Fault> {
    let place = places.get(at);
    let place = place.ok_or_else(|| Fault::corrupt(format!("no cell {at} in a row")))?;
    Ok(place.and_then(|(from, length)| bytes.get(from..from + length)))
}
