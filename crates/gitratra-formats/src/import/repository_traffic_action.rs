//! sangonzal/repository-traffic-action and its descendant, …-plus: tables of days.
//!
//! The first one writes GitHub's rows and nothing else. The descendant fills holes with zeros and,
//! where windows overlap, adds the values of both up; what it keeps of a single day beside that is
//! GitHub's. It is known by its tables of referrers and paths.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;
use std::path::Path;

use gitratra_core::import::{Fact, Kind, Listener, Subject};
use gitratra_core::{
    Day, Metric, Ranked, RankedReading, Ranking, Rolling, Timestamp, Window, regime,
};

use super::folder::{self, Found};
use super::moment;
use super::others::Others;
use super::subject::{OneUnnamed, of_folders};
use super::table::Table;
use super::{ImportError, leave_out, none_found, tell_day, whole, zipped};

/// How many rows a list may have; GitHub gives ten.
const MOST_LINES: usize = 100;

const LISTS: &str = "referral_sources.csv and referral_paths.csv: \
    the newest total of each name without the day on which it was read";
const SUMS: &str = "views.csv and clones.csv beside referral_sources.csv are doubted: \
    that version of the tool adds up what overlapping windows say of a day";

/// What a table tells of its days.
#[derive(Debug, Clone, Copy)]
enum Trust {
    /// GitHub's rows and no others.
    Rows,
    /// Values may be added up, zeros filled in.
    Sums,
    /// One answer, with zeros filled in, read on this day.
    Snapshot(Day),
}

/// Tells the tables of a folder, or one of them.
pub(super) fn read(path: &Path, to: &mut dyn Listener) -> Result<(), ImportError> {
    let mut homes: BTreeMap<Vec<String>, Vec<Found>> = BTreeMap::new();
    for found in folder::files(path, to)? {
        let mut home = found.folders.clone();
        if home.last().is_some_and(|last| last.parse::<Day>().is_ok()) {
            home.pop();
        }
        homes.entry(home).or_default().push(found);
    }
    let is_beside_lists = !folder::is_folder(path)? && has_list_beside(path)?;
    let mut one = OneUnnamed::by_folder();
    let mut others = Others::than(Kind::RepositoryTrafficAction);
    let mut has_any = false;
    for (home, files) in homes {
        let named = home
            .iter()
            .filter(|name| *name != "traffic" && *name != "insights");
        let about = of_folders(named.map(String::as_str));
        let is_plus = is_beside_lists || files.iter().any(|found| is_list_name(&found.name));
        let trust = if is_plus { Trust::Sums } else { Trust::Rows };
        for found in files {
            if is_ours(&found)? {
                one.check(&about, &home, &path.display().to_string())?;
                has_any = true;
                let mut input = folder::open(&found.path)?;
                let mut tables = Tables { about: &about, to };
                tables.file(&mut input, &found.name, &found.label(), trust)?;
            } else {
                others.take(&found)?;
            }
        }
    }
    others.tell(to);
    if has_any {
        Ok(())
    } else {
        Err(none_found(path, Kind::RepositoryTrafficAction).into())
    }
}

/// Tells one table.
pub(super) fn file(
    input: &mut dyn BufRead,
    label: &str,
    to: &mut dyn Listener,
) -> Result<(), ImportError> {
    let name = label.rsplit(['/', '\\']).next().unwrap_or(label);
    let about = &Subject::Unnamed;
    Tables { about, to }.file(input, name, label, Trust::Rows)
}

fn is_list_name(name: &str) -> bool {
    name.starts_with("referral_sources") || name.starts_with("referral_paths")
}

/// Whether the lists by which the descendant is known lie in the folder of a file, or above the
/// folder of its day.
fn has_list_beside(file: &Path) -> Result<bool, ImportError> {
    let whole = std::fs::canonicalize(file).map_err(ImportError::io(file))?;
    let is_of_a_day = |folder: &&Path| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        name.parse::<Day>().is_ok()
    };
    let folder = whole.parent();
    let above = folder.filter(is_of_a_day).and_then(Path::parent);
    for folder in folder.into_iter().chain(above) {
        for entry in std::fs::read_dir(folder).map_err(ImportError::io(folder))? {
            let name = entry.map_err(ImportError::io(folder))?.file_name();
            if is_list_name(&name.to_string_lossy()) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Whether a file of a folder is the tool's.
fn is_ours(found: &Found) -> Result<bool, ImportError> {
    if found.name.ends_with("_snapshot.zip") {
        return Ok(true);
    }
    let path = Path::new(&found.name);
    if path.extension().is_none_or(|extension| extension != "csv") {
        return Ok(false);
    }
    let mut input = folder::open(&found.path)?;
    let bytes = input.fill_buf().map_err(ImportError::io(&found.path))?;
    let line = bytes.split(|byte| *byte == b'\n').next();
    Ok(is_header(&String::from_utf8_lossy(
        line.unwrap_or_default(),
    )))
}

/// Whether a table with this first line is one of the tool's.
pub(super) fn is_header(line: &str) -> bool {
    let names: Vec<String> = line
        .trim_start_matches('\u{feff}')
        .trim()
        .split(',')
        .map(|name| name.trim_matches('"').to_owned())
        .collect();
    metric_of(&names).is_some() || ranking_of(&names).is_some()
}

fn metric_of(header: &[String]) -> Option<Metric> {
    let has = |name: &str| header.iter().any(|column| column == name);
    let has_day = has("_date") || header.first().is_some_and(String::is_empty);
    [Metric::Views, Metric::Clones].into_iter().find(|metric| {
        let word = metric.word();
        has_day && has(&format!("total_{word}")) && has(&format!("unique_{word}"))
    })
}

fn ranking_of(header: &[String]) -> Option<Ranking> {
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    match header.as_slice() {
        ["referrer", "count", "uniques"] => Some(Ranking::Referrers),
        ["path", "title", "count", "uniques"] => Some(Ranking::Paths),
        _ => None,
    }
}

struct Tables<'a> {
    about: &'a Subject,
    to: &'a mut dyn Listener,
}

impl Tables<'_> {
    fn file(
        &mut self,
        input: &mut dyn BufRead,
        name: &str,
        label: &str,
        trust: Trust,
    ) -> Result<(), ImportError> {
        let begin = input.fill_buf().map_err(ImportError::io(label))?;
        if !begin.starts_with(b"PK") {
            return self.table(input, name, label, trust);
        }
        zipped::read(input, label, &mut |inner, label, input| {
            let path = Path::new(inner);
            if path.extension().is_none_or(|extension| extension != "csv") {
                return Ok(());
            }
            let name = inner.rsplit(['/', '\\']).next().unwrap_or(inner);
            self.table(input, name, label, trust)
        })
    }

    fn table(
        &mut self,
        input: &mut dyn BufRead,
        name: &str,
        label: &str,
        trust: Trust,
    ) -> Result<(), ImportError> {
        let table = Table::new(input, label, b',')?;
        let header = table.header();
        if header.is_empty() {
            return Ok(());
        }
        let read_at = moment::in_name(name).map(|named| named.read_at);
        if let Some(metric) = metric_of(header) {
            let trust = match read_at {
                Some(read_at) if header[0].is_empty() => Trust::Snapshot(Day::of(read_at)),
                _ => trust,
            };
            return self.days(table, metric, trust);
        }
        let Some(ranking) = ranking_of(header) else {
            let found = format!("the columns {}", crate::lines::quoted(&header.join(", ")));
            let expected = "\"_date, total_views, unique_views\", or of clones";
            return Err(whole(label, found, expected).into());
        };
        match read_at {
            Some(read_at) => self.ranking(table, ranking, read_at),
            None => {
                leave_out(self.to, LISTS);
                Ok(())
            }
        }
    }

    fn days(
        &mut self,
        mut table: Table<'_>,
        metric: Metric,
        trust: Trust,
    ) -> Result<(), ImportError> {
        let word = metric.word();
        let at = table.find(&["_date", ""]).unwrap_or(0);
        let total = table.need(&format!("total_{word}"))?;
        let unique = table.need(&format!("unique_{word}"))?;
        if matches!(trust, Trust::Sums) {
            leave_out(self.to, SUMS);
        }
        while let Some(row) = table.next()? {
            let (day, count) = (row.day(at)?, row.full_count(total, unique)?);
            let (read_at, is_doubted) = match trust {
                Trust::Rows => (None, count.is_zero() && !regime::may_be_told_zero(day)),
                Trust::Sums => (None, true),
                Trust::Snapshot(on) if day > on => {
                    let expected = "days up to the one in the file's name";
                    return Err(row.wrong(at, "is in the future", expected).into());
                }
                Trust::Snapshot(on) => {
                    let read_at = (day == on).then(|| day.last_second());
                    (read_at, count.is_zero())
                }
            };
            tell_day(
                self.to,
                self.about,
                (metric, day, count),
                read_at,
                is_doubted,
            )?;
        }
        Ok(table.check_end()?)
    }

    fn ranking(
        &mut self,
        mut table: Table<'_>,
        ranking: Ranking,
        read_at: Timestamp,
    ) -> Result<(), ImportError> {
        let title = table.find(&["title"]);
        let (count, uniques) = (table.need("count")?, table.need("uniques")?);
        let mut names = BTreeSet::new();
        let mut lines = Vec::new();
        while let Some(row) = table.next()? {
            let name = row.text(0)?.to_owned();
            if lines.len() == MOST_LINES || !names.insert(name.clone()) {
                let expected = "every name once, and at most ten of them";
                return Err(row.wrong(0, "is too much", expected).into());
            }
            let title = title.map(|at| row.text(at)).transpose()?;
            lines.push(Ranked {
                name,
                title: title.filter(|title| !title.is_empty()).map(str::to_owned),
                total: Rolling(row.full_count(count, uniques)?),
            });
        }
        table.check_end()?;
        let window = Window::read_on(read_at);
        let reading = RankedReading {
            ranking,
            read_at,
            lines,
        };
        Ok(self.to.tell(self.about, Fact::Ranked { window, reading })?)
    }
}
