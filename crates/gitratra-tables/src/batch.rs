//! A table as Arrow has it: the schema, and some rows column by column.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Date32Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use gitratra_formats::table::{Cell, Column, Holds, Table};

/// The zone of every moment.
const UTC: &str = "UTC";

/// Rows of one table, until they are taken.
pub(crate) struct Batch {
    table: &'static Table,
    schema: SchemaRef,
    columns: Vec<Builder>,
    rows: usize,
}

enum Builder {
    Text(StringBuilder),
    Day(Date32Builder),
    Number(Int64Builder),
    Moment(TimestampMicrosecondBuilder),
    Flag(BooleanBuilder),
}

impl Builder {
    fn new(column: &Column) -> Self {
        match column.holds {
            Holds::Word | Holds::Text => Self::Text(StringBuilder::new()),
            Holds::Day => Self::Day(Date32Builder::new()),
            Holds::Id | Holds::Whole | Holds::Signed => Self::Number(Int64Builder::new()),
            Holds::Moment => Self::Moment(TimestampMicrosecondBuilder::new().with_timezone(UTC)),
            Holds::Flag => Self::Flag(BooleanBuilder::new()),
        }
    }

    /// Takes a cell; false where it is not of this column.
    fn push(&mut self, cell: Cell<'_>) -> bool {
        match (self, cell) {
            (Self::Text(texts), Cell::Empty) => texts.append_null(),
            (Self::Text(texts), Cell::Word(text) | Cell::Text(text)) => texts.append_value(text),
            (Self::Day(days), Cell::Empty) => days.append_null(),
            (Self::Day(days), Cell::Day(day)) => match i32::try_from(day.epoch_days()) {
                Ok(day) => days.append_value(day),
                Err(_) => return false,
            },
            (Self::Number(numbers), Cell::Empty) => numbers.append_null(),
            (Self::Number(numbers), Cell::Id(id)) => numbers.append_value(id.0.cast_signed()),
            (Self::Number(numbers), Cell::Signed(number)) => numbers.append_value(number),
            (Self::Number(numbers), Cell::Whole(number)) => match i64::try_from(number) {
                Ok(number) => numbers.append_value(number),
                Err(_) => return false,
            },
            (Self::Moment(moments), Cell::Empty) => moments.append_null(),
            (Self::Moment(moments), Cell::Moment(at)) => moments.append_value(at.as_microsecond()),
            (Self::Flag(flags), Cell::Empty) => flags.append_null(),
            (Self::Flag(flags), Cell::Flag(is)) => flags.append_value(is),
            _ => return false,
        }
        true
    }

    fn take(&mut self) -> ArrayRef {
        match self {
            Self::Text(texts) => Arc::new(texts.finish()),
            Self::Day(days) => ArrayBuilder::finish(days),
            Self::Number(numbers) => ArrayBuilder::finish(numbers),
            Self::Moment(moments) => ArrayBuilder::finish(moments),
            Self::Flag(flags) => ArrayBuilder::finish(flags),
        }
    }
}

impl Batch {
    pub(crate) fn new(table: &'static Table) -> Self {
        Self {
            table,
            schema: schema(table),
            columns: table.columns.iter().map(Builder::new).collect(),
            rows: 0,
        }
    }

    pub(crate) fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// How many rows wait.
    pub(crate) const fn rows(&self) -> usize {
        self.rows
    }

    /// Takes a row.
    pub(crate) fn push(&mut self, row: &[Cell<'_>]) -> io::Result<()> {
        let table = self.table;
        if row.len() != table.columns.len() {
            return Err(refused(table, "a row of another length"));
        }
        for ((column, cell), builder) in table.columns.iter().zip(row).zip(&mut self.columns) {
            let is_missing = *cell == Cell::Empty && !column.may_be_empty;
            if is_missing || !builder.push(*cell) {
                return Err(refused(table, &format!("{cell:?} in \"{}\"", column.name)));
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// The rows that wait, which then wait no more.
    pub(crate) fn take(&mut self) -> io::Result<RecordBatch> {
        self.rows = 0;
        let columns = self.columns.iter_mut().map(Builder::take).collect();
        RecordBatch::try_new(self.schema(), columns).map_err(io::Error::other)
    }
}

fn refused(table: &Table, what: &str) -> io::Error {
    let text = format!("the table \"{}\" cannot hold {what}", table.name);
    io::Error::new(io::ErrorKind::InvalidData, text)
}

/// The table's columns with what may be done with their numbers.
fn schema(table: &Table) -> SchemaRef {
    let fields = table.columns.iter().map(|column| {
        let kind = match column.holds {
            Holds::Word | Holds::Text => DataType::Utf8,
            Holds::Day => DataType::Date32,
            Holds::Id | Holds::Whole | Holds::Signed => DataType::Int64,
            Holds::Moment => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
            Holds::Flag => DataType::Boolean,
        };
        let mut said = HashMap::from([
            ("gitratra.about".to_owned(), column.about.to_owned()),
            ("gitratra.kind".to_owned(), column.says.word().to_owned()),
        ]);
        if let Some(warning) = column.says.warning() {
            said.insert("gitratra.warning".to_owned(), warning.to_owned());
        }
        Field::new(column.name, kind, column.may_be_empty).with_metadata(said)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use gitratra_core::{Day, RepoId};
    use gitratra_formats::table::KNOWN;
    use gitratra_formats::table::known::DAILY;

    use super::*;

    #[test]
    fn a_row_that_is_not_the_tables_is_refused_and_named() {
        let row = [
            Cell::Word("octo/alpha"),
            Cell::Id(RepoId(7)),
            Cell::Day(Day::MIN),
            Cell::Empty,
            Cell::Empty,
            Cell::Empty,
            Cell::Empty,
            Cell::Word("gap"),
        ];
        let check = |row: &[Cell<'_>], expected: &str| {
            let error = Batch::new(&DAILY).push(row).unwrap_err().to_string();
            assert_eq!(error, format!("the table \"daily\" cannot hold {expected}"));
        };
        Batch::new(&DAILY).push(&row).unwrap();
        check(&row[1..], "a row of another length");
        let mut other = row;
        other[7] = Cell::Empty;
        check(&other, "Empty in \"state\"");
        let mut other = row;
        other[3] = Cell::Word("many");
        check(&other, "Word(\"many\") in \"views\"");
        let mut other = row;
        other[3] = Cell::Whole(u64::MAX);
        check(&other, "Whole(18446744073709551615) in \"views\"");
    }

    #[test]
    fn every_number_says_what_may_be_done_with_it() {
        for table in KNOWN {
            for field in schema(table).fields() {
                let said = field.metadata();
                let is_number = *field.data_type() == DataType::Int64 && field.name() != "repo_id";
                assert_eq!(said.contains_key("gitratra.warning"), is_number);
                if field.name().ends_with("uniques") {
                    assert!(said["gitratra.warning"].contains("uniques do not add up"));
                }
            }
        }
    }
}
