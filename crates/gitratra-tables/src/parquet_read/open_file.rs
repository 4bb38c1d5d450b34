//! One Parquet file: its description of itself, checked before anything is read by it, and its row
//! groups one after another.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};

use super::batch_rows::Rows;
use super::{ReadError, ReadFault, ReadPlace, bound, page_sizes};

/// Rows that are unpacked at once.
const BATCH_ROWS: usize = 4_096;

/// The columns that are read, what they hold, and whether a file must have them.
const COLUMNS: [(&str, Wanted, bool); 8] = [
    ("repo", Wanted::Text, true),
    ("repo_id", Wanted::Number, false),
    ("day", Wanted::Day, true),
    ("views", Wanted::Number, true),
    ("views_uniques", Wanted::Number, true),
    ("clones", Wanted::Number, true),
    ("clones_uniques", Wanted::Number, true),
    ("state", Wanted::Text, true),
];

#[derive(Clone, Copy)]
enum Wanted {
    Text,
    Day,
    Number,
}

impl Wanted {
    const fn is(self, found: &DataType) -> bool {
        match self {
            Self::Text => matches!(found, DataType::Utf8View),
            Self::Day => matches!(found, DataType::Date32),
            Self::Number => matches!(found, DataType::Int64),
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Text => "text (BYTE_ARRAY, STRING)",
            Self::Day => "days (INT32, DATE)",
            Self::Number => "whole numbers (INT64)",
        }
    }
}

/// A file whose description of itself was found to be sound.
pub(super) struct OpenFile {
    path: PathBuf,
    file: File,
    metadata: ArrowReaderMetadata,
    /// Where the columns that are read stand in the file.
    places: Vec<usize>,
    rows: u64,
    next_group: usize,
}

impl OpenFile {
    pub(super) fn new(path: &Path, mut file: File) -> Result<Self, ReadError> {
        let at = |place| move |fault| ReadError::new(path, place, fault);
        let whole = at(ReadPlace::default());
        let size = footer(&mut file).map_err(whole)?;
        let metadata = describe(&file).map_err(at(ReadPlace::default()))?;
        let places = places(metadata.schema())
            .map_err(|(column, fault)| at(of_column(None, column))(fault))?;
        let rows = check(metadata.metadata(), size)
            .map_err(|(group, fault)| at(of_group(group))(fault))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            metadata,
            places,
            rows,
            next_group: 0,
        })
    }

    /// How many rows the file says that it has.
    pub(super) const fn rows(&self) -> u64 {
        self.rows
    }

    /// The rows of the next row group, if there is one more.
    pub(super) fn next_rows(&mut self) -> Result<Option<Rows>, ReadError> {
        let group = self.next_group;
        if group >= self.metadata.metadata().num_row_groups() {
            return Ok(None);
        }
        self.next_group += 1;
        self.check_pages(group)?;
        let fault = |fault| ReadError::new(&self.path, of_group(Some(group)), fault);
        let file = self.file.try_clone();
        let file = file.map_err(|error| fault(ReadFault::Io(error)))?;
        let descriptor = self.metadata.parquet_schema();
        let mask = ProjectionMask::roots(descriptor, self.places.iter().copied());
        let metadata = self.metadata.clone();
        let begin = || {
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
                .with_row_groups(vec![group])
                .with_projection(mask)
                .with_batch_size(BATCH_ROWS)
                .build()
        };
        let batches = caught(begin).map_err(fault)?;
        let batches = batches.map_err(|error| fault(damaged(&error)))?;
        Ok(Some(Rows::new(self.path.clone(), group, batches)))
    }

    /// Whether the pages that will be unpacked are as small as is believed.
    fn check_pages(&mut self, group: usize) -> Result<(), ReadError> {
        let metadata = Arc::clone(self.metadata.metadata());
        for chunk in metadata.row_group(group).columns() {
            let path = chunk.column_path().string();
            let Some((name, ..)) = COLUMNS.iter().find(|(name, ..)| *name == path) else {
                continue;
            };
            let (start, length) = chunk.byte_range();
            page_sizes::check(&mut self.file, start, start + length)
                .map_err(|fault| ReadError::new(&self.path, of_column(Some(group), name), fault))?;
        }
        Ok(())
    }
}

/// Does what another crate does with a file of which nothing is known. Some damaged files make it
/// panic (arrow-buffer 60.1: "offset + len out of bounds"), which is no reason to end the program;
/// whatever it worked on is given up then.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, ReadFault> {
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
    ended.map_err(|_| ReadFault::Damaged("its values contradict each other".to_owned()))
}

pub(super) fn of_group(group: Option<usize>) -> ReadPlace {
    ReadPlace {
        group,
        ..ReadPlace::default()
    }
}

fn of_column(group: Option<usize>, column: &str) -> ReadPlace {
    ReadPlace {
        group,
        column: Some(column.to_owned()),
        row: None,
    }
}

fn damaged(error: &ParquetError) -> ReadFault {
    ReadFault::Damaged(error.to_string())
}

/// How long the file is, whose last eight bytes tell how long its description is.
fn footer(file: &mut File) -> Result<u64, ReadFault> {
    let size = file.metadata().map_err(ReadFault::Io)?.len();
    let Some(end) = size.checked_sub(8) else {
        return Err(ReadFault::Damaged("it is too short".to_owned()));
    };
    let mut last = [0; 8];
    file.seek(SeekFrom::Start(end)).map_err(ReadFault::Io)?;
    file.read_exact(&mut last).map_err(ReadFault::Io)?;
    let [a, b, c, d, magic @ ..] = last;
    if magic != *b"PAR1" {
        return Err(ReadFault::Damaged("it does not end as one does".to_owned()));
    }
    too_large(
        "the bytes of its description",
        u64::from(u32::from_le_bytes([a, b, c, d])),
        bound::FOOTER.min(end),
    )?;
    Ok(size)
}

/// The description, by the types of Parquet alone: what another program said of Arrow's types is
/// not read. Texts come as views, so that one that stands in many rows is there once.
fn describe(file: &File) -> Result<ArrowReaderMetadata, ReadFault> {
    let plain = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let found = caught(|| ArrowReaderMetadata::load(file, plain.clone()))?;
    let found = found.map_err(|error| damaged(&error))?;
    too_large(
        "the columns",
        found.parquet_schema().num_columns() as u64,
        bound::COLUMNS as u64,
    )?;
    let fields = found.schema().fields().iter().map(|field| {
        let is_text = *field.data_type() == DataType::Utf8;
        match is_text {
            true => Field::new(field.name(), DataType::Utf8View, field.is_nullable()),
            false => Field::clone(field),
        }
    });
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let metadata = Arc::clone(found.metadata());
    ArrowReaderMetadata::try_new(metadata, plain.with_schema(schema))
        .map_err(|error| damaged(&error))
}

/// Where the columns stand that are read.
fn places(schema: &Schema) -> Result<Vec<usize>, (&'static str, ReadFault)> {
    let mut places = Vec::new();
    for (name, wanted, is_needed) in COLUMNS {
        let mut named = schema.fields().iter().enumerate();
        let Some((at, field)) = named.find(|(_, field)| field.name() == name) else {
            match is_needed {
                true => return Err((name, ReadFault::Missing)),
                false => continue,
            }
        };
        if !wanted.is(field.data_type()) {
            let found = field.data_type().to_string();
            let expected = wanted.words();
            return Err((name, ReadFault::Type { found, expected }));
        }
        places.push(at);
    }
    Ok(places)
}

/// Whether the row groups can be what they say, and how many rows they have.
fn check(metadata: &ParquetMetaData, size: u64) -> Result<u64, (Option<usize>, ReadFault)> {
    let groups = metadata.num_row_groups();
    too_large("the row groups", groups as u64, bound::GROUPS as u64)
        .map_err(|fault| (None, fault))?;
    let mut all = 0_u64;
    for (at, group) in metadata.row_groups().iter().enumerate() {
        let here = |fault| (Some(at), fault);
        let rows = u64::try_from(group.num_rows());
        let rows =
            rows.map_err(|_| here(ReadFault::Damaged("its rows are negative".to_owned())))?;
        all = all.saturating_add(rows);
        too_large("the rows", all, bound::ROWS).map_err(here)?;
        for chunk in group.columns() {
            check_chunk(chunk, size).map_err(here)?;
        }
    }
    Ok(all)
}

/// Whether a column lies in the file, and is not larger than is believed.
fn check_chunk(chunk: &ColumnChunkMetaData, size: u64) -> Result<(), ReadFault> {
    let sizes = [chunk.compressed_size(), chunk.uncompressed_size()];
    let dictionary = chunk.dictionary_page_offset();
    let starts = [Some(chunk.data_page_offset()), dictionary];
    let mut starts = starts.into_iter().flatten();
    if sizes.iter().any(|size| *size < 0) || starts.clone().any(|start| start < 0) {
        let text = format!("column {} lies nowhere", chunk.column_path());
        return Err(ReadFault::Damaged(text));
    }
    for found in sizes {
        too_large("the bytes of a column", found.unsigned_abs(), bound::CHUNK)?;
    }
    let length = sizes[0].unsigned_abs();
    if starts.any(|start| start.unsigned_abs() > size) || length > size {
        let text = format!("column {} lies beyond the end", chunk.column_path());
        return Err(ReadFault::Damaged(text));
    }
    Ok(())
}

fn too_large(what: &'static str, found: u64, limit: u64) -> Result<(), ReadFault> {
    match found > limit {
        true => Err(ReadFault::TooLarge { what, found, limit }),
        false => Ok(()),
    }
}
