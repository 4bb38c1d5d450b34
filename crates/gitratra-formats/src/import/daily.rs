//! Our own export of days: CSV, a JSON array or JSON Lines.

use std::io::BufRead;

use gitratra_core::import::{DayFact, Enough, Fact, LeftOut, Listener, Subject};
use gitratra_core::{Count, Day, DayState, Metric, RepoId};
use serde::Deserialize;

use super::json::{self, JsonDay, Whole};
use super::table::{Row, Table};
use super::text_lines::TextLines;
use super::{ImportError, subject, whole};
use crate::FormatError;

const LEFT_OUT: &str = "days that are suspect or doubted: the export has no numbers for them";

/// A row of our own export of days, whatever it was written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DailyRow {
    /// Whose row it is; see [`DailyRow::about`].
    pub about: Subject,
    /// The day.
    pub day: Day,
    /// How sure the numbers are.
    pub state: DayState,
    /// What is known, in the order of [`Metric::ALL`].
    pub counts: [Option<Count>; 2],
}

impl DailyRow {
    /// Whom a row speaks of: its label, and GitHub's number where that has a column of its own.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the label.
    pub fn about(label: &str, id: Option<RepoId>) -> Result<Subject, &'static str> {
        let id = id.filter(|id| !id.is_unconfirmed());
        Ok(match (subject::of_label(label)?, id) {
            (Subject::Named { name, .. }, Some(id)) => Subject::Named { name, id: Some(id) },
            (about, _) => about,
        })
    }

    /// Tells what is believed of a row: what is measured is over, what is partial was running.
    ///
    /// # Errors
    /// Where the listener wants to hear no more.
    pub fn tell(&self, to: &mut dyn Listener) -> Result<(), Enough> {
        if !self.state.is_believed() {
            if self.state != DayState::Gap {
                to.leave_out(LeftOut(LEFT_OUT.to_owned()));
            }
            return Ok(());
        }
        // The word says whether the day was over, so that nobody has to guess.
        let read_at = Some(match self.state {
            DayState::Partial => self.day.last_second(),
            _ => self.day.end(),
        });
        for (metric, count) in Metric::ALL.into_iter().zip(self.counts) {
            let Some(count) = count else {
                continue;
            };
            let fact = DayFact {
                metric,
                day: self.day,
                count,
                read_at,
                is_doubted: false,
            };
            to.tell(&self.about, Fact::Day(fact))?;
        }
        Ok(())
    }
}

/// Tells the rows of an export.
pub(super) fn file(
    input: &mut dyn BufRead,
    label: &str,
    to: &mut dyn Listener,
) -> Result<(), ImportError> {
    match first_byte(input).map_err(ImportError::io(label))? {
        b'[' => json::each(input, label, &mut |row: JsonRow| Ok(row.0.tell(to)?)),
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
            row.0.tell(to)?;
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
    let place = |metric: Metric| -> Result<(usize, usize), FormatError> {
        let uniques = table.need(&format!("{}_uniques", metric.word()))?;
        Ok((table.need(metric.word())?, uniques))
    };
    let (views, clones) = (place(Metric::Views)?, place(Metric::Clones)?);
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
        let said = DailyRow {
            about,
            day: on,
            state,
            counts: [row.count(views.0, views.1)?, row.count(clones.0, clones.1)?],
        };
        said.tell(to)?;
    }
    Ok(table.check_end()?)
}

fn about(row: Row<'_>, at: usize) -> Result<Subject, FormatError> {
    subject::of_label(row.text(at)?)
        .map_err(|why| row.wrong(at, &format!("is no repository: {why}"), "owner/name"))
}

/// A row in JSON.
#[derive(Deserialize)]
#[serde(try_from = "LooseRow")]
struct JsonRow(DailyRow);

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
        let pair = |metric: Metric, count, uniques| match (count, uniques) {
            (Some(count), Some(uniques)) => json::pair(count, uniques).map(Some),
            (None, None) => Ok(None),
            _ => {
                let word = metric.word();
                Err(format!("{word} and {word}_uniques are not both there"))
            }
        };
        Ok(Self(DailyRow {
            about,
            day: row.day.0,
            state,
            counts: [
                pair(Metric::Views, row.views, row.views_uniques)?,
                pair(Metric::Clones, row.clones, row.clones_uniques)?,
            ],
        }))
    }
}
