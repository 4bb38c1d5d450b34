//! djdarcy/github-traffic-tracker: the state that the workflow keeps in a gist, and its archives.
//!
//! Of the days only what GitHub said is taken, never what the tool takes off for its own runs or
//! adds from before. A day's entry is made on the day itself, with zeros in it, before GitHub has
//! said anything; so a zero is believed only where the entry was written anew some days later.

use std::io::BufRead;
use std::path::Path;

use gitratra_core::import::{Fact, Kind, Listener, Subject, Tally};
use gitratra_core::{Count, Day, Metric, Ranking, RepoName, Timestamp, Window};
use serde::Deserialize;

use super::folder;
use super::json::{self, JsonDate, JsonMoment, Whole};
use super::others::Others;
use super::subject::OneUnnamed;
use super::traffic_archive::{Line, reading};
use super::{ImportError, leave_out, none_found, tell_day, whole};
use crate::FormatError;

/// How many days after its day an entry has to be written for its zeros to be GitHub's. Views and
/// clones of one answer may end on different days.
const ZERO_AFTER_DAYS: i64 = 3;

const DERIVED: &str = "organic clones, baselines, runs and totals: \
    the tool makes them out of other numbers";
const NO_UNIQUES: &str = "uniques of days before the tool kept them: \
    such days are told as lower bounds, with one person each";
const OLD_COUNTERS: &str = "stars and forks by day: \
    older versions wrote the newest number over the last fourteen days";

/// Tells a state, an archive, or those of a folder.
pub(super) fn read(path: &Path, to: &mut dyn Listener) -> Result<(), ImportError> {
    let is_folder = folder::is_folder(path)?;
    let mut one = OneUnnamed::by_nothing();
    let mut others = Others::than(Kind::GithubTrafficTracker);
    let mut has_any = false;
    for found in folder::files(path, to)? {
        if !is_folder || others.is_ours(&found)? {
            has_any = true;
            let label = found.label();
            let state = State::read(&mut folder::open(&found.path)?, &label)?;
            let about = state.about(&label)?;
            one.check(&about, &found.folders, &label)?;
            state.tell(&about, to, &label)?;
        }
    }
    others.tell(to);
    if has_any {
        Ok(())
    } else {
        Err(none_found(path, Kind::GithubTrafficTracker).into())
    }
}

/// Tells one state or archive.
pub(super) fn file(
    input: &mut dyn BufRead,
    label: &str,
    to: &mut dyn Listener,
) -> Result<(), ImportError> {
    let state = State::read(input, label)?;
    let about = state.about(label)?;
    state.tell(&about, to, label)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct State {
    /// Only archives have it.
    repo: Option<String>,
    daily_history: Vec<Entry>,
    stars: Option<Whole>,
    forks: Option<Whole>,
    referrers: Option<Vec<Line>>,
    popular_paths: Option<Vec<Line>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    /// Midnight, or in old versions the moment of a run on the day.
    date: JsonDate,
    captured_at: Option<JsonMoment>,
    clones: Option<Whole>,
    unique_clones: Option<Whole>,
    organic_clones: Option<Whole>,
    organic_unique_clones: Option<Whole>,
    views: Option<Whole>,
    unique_views: Option<Whole>,
    stars: Option<Whole>,
}

impl Entry {
    fn tell(&self, about: &Subject, to: &mut dyn Listener, label: &str) -> Result<(), ImportError> {
        let day = self.date.0;
        let read_at = self.captured_at.map(|moment| moment.0);
        if let Some(read_at) = read_at.filter(|read_at| Day::of(*read_at) < day) {
            let found = format!("day {day} is in the future, its entry was written at {read_at}");
            return Err(whole(label, found, "days up to \"capturedAt\"").into());
        }
        if self.stars.is_some() {
            leave_out(to, OLD_COUNTERS);
        }
        for (metric, count, uniques) in [
            (Metric::Views, self.views, self.unique_views),
            (Metric::Clones, self.clones, self.unique_clones),
        ] {
            if let Some(count) = count {
                self.tell_raw(about, to, label, (metric, count, uniques))?;
            }
        }
        if let (None, Some(count)) = (self.clones, self.organic_clones) {
            let people = self.organic_unique_clones.unwrap_or(count.min(Whole(1)));
            let count = pair(day, count, people, label)?;
            tell_day(to, about, (Metric::Clones, day, count), read_at, true)?;
        }
        Ok(())
    }

    fn tell_raw(
        &self,
        about: &Subject,
        to: &mut dyn Listener,
        label: &str,
        (metric, count, uniques): (Metric, Whole, Option<Whole>),
    ) -> Result<(), ImportError> {
        let day = self.date.0;
        let mut read_at = self.captured_at.map(|moment| moment.0);
        // A false zero of people beside real events is the tool's own, and it says so.
        let known = uniques.filter(|uniques| count.0 == 0 || uniques.0 > 0);
        if known.is_none() && count.0 > 0 {
            leave_out(to, NO_UNIQUES);
            read_at = Some(day.last_second());
        }
        let people = known.unwrap_or(count.min(Whole(1)));
        let count = pair(day, count, people, label)?;
        let is_settled =
            read_at.is_some_and(|read_at| Day::of(read_at).days_since(day) >= ZERO_AFTER_DAYS);
        let is_doubted = count.is_zero() && !is_settled;
        tell_day(to, about, (metric, day, count), read_at, is_doubted)
    }
}

fn pair(day: Day, count: Whole, people: Whole, label: &str) -> Result<Count, FormatError> {
    json::pair(count, people).map_err(|why| {
        whole(
            label,
            format!("day {day}: {why}"),
            "what the workflow writes",
        )
    })
}

impl State {
    fn read(input: &mut dyn BufRead, label: &str) -> Result<Self, ImportError> {
        let text = json::text(input, label)?;
        Ok(json::parse(&text, label, 1)?)
    }

    fn about(&self, label: &str) -> Result<Subject, FormatError> {
        let Some(name) = &self.repo else {
            return Ok(Subject::Unnamed);
        };
        let name = name.parse::<RepoName>();
        name.map(Subject::named)
            .map_err(|error| whole(label, error.to_string(), "\"repo\" as owner/name"))
    }

    fn tell(self, about: &Subject, to: &mut dyn Listener, label: &str) -> Result<(), ImportError> {
        leave_out(to, DERIVED);
        for entry in &self.daily_history {
            entry.tell(about, to, label)?;
        }
        self.tell_newest(about, to, label)
    }

    /// What is there only once: counters and lists, as they were at the newest run.
    fn tell_newest(
        self,
        about: &Subject,
        to: &mut dyn Listener,
        label: &str,
    ) -> Result<(), ImportError> {
        let moments = self
            .daily_history
            .iter()
            .filter_map(|entry| entry.captured_at);
        let newest = moments.map(|moment| moment.0).max();
        let day = newest.map(Day::of);
        // Every run leaves an entry of its day, also those that did not write the time yet.
        let last = self.daily_history.iter().map(|entry| entry.date.0).max();
        if let Some(day) = day.or(last) {
            for (tally, total) in [(Tally::Stars, self.stars), (Tally::Forks, self.forks)] {
                if let Some(Whole(total)) = total {
                    to.tell(about, Fact::Total { tally, day, total })?;
                }
            }
        }
        let Some(read_at) = newest.or_else(|| last.map(Day::last_second)) else {
            return Ok(());
        };
        for (ranking, rows) in [
            (Ranking::Referrers, self.referrers),
            (Ranking::Paths, self.popular_paths),
        ] {
            if let Some(rows) = rows {
                tell_list(about, to, (ranking, read_at, rows), label)?;
            }
        }
        Ok(())
    }
}

fn tell_list(
    about: &Subject,
    to: &mut dyn Listener,
    (ranking, read_at, rows): (Ranking, Timestamp, Vec<Line>),
    label: &str,
) -> Result<(), ImportError> {
    let window = Window::read_on(read_at);
    let reading = reading(ranking, read_at, rows, label)?;
    Ok(to.tell(about, Fact::Ranked { window, reading })?)
}
