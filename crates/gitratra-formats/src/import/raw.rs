//! Folders of GitHub's own answers, as people keep them with `gh api` or `curl`.
//!
//! The time of an answer comes from its head, else from the nearest name that has one. An answer
//! with its time is a reading like those that the program makes itself. One without tells its rows;
//! a list without time tells nothing, since nobody knows of which window it is.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::Path;

use gitratra_core::import::{Fact, Kind, Listener, Subject};
use gitratra_core::{Count, Metric, Ranking, Reading, Timestamp, Window, regime};

use super::folder::{self, Found};
use super::json::{self, DayCount};
use super::others::Others;
use super::raw_file::{self, Body, Names, names, some_time_after};
use super::subject::OneUnnamed;
use super::traffic_archive::{Line, reading};
use super::{ImportError, leave_out, none_found, recognise, tell_day, whole};

/// How far views and a list may lie apart to be answers of one visit.
const ONE_VISIT_SECS: i64 = 6 * 3600;

const UNDATED: &str = "lists whose time is not known: keep the head of the answer (gh api -i), or \
    write the time into the name of the file or folder";

/// Tells every answer below a folder, or one.
pub(super) fn read(path: &Path, to: &mut dyn Listener) -> Result<(), ImportError> {
    let root = path.file_name().unwrap_or_default().to_string_lossy();
    let is_folder = folder::is_folder(path)?;
    let mut by_folder: BTreeMap<Vec<String>, Vec<Found>> = BTreeMap::new();
    for found in folder::files(path, to)? {
        let home = by_folder.entry(found.folders.clone()).or_default();
        home.push(found);
    }
    let mut one = OneUnnamed::by_folder();
    let mut others = Others::than(Kind::Raw);
    let mut has_any = false;
    for files in by_folder.into_values() {
        let mut visit = Visit::new(to);
        // Lists wait for the views that date them.
        let mut waiting = Vec::new();
        for found in files {
            if is_folder && !is_answer(&found)? {
                others.take(&found)?;
                continue;
            }
            has_any = true;
            let names = names(&found.name, &found.folders, &root);
            one.check(&names.about, &names.folders, &found.label())?;
            let label = found.label();
            let mut input = folder::open(&found.path)?;
            let text = json::text(&mut input, &label)?;
            let answer = raw_file::parse(&text, &found.name, &label)?;
            let read_at = answer.date.or(names.read_at);
            match answer.body {
                Body::Lines(..) => waiting.push((names, found)),
                body => visit.tell(&names.about, read_at, body, &label)?,
            }
        }
        for (names, found) in waiting {
            visit.list(&names, &found)?;
        }
    }
    others.tell(to);
    if has_any {
        Ok(())
    } else {
        Err(none_found(path, Kind::Raw).into())
    }
}

/// Tells one answer.
pub(super) fn file(
    input: &mut dyn BufRead,
    label: &str,
    to: &mut dyn Listener,
) -> Result<(), ImportError> {
    let name = label.rsplit(['/', '\\']).next().unwrap_or(label);
    let text = json::text(input, label)?;
    let answer = raw_file::parse(&text, name, label)?;
    let names = names(name, &[], "");
    let read_at = answer.date.or(names.read_at);
    Visit::new(to).tell(&names.about, read_at, answer.body, label)
}

/// Whether a file of a folder is an answer. An empty list is one where its name says so.
fn is_answer(found: &Found) -> Result<bool, ImportError> {
    if recognise::file(&found.path)? == Some(Kind::Raw) {
        return Ok(true);
    }
    let mut input = folder::open(&found.path)?;
    let begin = input.fill_buf().map_err(ImportError::io(&found.path))?;
    let is_empty = begin.len() < 16 && begin.trim_ascii() == b"[]";
    let name = found.name.to_ascii_lowercase();
    Ok(is_empty && (name.contains("referrer") || name.contains("path")))
}

/// The answers of one folder.
struct Visit<'a> {
    to: &'a mut dyn Listener,
    /// When views were read, and the newest day in them that was over.
    views: BTreeMap<(Subject, Timestamp), Window>,
}

impl<'a> Visit<'a> {
    fn new(to: &'a mut dyn Listener) -> Self {
        let views = BTreeMap::new();
        Self { to, views }
    }

    fn tell(
        &mut self,
        about: &Subject,
        read_at: Option<Timestamp>,
        body: Body,
        label: &str,
    ) -> Result<(), ImportError> {
        match body {
            Body::Days(metric, rows, total) => {
                self.days(about, read_at, (metric, rows, total), label)
            }
            Body::Lines(ranking, lines) => self.lines(about, read_at, (ranking, lines), label),
            Body::LeftOut(what) => {
                leave_out(self.to, what);
                Ok(())
            }
        }
    }

    fn days(
        &mut self,
        about: &Subject,
        read_at: Option<Timestamp>,
        (metric, rows, total): (Metric, Vec<DayCount>, Count),
        label: &str,
    ) -> Result<(), ImportError> {
        let at = read_at.unwrap_or_else(|| some_time_after(&rows));
        let pairs = rows.iter().map(|row| (row.day, row.count)).collect();
        let reading = Reading::new(metric, at, pairs, total)
            .map_err(|error| whole(label, error.to_string(), "one answer and its time"))?;
        for (day, count) in reading.facts() {
            tell_day(self.to, about, (metric, day, count), read_at, false)?;
        }
        let Some(newest) = reading.newest_published() else {
            return Ok(());
        };
        // Without a time only answers of whole windows say which period their top level is of.
        if let Some((window, uniques)) = reading.window_uniques()
            && (read_at.is_some() || regime::may_be_told_zero(window.range().first()))
        {
            let fact = Fact::Window {
                metric,
                window,
                uniques,
            };
            self.to.tell(about, fact)?;
        }
        if let (Metric::Views, Some(read_at)) = (metric, read_at) {
            let window = Window { last: newest };
            self.views.entry((about.clone(), read_at)).or_insert(window);
        }
        Ok(())
    }

    /// Reads a list once more, now that the views beside it are known.
    fn list(&mut self, names: &Names, found: &Found) -> Result<(), ImportError> {
        let label = found.label();
        let mut input = folder::open(&found.path)?;
        let text = json::text(&mut input, &label)?;
        let answer = raw_file::parse(&text, &found.name, &label)?;
        let read_at = answer.date.or(names.read_at);
        self.tell(&names.about, read_at, answer.body, &label)
    }

    fn lines(
        &mut self,
        about: &Subject,
        read_at: Option<Timestamp>,
        (ranking, lines): (Ranking, Vec<Line>),
        label: &str,
    ) -> Result<(), ImportError> {
        let Some(read_at) = read_at else {
            leave_out(self.to, UNDATED);
            return Ok(());
        };
        let beside = self.beside(about, read_at);
        let window = beside.unwrap_or_else(|| Window::read_on(read_at));
        let reading = reading(ranking, read_at, lines, label)?;
        Ok(self.to.tell(about, Fact::Ranked { window, reading })?)
    }
    /// The window of the views that were read next to a time, in the same visit.
    fn beside(&self, about: &Subject, read_at: Timestamp) -> Option<Window> {
        let at = (about.clone(), read_at);
        let apart = |at: Timestamp| (at.as_second() - read_at.as_second()).abs();
        let before = self.views.range(..=&at).next_back();
        let after = self.views.range(&at..).next();
        [before, after]
            .into_iter()
            .flatten()
            .filter(|((of, at), _)| of == about && apart(*at) <= ONE_VISIT_SECS)
            .min_by_key(|((_, at), _)| apart(*at))
            .map(|(_, window)| *window)
    }
}
