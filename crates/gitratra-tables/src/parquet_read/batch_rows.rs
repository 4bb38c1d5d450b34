//! The rows of one row group, batch by batch.

use std::path::PathBuf;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Date32Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use gitratra_core::{Count, Day, DayState, RepoId};
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;

use super::{ReadDay, ReadError, ReadFault, ReadPlace, bound, open_file};

/// Some rows.
pub(super) struct Rows {
    path: PathBuf,
    group: usize,
    batches: ParquetRecordBatchReader,
    batch: Option<RecordBatch>,
    /// The next row of the batch.
    at: usize,
    /// Rows of the row group before this batch.
    before: u64,
}

impl Rows {
    pub(super) const fn new(
        path: PathBuf,
        group: usize,
        batches: ParquetRecordBatchReader,
    ) -> Self {
        Self {
            path,
            group,
            batches,
            batch: None,
            at: 0,
            before: 0,
        }
    }

    /// The next row, if there is one more.
    pub(super) fn next_day(&mut self) -> Result<Option<ReadDay>, ReadError> {
        loop {
            if let Some(batch) = &self.batch {
                if self.at < batch.num_rows() {
                    let day =
                        day(batch, self.at).map_err(|(column, fault)| self.fault(column, fault))?;
                    self.at += 1;
                    return Ok(Some(day));
                }
                self.before += batch.num_rows() as u64;
                self.at = 0;
                self.batch = None;
            }
            let batches = &mut self.batches;
            let fault = match open_file::caught(|| batches.next()) {
                Ok(None) => return Ok(None),
                Ok(Some(Ok(batch))) => {
                    self.batch = Some(batch);
                    continue;
                }
                Ok(Some(Err(error))) => ReadFault::Damaged(error.to_string()),
                Err(fault) => fault,
            };
            let place = open_file::of_group(Some(self.group));
            return Err(ReadError::new(&self.path, place, fault));
        }
    }

    fn fault(&self, column: &str, fault: ReadFault) -> ReadError {
        let place = ReadPlace {
            group: Some(self.group),
            column: Some(column.to_owned()),
            row: Some(self.before + self.at as u64),
        };
        ReadError::new(&self.path, place, fault)
    }
}

type InColumn<T> = Result<T, (&'static str, ReadFault)>;

fn day(batch: &RecordBatch, at: usize) -> InColumn<ReadDay> {
    let row = Row { batch, at };
    let repo = row.text("repo")?;
    if repo.is_empty() {
        return Err(("repo", ReadFault::Empty));
    }
    let state = row.text("state")?;
    let state =
        DayState::called(state).ok_or_else(|| ("state", ReadFault::State(state.to_owned())))?;
    Ok(ReadDay {
        repo: repo.to_owned(),
        repo_id: row.number("repo_id").map(|id| RepoId(id.cast_unsigned())),
        day: row.day("day")?,
        state,
        views: row.count("views", "views_uniques")?,
        clones: row.count("clones", "clones_uniques")?,
    })
}

struct Row<'a> {
    batch: &'a RecordBatch,
    at: usize,
}

impl<'a> Row<'a> {
    /// The column, where the cell is not empty.
    fn cell(&self, name: &str) -> Option<&'a ArrayRef> {
        let column = self.batch.column_by_name(name)?;
        (!column.is_null(self.at)).then_some(column)
    }

    fn text(&self, name: &'static str) -> InColumn<&'a str> {
        let column = self.cell(name).ok_or((name, ReadFault::Empty))?;
        let text = column.as_string_view().value(self.at);
        if text.len() > bound::NAME {
            let fault = ReadFault::TooLarge {
                what: "the bytes of a name",
                found: text.len() as u64,
                limit: bound::NAME as u64,
            };
            return Err((name, fault));
        }
        Ok(text)
    }

    fn number(&self, name: &str) -> Option<i64> {
        let column = self.cell(name)?;
        Some(column.as_primitive::<Int64Type>().value(self.at))
    }

    fn day(&self, name: &'static str) -> InColumn<Day> {
        let column = self.cell(name).ok_or((name, ReadFault::Empty))?;
        let days = column.as_primitive::<Date32Type>().value(self.at);
        Day::from_epoch_days(days.into()).ok_or((name, ReadFault::Day(days)))
    }

    /// Events and people, both or neither.
    fn count(&self, events: &'static str, people: &'static str) -> InColumn<Option<Count>> {
        let whole = |name: &'static str, number: i64| {
            u64::try_from(number).map_err(|_| (name, ReadFault::Negative(number)))
        };
        match (self.number(events), self.number(people)) {
            (None, None) => Ok(None),
            (Some(count), Some(uniques)) => {
                let pair = Count::new(whole(events, count)?, whole(people, uniques)?);
                pair.map(Some).map_err(|error| (people, error.into()))
            }
            (_, None) => Err((people, ReadFault::HalfKnown)),
            (None, _) => Err((events, ReadFault::HalfKnown)),
        }
    }
}
