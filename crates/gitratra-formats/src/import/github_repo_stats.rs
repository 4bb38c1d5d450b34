//! jgehrcke/github-repo-stats: the folder that the action keeps on a branch.
//!
//! Fragments are GitHub's answers with their time, one table for views and clones, in which a day
//! that only one of them has leaves the other empty. The aggregate holds the larger of all values,
//! with a 0 wherever a fragment was empty; it stands for days of which no fragment is left.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;
use std::path::Path;

use gitratra_core::import::{Fact, Kind, Listener, Subject, Tally};
use gitratra_core::{
    Count, Day, Metric, Ranked, RankedReading, Ranking, Reading, Rolling, Timestamp, Window,
};

use super::folder::{self, Found};
use super::others::Others;
use super::subject::{OneUnnamed, of_folders};
use super::table::Table;
use super::{ImportError, leave_out, moment, none_found, tell_day, whole};

/// How many rows a fragment or a list may have; GitHub gives 15 and 10.
const MOST_ROWS: usize = 100;

const STARS_NOTE: &str = "stars taken back and stars beyond the newest 40000: \
    the tool builds its curve from those who star today";

/// What a file of the folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Fragment,
    Ranking(Ranking),
    Aggregate,
    Total(Tally),
}

/// Days that fragments have told.
type Told = BTreeSet<(Metric, Day)>;

/// Tells every repository of a checkout.
pub(super) fn read(path: &Path, to: &mut dyn Listener) -> Result<(), ImportError> {
    let mut homes: BTreeMap<Vec<String>, Vec<(Part, Found)>> = BTreeMap::new();
    let mut others = Others::than(Kind::GithubRepoStats);
    for found in folder::files(path, to)? {
        if let Some(part) = part_of(&found)? {
            let mut home = found.folders.clone();
            if home.last().is_some_and(|last| last == "snapshots") {
                home.pop();
            }
            homes.entry(home).or_default().push((part, found));
        } else {
            others.take(&found)?;
        }
    }
    others.tell(to);
    if homes.is_empty() {
        return Err(none_found(path, Kind::GithubRepoStats).into());
    }
    let mut one = OneUnnamed::by_folder();
    for (home, mut parts) in homes {
        let named = home.iter().filter(|name| *name != "ghrs-data");
        let about = of_folders(named.map(String::as_str));
        one.check(&about, &home, &path.display().to_string())?;
        // Fragments stand first, since the aggregate is told only where they have nothing.
        parts.sort();
        let mut told = Told::new();
        for (part, found) in parts {
            let mut input = folder::open(&found.path)?;
            let label = found.label();
            let mut reading = FileReading {
                label: &label,
                about: &about,
                told: &mut told,
            };
            reading.part(part, &mut input, &found.name, to)?;
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
    let header = first_line(input).map_err(ImportError::io(label))?;
    let Some(part) = by_name(name).or_else(|| by_header(&header)) else {
        let expected = "a table of github-repo-stats";
        return Err(whole(label, "neither name nor header is known", expected).into());
    };
    let mut told = Told::new();
    let mut reading = FileReading {
        label,
        about: &Subject::Unnamed,
        told: &mut told,
    };
    reading.part(part, input, name, to)
}

fn part_of(found: &Found) -> Result<Option<Part>, ImportError> {
    if let Some(part) = by_name(&found.name) {
        return Ok(Some(part));
    }
    let is_table = Path::new(&found.name)
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    if !is_table {
        return Ok(None);
    }
    let mut input = folder::open(&found.path)?;
    let header = first_line(&mut input).map_err(ImportError::io(&found.path))?;
    Ok(by_header(&header))
}

fn by_name(name: &str) -> Option<Part> {
    const ENDS: [(&str, Part); 3] = [
        ("_views_clones_series_fragment.csv", Part::Fragment),
        (
            "_top_referrers_snapshot.csv",
            Part::Ranking(Ranking::Referrers),
        ),
        ("_top_paths_snapshot.csv", Part::Ranking(Ranking::Paths)),
    ];
    let end = ENDS.into_iter().find(|(end, _)| name.ends_with(end));
    end.map(|(_, part)| part)
}

/// What a table with this first line is, where its name says nothing.
pub(super) fn is_header(line: &str) -> bool {
    by_header(line).is_some() || {
        let line = line.trim();
        line == "referrer,views_total,views_unique" || line == "url_path,views_total,views_unique"
    }
}

fn by_header(line: &str) -> Option<Part> {
    let names: Vec<&str> = line.trim().split(',').map(str::trim).collect();
    if !names.contains(&"time_iso8601") {
        return None;
    }
    let has = |name: &str| names.contains(&name);
    if has("clones_total") && has("views_total") {
        Some(Part::Aggregate)
    } else if has("stars_cumulative") || has("stargazers_cumulative_snapshot") {
        Some(Part::Total(Tally::Stars))
    } else if has("forks_cumulative") || has("forks_cumulative_snapshot") {
        Some(Part::Total(Tally::Forks))
    } else {
        None
    }
}

fn first_line(input: &mut dyn BufRead) -> std::io::Result<String> {
    let bytes = input.fill_buf()?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let line = bytes.split(|byte| *byte == b'\n').next();
    Ok(String::from_utf8_lossy(line.unwrap_or_default()).into_owned())
}

/// One file that is being read.
struct FileReading<'a> {
    label: &'a str,
    about: &'a Subject,
    told: &'a mut Told,
}

impl FileReading<'_> {
    fn part(
        &mut self,
        part: Part,
        input: &mut dyn BufRead,
        name: &str,
        to: &mut dyn Listener,
    ) -> Result<(), ImportError> {
        match part {
            Part::Fragment => self.fragment(input, self.time_in(name)?, to),
            Part::Ranking(ranking) => self.ranking(ranking, input, self.time_in(name)?, to),
            Part::Aggregate => self.aggregate(input, to),
            Part::Total(tally) => self.totals(tally, input, to),
        }
    }

    fn time_in(&self, name: &str) -> Result<Timestamp, ImportError> {
        let time = moment::in_name(name).map(|named| named.read_at);
        let expected = "a name with the time of reading, such as 2026-01-02_030405_…";
        Ok(time.ok_or_else(|| whole(self.label, "the name of the file has no time", expected))?)
    }

    /// One answer of GitHub's about views and one about clones.
    fn fragment(
        &mut self,
        input: &mut dyn BufRead,
        read_at: Timestamp,
        to: &mut dyn Listener,
    ) -> Result<(), ImportError> {
        let mut table = Table::new(input, self.label, b',')?;
        if table.header().is_empty() {
            return Ok(());
        }
        let at = Places::new(&table)?;
        let mut rows: BTreeMap<Metric, BTreeMap<Day, Count>> = BTreeMap::new();
        let mut number = 0;
        while let Some(row) = table.next()? {
            number += 1;
            if number > MOST_ROWS {
                let expected = "the days of one answer of GitHub's";
                return Err(row.wrong(at.day, "is one row too many", expected).into());
            }
            let day = row.day(at.day)?;
            for (metric, count, uniques) in at.counts {
                if let Some(count) = row.count(count, uniques)? {
                    let known = rows.entry(metric).or_default().entry(day).or_default();
                    *known = known.larger(count);
                }
            }
        }
        table.check_end()?;
        for (metric, rows) in rows {
            let rows = rows.into_iter().collect();
            // The tool leaves out what the top level of the answer says, and nobody asks for it.
            let reading = Reading::new(metric, read_at, rows, Count::ZERO).map_err(|error| {
                whole(
                    self.label,
                    error.to_string(),
                    "days up to the time in its name",
                )
            })?;
            for (day, count) in reading.facts() {
                tell_day(to, self.about, (metric, day, count), Some(read_at), false)?;
                self.told.insert((metric, day));
            }
        }
        Ok(())
    }

    /// The ten that brought most over the window, at one moment.
    fn ranking(
        &mut self,
        ranking: Ranking,
        input: &mut dyn BufRead,
        read_at: Timestamp,
        to: &mut dyn Listener,
    ) -> Result<(), ImportError> {
        let mut table = Table::new(input, self.label, b',')?;
        if table.header().is_empty() {
            return Ok(());
        }
        let (count, uniques) = match table.find(&["count_total"]) {
            Some(_) => (table.need("count_total")?, table.need("count_unique")?),
            None => (table.need("views_total")?, table.need("views_unique")?),
        };
        let name = match ranking {
            Ranking::Referrers => table.find(&["referrer", "referrers"]),
            Ranking::Paths => table.find(&["url_path", "url_paths"]),
        };
        let name = match name {
            Some(at) => at,
            None => table.need(ranking.word())?,
        };
        let mut lines: Vec<Ranked> = Vec::new();
        while let Some(row) = table.next()? {
            if lines.len() == MOST_ROWS {
                let expected = "the list of one answer of GitHub's";
                return Err(row.wrong(name, "is one row too many", expected).into());
            }
            let text = row.text(name)?;
            if lines.iter().any(|line| line.name == text) {
                return Err(row.wrong(name, "is there twice", "every name once").into());
            }
            lines.push(Ranked {
                name: text.to_owned(),
                title: None,
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
        Ok(to.tell(self.about, Fact::Ranked { window, reading })?)
    }

    /// The larger of all values ever seen, and zeros where there was none.
    fn aggregate(
        &mut self,
        input: &mut dyn BufRead,
        to: &mut dyn Listener,
    ) -> Result<(), ImportError> {
        let mut table = Table::new(input, self.label, b',')?;
        let at = Places::new(&table)?;
        while let Some(row) = table.next()? {
            let day = row.day(at.day)?;
            for (metric, count, uniques) in at.counts {
                let count = row.count(count, uniques)?;
                if let Some(count) = count.filter(|_| !self.told.contains(&(metric, day))) {
                    let is_doubted = count.is_zero();
                    tell_day(to, self.about, (metric, day, count), None, is_doubted)?;
                }
            }
        }
        Ok(table.check_end()?)
    }

    /// Stars or forks, of each day the last number.
    fn totals(
        &mut self,
        tally: Tally,
        input: &mut dyn BufRead,
        to: &mut dyn Listener,
    ) -> Result<(), ImportError> {
        if tally == Tally::Stars {
            leave_out(to, STARS_NOTE);
        }
        let mut table = Table::new(input, self.label, b',')?;
        let time = table.need("time_iso8601")?;
        let total = (0..table.header().len()).find(|at| *at != time);
        let mut held: Option<(Day, u64)> = None;
        while let Some(row) = table.next()? {
            let text = row.text(time)?.trim();
            let day = moment::day(text).or_else(|| moment::moment(text).map(Day::of));
            let day = day.ok_or_else(|| row.wrong(time, "is no time", "a time of ISO 8601"))?;
            let Some(total) = total.map(|at| row.number(at)).transpose()?.flatten() else {
                continue;
            };
            match &mut held {
                Some((of, most)) if *of == day => *most = total.max(*most),
                _ => {
                    if let Some((day, total)) = held.replace((day, total)) {
                        to.tell(self.about, Fact::Total { tally, day, total })?;
                    }
                }
            }
        }
        table.check_end()?;
        if let Some((day, total)) = held {
            to.tell(self.about, Fact::Total { tally, day, total })?;
        }
        Ok(())
    }
}

/// Where views and clones stand in a table that has both.
struct Places {
    day: usize,
    counts: [(Metric, usize, usize); 2],
}

impl Places {
    fn new(table: &Table<'_>) -> Result<Self, ImportError> {
        let of = |metric, total, unique| -> Result<_, ImportError> {
            Ok((metric, table.need(total)?, table.need(unique)?))
        };
        Ok(Self {
            day: table.need("time_iso8601")?,
            counts: [
                of(Metric::Views, "views_total", "views_unique")?,
                of(Metric::Clones, "clones_total", "clones_unique")?,
            ],
        })
    }
}
