//! repohistory: the zip of its export, or one of the tables in it.
//!
//! The tool keeps the newest value of a day, and writes every day from the first to yesterday, with
//! a 0 where it has none. Before 2025-12-31 GitHub told less of a day the closer it came to the end
//! of the window, so that the newest value of such a day is a lower bound.

use std::io::BufRead;
use std::path::Path;

use gitratra_core::import::{Kind, Listener, Subject};
use gitratra_core::{Metric, regime};

use super::folder::{self, Found};
use super::others::Others;
use super::subject::OneUnnamed;
use super::table::Table;
use super::{ImportError, leave_out, none_found, tell_day, whole, zipped};

const LISTS: &str = "referrers and popular content: the tool writes rolling totals as if they were \
    days, without uniques and with zeros in between";

/// Tells a zip, a table, or those of a folder.
pub(super) fn read(path: &Path, to: &mut dyn Listener) -> Result<(), ImportError> {
    let is_folder = folder::is_folder(path)?;
    let mut one = OneUnnamed::by_nothing();
    let mut others = Others::than(Kind::Repohistory);
    let mut has_any = false;
    for found in folder::files(path, to)? {
        let is_list = matches!(found.name.as_str(), "referrers.csv" | "popular-content.csv");
        if is_list && is_folder {
            leave_out(to, LISTS);
        } else if !is_folder || others.is_ours(&found)? {
            has_any = true;
            let label = found.label();
            let mut input = folder::open(&found.path)?;
            let home = home(&found, &mut input).map_err(ImportError::io(&found.path))?;
            one.check(&Subject::Unnamed, &home, &label)?;
            file(&mut input, &label, to)?;
        }
    }
    others.tell(to);
    if has_any {
        Ok(())
    } else {
        Err(none_found(path, Kind::Repohistory).into())
    }
}

/// A zip is the history of one repository, and so are the tables of one folder.
fn home(found: &Found, input: &mut dyn BufRead) -> std::io::Result<Vec<String>> {
    let mut home = found.folders.clone();
    if input.fill_buf()?.starts_with(b"PK") {
        home.push(found.name.clone());
    }
    Ok(home)
}

/// Tells a zip or a table. No name of a repository is in it.
pub(super) fn file(
    input: &mut dyn BufRead,
    label: &str,
    to: &mut dyn Listener,
) -> Result<(), ImportError> {
    let begin = input.fill_buf().map_err(ImportError::io(label))?;
    if !begin.starts_with(b"PK") {
        return table(input, label, to);
    }
    let mut has_any = false;
    zipped::read(
        input,
        label,
        &mut |name, label, input| match name.rsplit(['/', '\\']).next() {
            Some("views.csv" | "clones.csv") => {
                has_any = true;
                table(input, label, to)
            }
            Some("referrers.csv" | "popular-content.csv") => {
                leave_out(to, LISTS);
                Ok(())
            }
            _ => Ok(()),
        },
    )?;
    if has_any {
        return Ok(());
    }
    let expected = "the zip that repohistory exports";
    Err(whole(label, "neither views.csv nor clones.csv is in it", expected).into())
}

/// The metric of a table with these columns.
pub(super) fn metric_of(header: &[String]) -> Option<Metric> {
    let is = |names: [&str; 3]| {
        header.len() == names.len()
            && header
                .iter()
                .zip(names)
                .all(|(column, name)| column.eq_ignore_ascii_case(name))
    };
    if is(["Date", "Total Views", "Unique Views"]) {
        Some(Metric::Views)
    } else if is(["Date", "Total Clones", "Unique Clones"]) {
        Some(Metric::Clones)
    } else {
        None
    }
}

fn table(input: &mut dyn BufRead, label: &str, to: &mut dyn Listener) -> Result<(), ImportError> {
    let mut table = Table::new(input, label, b',')?;
    if table.header().is_empty() {
        return Ok(());
    }
    let Some(metric) = metric_of(table.header()) else {
        let header = table.header().join(", ");
        let found = format!("the columns {}", crate::lines::quoted(&header));
        return Err(whole(
            label,
            found,
            "\"Date, Total Views, Unique Views\" or of clones",
        )
        .into());
    };
    while let Some(row) = table.next()? {
        let (day, count) = (row.day(0)?, row.full_count(1, 2)?);
        let read_at = (!regime::may_be_told_zero(day)).then(|| day.last_second());
        let about = &Subject::Unnamed;
        tell_day(to, about, (metric, day, count), read_at, count.is_zero())?;
    }
    Ok(())
}
