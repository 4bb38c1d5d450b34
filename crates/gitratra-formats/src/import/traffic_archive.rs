//! HafidIdrissi/github-traffic-archive: JSON by repository, in folders called `owner__name`.
//!
//! Views and clones are GitHub's rows, of each day the newest value. Lists of referrers and paths
//! carry the day on which they were read, and no time.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::Path;

use gitratra_core::import::{Fact, Kind, Listener, Subject};
use gitratra_core::{
    Day, Metric, Ranked, RankedReading, Ranking, Rolling, Timestamp, Window, regime,
};
use serde::Deserialize;

use super::folder::{self, Found};
use super::json::{self, DayCount, JsonDay, Whole};
use super::others::Others;
use super::subject::{OneUnnamed, of_folders, of_slug};
use super::table::Table;
use super::{ImportError, none_found, tell_day, whole};

/// How many days a list may lie behind its newest day for the window to be believed.
const LONGEST_LAG: i64 = 14;

/// What a file is, by its name. Views come first, since they date the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Days(Metric),
    Table(Metric),
    Lists(Ranking),
}

impl Part {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "views.json" => Self::Days(Metric::Views),
            "clones.json" => Self::Days(Metric::Clones),
            "views.csv" => Self::Table(Metric::Views),
            "clones.csv" => Self::Table(Metric::Clones),
            "referrers.json" => Self::Lists(Ranking::Referrers),
            "paths.json" => Self::Lists(Ranking::Paths),
            _ => return None,
        })
    }
}

/// Tells every repository of an archive.
pub(super) fn read(path: &Path, to: &mut dyn Listener) -> Result<(), ImportError> {
    let mut homes: BTreeMap<Vec<String>, Vec<(Part, Found)>> = BTreeMap::new();
    let mut others = Others::than(Kind::TrafficArchive);
    for found in folder::files(path, to)? {
        let Some(part) = Part::of(&found.name) else {
            others.take(&found)?;
            continue;
        };
        if others.is_ours(&found)? {
            let home = homes.entry(found.folders.clone()).or_default();
            home.push((part, found));
        }
    }
    others.tell(to);
    if homes.is_empty() {
        return Err(none_found(path, Kind::TrafficArchive).into());
    }
    let own_name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut one = OneUnnamed::by_folder();
    for (home, mut parts) in homes {
        let about = match of_folders(home.iter().map(String::as_str)) {
            Subject::Unnamed => of_slug(&own_name).unwrap_or(Subject::Unnamed),
            subject => subject,
        };
        one.check(&about, &home, &path.display().to_string())?;
        parts.sort();
        let has = |part| parts.iter().any(|(known, _)| *known == part);
        let mut archive = Archive {
            about: &about,
            newest: None,
        };
        for (part, found) in &parts {
            // The table is made out of the JSON beside it.
            if let Part::Table(metric) = part
                && has(Part::Days(*metric))
            {
                continue;
            }
            let mut input = folder::open(&found.path)?;
            archive.part(*part, &mut input, &found.label(), to)?;
        }
    }
    Ok(())
}

/// Tells one file, named as the tool does.
pub(super) fn file(
    input: &mut dyn BufRead,
    label: &str,
    to: &mut dyn Listener,
) -> Result<(), ImportError> {
    let name = label.rsplit(['/', '\\']).next().unwrap_or(label);
    let Some(part) = Part::of(name) else {
        let expected = "views.json, clones.json, referrers.json or paths.json";
        return Err(whole(label, "the name of the file says nothing", expected).into());
    };
    let mut archive = Archive {
        about: &Subject::Unnamed,
        newest: None,
    };
    archive.part(part, input, label, to)
}

/// One repository's files.
struct Archive<'a> {
    about: &'a Subject,
    /// The newest day of views.
    newest: Option<Day>,
}

impl Archive<'_> {
    fn part(
        &mut self,
        part: Part,
        input: &mut dyn BufRead,
        label: &str,
        to: &mut dyn Listener,
    ) -> Result<(), ImportError> {
        match part {
            Part::Days(metric) => {
                json::each(input, label, &mut |row: DayCount| self.day(metric, row, to))
            }
            Part::Table(metric) => {
                let mut table = Table::new(input, label, b',')?;
                let day = table.need("date")?;
                let (count, uniques) = (table.need("count")?, table.need("uniques")?);
                while let Some(row) = table.next()? {
                    let (day, count) = (row.day(day)?, row.full_count(count, uniques)?);
                    self.day(metric, DayCount { day, count }, to)?;
                }
                Ok(table.check_end()?)
            }
            Part::Lists(ranking) => self.lists(ranking, input, label, to),
        }
    }

    fn day(
        &mut self,
        metric: Metric,
        row: DayCount,
        to: &mut dyn Listener,
    ) -> Result<(), ImportError> {
        let DayCount { day, count } = row;
        if metric == Metric::Views {
            self.newest = self.newest.max(Some(day));
        }
        let is_old = !regime::may_be_told_zero(day);
        let read_at = is_old.then(|| day.last_second());
        let is_doubted = is_old && count.is_zero();
        tell_day(to, self.about, (metric, day, count), read_at, is_doubted)
    }

    fn lists(
        &self,
        ranking: Ranking,
        input: &mut dyn BufRead,
        label: &str,
        to: &mut dyn Listener,
    ) -> Result<(), ImportError> {
        let text = json::text(input, label)?;
        let lists: Vec<List> = json::parse(&text, label, 1)?;
        let last = lists.iter().map(|list| list.taken_on.0).max();
        let lag = last
            .zip(self.newest)
            .map(|(last, newest)| last.days_since(newest));
        let lag = lag.filter(|lag| (1..=LONGEST_LAG).contains(lag));
        for list in lists {
            let read_at = list.taken_on.0.last_second();
            let window = match lag {
                // What runs every day at one hour finds the same day published.
                Some(lag) => Window {
                    last: list.taken_on.0.plus(-lag),
                },
                None => Window::read_on(read_at),
            };
            let reading = list.reading(ranking, read_at, label)?;
            to.tell(self.about, Fact::Ranked { window, reading })?;
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct List {
    taken_on: JsonDay,
    rows: Vec<Line>,
}

/// A line as GitHub gives it.
#[derive(Deserialize)]
pub(super) struct Line {
    #[serde(alias = "source", alias = "path")]
    pub(super) referrer: String,
    pub(super) title: Option<String>,
    pub(super) count: Whole,
    pub(super) uniques: Whole,
}

impl List {
    fn reading(
        self,
        ranking: Ranking,
        read_at: Timestamp,
        label: &str,
    ) -> Result<RankedReading, ImportError> {
        reading(ranking, read_at, self.rows, label)
    }
}

/// Makes a list out of its lines.
///
/// # Errors
/// [`crate::FormatError`] where there are more than GitHub gives, a name comes twice, or numbers
/// cannot be.
pub(super) fn reading(
    ranking: Ranking,
    read_at: Timestamp,
    rows: Vec<Line>,
    label: &str,
) -> Result<RankedReading, ImportError> {
    const MOST_LINES: usize = 100;
    if rows.len() > MOST_LINES {
        let found = format!("a list of {} {ranking}", rows.len());
        return Err(whole(label, found, "at most ten").into());
    }
    let mut lines: Vec<Ranked> = Vec::new();
    for row in rows {
        let name = row.referrer;
        if lines.iter().any(|line| line.name == name) {
            let found = format!("{} is there twice", crate::lines::quoted(&name));
            return Err(whole(label, found, "every name once in a list").into());
        }
        let wrong = |why| {
            whole(
                label,
                format!("{}: {why}", crate::lines::quoted(&name)),
                "a list",
            )
        };
        let total = Rolling(json::pair(row.count, row.uniques).map_err(wrong)?);
        let title = row.title.filter(|title| !title.is_empty());
        lines.push(Ranked { name, title, total });
    }
    Ok(RankedReading {
        ranking,
        read_at,
        lines,
    })
}
