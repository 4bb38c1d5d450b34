//! Our own export of days: CSV, a JSON array or JSON Lines.

use std::io::BufRead;

use gitratra_core::import::{Listener, Subject};
use gitratra_core::{Count, DayState, Metric};
use serde::Deserialize;

use super::json::{self, JsonDay, Whole};
use super::table::{Row, Table};
use super::text_lines::TextLines;
use super::{ImportError, leave_out, subject, tell_day, while_running, whole};
use crate::FormatError;

const LEFT_OUT: &str = "days that are suspect or doubted: the export has no numbers for them";

/// Tells the rows of an export.
pub(super) fn file(
    input: &mut dyn BufRead,
    label: &str,
    to: &mut dyn Listener,
) -> Result<(), ImportError> {
    match first_byte(input).map_err(ImportError::io(label))? {
        b'[' => json::each(input, label, &mut |row: JsonRow| row.tell(to)),
        b'{' => lines(input, label, to),
        _ => table(input, label, to),
    }
}

/// The first byte that is no blank.
fn first_byte(input: &mut dyn BufRead) -> std::io::Result<u8> {
    let bytes = input.fill_buf()?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    Ok(first.copied().unwrap_or_default())
}

fn lines(input: &mut dyn BufRead, label: &str, to: &mut dyn Listener) -> Result<(), ImportError> {
    let mut lines = TextLines::new(input, label);
    while let Some(line) = lines.next()? {
        if !line.is_blank() {
            let row: JsonRow = json::parse(line.text.as_bytes(), label, line.number())?;
            row.tell(to)?;
        }
    }
    Ok(())
}

fn table(input: &mut dyn BufRead, label: &str, to: &mut dyn Listener) -> Result<(), ImportError> {
    let mut table = Table::new(input, label, b',')?;
    if table.header().is_empty() {
        return Err(whole(label, "the file is empty", "the header of an export").into());
    }
    let (repo, day, state) = (
        table.need("repo")?,
        table.need("day")?,
        table.need("state")?,
    );
    let mut places = Vec::new();
    for metric in [Metric::Views, Metric::Clones] {
        let count = table.need(metric.word())?;
        let uniques = table.need(&format!("{}_uniques", metric.word()))?;
        places.push((metric, count, uniques));
    }
    while let Some(row) = table.next()? {
        let on = row.day(day)?;
        let about = about(row, repo)?;
        let state = DayState::called(row.text(state)?).ok_or_else(|| {
            row.wrong(
                state,
                "is no state",
                "measured, partial, suspect, doubted or gap",
            )
        })?;
        let mut counts = Vec::new();
        for (metric, count, uniques) in &places {
            counts.push((*metric, row.count(*count, *uniques)?));
        }
        let said = Said {
            about,
            state,
            counts,
        };
        said.tell(on, to)?;
    }
    Ok(table.check_end()?)
}

fn about(row: Row<'_>, at: usize) -> Result<Subject, FormatError> {
    subject::of_label(row.text(at)?)
        .map_err(|why| row.wrong(at, &format!("is no repository: {why}"), "owner/name"))
}

/// One row, whatever it was written in.
struct Said {
    about: Subject,
    state: DayState,
    counts: Vec<(Metric, Option<Count>)>,
}

impl Said {
    fn tell(self, day: gitratra_core::Day, to: &mut dyn Listener) -> Result<(), ImportError> {
        if !self.state.is_believed() {
            if self.state != DayState::Gap {
                leave_out(to, LEFT_OUT);
            }
            return Ok(());
        }
        // The word says whether the day was over, so that nobody has to guess.
        let read_at = Some(match self.state {
            DayState::Partial => while_running(day),
            _ => day.end(),
        });
        for (metric, count) in self.counts {
            if let Some(count) = count {
                tell_day(to, &self.about, (metric, day, count), read_at, false)?;
            }
        }
        Ok(())
    }
}

/// A row in JSON.
#[derive(Deserialize)]
#[serde(try_from = "LooseRow")]
struct JsonRow(JsonDay, Said);

#[derive(Deserialize)]
struct LooseRow {
    repo: String,
    day: JsonDay,
    views: Option<Whole>,
    views_uniques: Option<Whole>,
    clones: Option<Whole>,
    clones_uniques: Option<Whole>,
    state: String,
}

impl TryFrom<LooseRow> for JsonRow {
    type Error = String;

    fn try_from(row: LooseRow) -> Result<Self, String> {
        let about = subject::of_label(&row.repo)
            .map_err(|why| format!("{:?} is no repository: {why}", row.repo))?;
        let state = DayState::called(&row.state).ok_or_else(|| {
            let states = "measured, partial, suspect, doubted or gap";
            format!("{:?} is no state, expected {states}", row.state)
        })?;
        let mut counts = Vec::new();
        for (metric, count, uniques) in [
            (Metric::Views, row.views, row.views_uniques),
            (Metric::Clones, row.clones, row.clones_uniques),
        ] {
            let count = match (count, uniques) {
                (Some(count), Some(uniques)) => Some(json::pair(count, uniques)?),
                (None, None) => None,
                _ => {
                    let word = metric.word();
                    return Err(format!("{word} and {word}_uniques are not both there"));
                }
            };
            counts.push((metric, count));
        }
        Ok(Self(
            row.day,
            Said {
                about,
                state,
                counts,
            },
        ))
    }
}

impl JsonRow {
    fn tell(self, to: &mut dyn Listener) -> Result<(), ImportError> {
        self.1.tell(self.0.0, to)
    }
}
