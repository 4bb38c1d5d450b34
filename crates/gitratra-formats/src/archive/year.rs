//! A year's file: what belongs to a day. Every line begins with its day, then comes the word that
//! says what it is.

use std::sync::Arc;

use gitratra_core::history::{History, SourceName, Told, place};
use gitratra_core::import::Tally;
use gitratra_core::{
    Counters, Day, DayRange, Metric, NoteText, Ranking, Seen, StarDay, Uniques, Week, Window,
};

use super::fields::{Fields, escaped, opt, time};
use crate::FormatError;

/// All lines with their years, in any order.
pub(super) fn lines(history: &History) -> Vec<(i16, String)> {
    let mut lines = Lines(Vec::new());
    for told in history.told() {
        lines.push(told.day, &day_line(&told));
    }
    for (day, known) in &history.days {
        for (metric, known) in Metric::ALL.into_iter().zip(known) {
            if let Some(people) = known.window_uniques {
                lines.push(*day, &format!("{metric}_window\t{people}"));
            }
        }
    }
    for (week, told) in &history.weeks {
        for (metric, told) in Metric::ALL.into_iter().zip(told) {
            if let Some(told) = told {
                let (events, people) = (told.count(), told.uniques());
                lines.push(week.monday(), &format!("{metric}_week\t{events}\t{people}"));
            }
        }
    }
    for ((ranking, window), list) in &history.rankings.lists {
        let read_at = time(list.read_at);
        lines.push(window.last, &format!("{ranking}\t{read_at}"));
        for (name, total) in &list.lines {
            let (events, people, name) = (total.count(), total.uniques(), escaped(name));
            let line = format!("{ranking}\t{read_at}\t{events}\t{people}\t{name}");
            lines.push(window.last, &line);
        }
    }
    counted(history, &mut lines);
    for (note, written_at) in &history.notes {
        let text = escaped(note.1.as_str());
        lines.push(note.0, &format!("note\t{}\t{text}", time(*written_at)));
    }
    for ((tally, day), total) in &history.totals {
        lines.push(*day, &format!("{}\t{total}", told_word(*tally)));
    }
    for (day, runs) in &history.workflow_days {
        lines.push(*day, &format!("workflow_runs\t{runs}"));
    }
    lines.0
}

struct Lines(Vec<(i16, String)>);

impl Lines {
    fn push(&mut self, day: Day, rest: &str) {
        self.0.push((day.ymd().0, format!("{day}\t{rest}")));
    }
}

fn day_line(told: &Told) -> String {
    let kind = kind(told.metric, told.is_doubted);
    let (events, people) = (told.count.count(), told.count.uniques());
    let (first, last) = (time(told.seen.first), time(told.seen.last));
    let source = &told.source;
    let mut line = format!("{kind}\t{events}\t{people}\t{first}\t{last}");
    line.push('\t');
    line.push_str(&escaped(&source.kind));
    if *source != SourceName::github() {
        line.push('\t');
        line.push_str(&escaped(&source.label));
    }
    line
}

const fn kind(metric: Metric, is_doubted: bool) -> &'static str {
    match (metric, is_doubted) {
        (Metric::Views, false) => "views",
        (Metric::Clones, false) => "clones",
        (Metric::Views, true) => "views_doubted",
        (Metric::Clones, true) => "clones_doubted",
    }
}

const fn told_word(tally: Tally) -> &'static str {
    match tally {
        Tally::Stars => "stars_told",
        Tally::Forks => "forks_told",
    }
}

/// Counters, stars and downloads.
fn counted(history: &History, lines: &mut Lines) {
    for (days, of) in history.counters.all() {
        let fields = [
            of.stars.to_string(),
            of.forks.to_string(),
            opt(of.watchers),
            opt(of.open_issues),
            opt(of.open_pulls),
            opt(of.open_both),
            opt(of.size_kib),
            opt(of.releases),
        ];
        let line = format!("counters\t{}", fields.join("\t"));
        for day in days.iter() {
            lines.push(day, &line);
        }
    }
    for (day, stars) in &history.stars.days {
        lines.push(*day, &format!("stars\t{}\t{}", stars.given, stars.still));
    }
    for (asset, totals) in &history.downloads {
        for (days, total) in totals.all() {
            for part in by_month(*days) {
                let line = format!("downloads\t{asset}\t{}\t{total}", part.last());
                lines.push(part.first(), &line);
            }
        }
    }
}

/// Days cut at the ends of months, so that the lines of months that are over never change.
fn by_month(days: DayRange) -> impl Iterator<Item = DayRange> {
    let mut next = Some(days.first());
    std::iter::from_fn(move || {
        let first = next?;
        let (year, month, _) = first.ymd();
        let (year, month) = if month == 12 {
            (year + 1, 1)
        } else {
            (year, month + 1)
        };
        let following = Day::from_ymd(year, month, 1);
        let end = following.map_or(Day::MAX, |following| following.plus(-1));
        let last = end.min(days.last());
        next = (last < days.last()).then(|| last.plus(1));
        DayRange::new(first, last)
    })
}

/// Takes a line in. What was told of days is gathered, and joined when all of it was read.
pub(super) fn take(
    history: &mut History,
    told: &mut Vec<Told>,
    fields: &mut Fields<'_>,
) -> Result<(), FormatError> {
    let day = fields.day()?;
    let word = fields.next("a fact")?;
    for metric in Metric::ALL {
        for is_doubted in [false, true] {
            if word == kind(metric, is_doubted) {
                told.push(take_day(day, metric, is_doubted, fields)?);
                return fields.end();
            }
        }
    }
    match word {
        "views_window" | "clones_window" => {
            let people = Uniques::new(fields.number("people")?);
            let kept = &mut history.days.entry(day).or_default()[place(metric(word))];
            kept.window_uniques = kept.window_uniques.max(Some(people));
        }
        "views_week" | "clones_week" => {
            let count = fields.count()?;
            let week = Week::beginning(day);
            let week = week.ok_or_else(|| {
                fields.wrong(word, "stands on a day that is no Monday", "a Monday")
            })?;
            let kept = &mut history.weeks.entry(week).or_default()[place(metric(word))];
            *kept = Some(kept.map_or(count, |kept| kept.larger(count)));
        }
        "referrers" => take_ranked(history, Ranking::Referrers, day, fields)?,
        "paths" => take_ranked(history, Ranking::Paths, day, fields)?,
        "counters" => {
            let counters = take_counters(fields)?;
            history.counters.put(DayRange::ending(day, 1), counters);
        }
        "stars" => {
            let given = fields.number("stars given")?;
            let still = fields.number("stars that exist")?.min(given);
            let stars = StarDay { given, still };
            let kept = history.stars.days.entry(day).or_insert(stars);
            kept.given = kept.given.max(given);
            kept.still = kept.still.min(still);
        }
        "downloads" => {
            let asset = fields.number("a file's number")?;
            let field = fields.next("the last day")?;
            let days = field.parse().ok().and_then(|last| DayRange::new(day, last));
            let days = days.ok_or_else(|| {
                fields.wrong(field, "is no day from the first on", "the last day")
            })?;
            let total = fields.number("downloads")?;
            history.downloads.entry(asset).or_default().put(days, total);
        }
        "note" => {
            let written_at = fields.time()?;
            let text = fields.text("a note")?;
            let text: NoteText = text
                .parse()
                .map_err(|_| fields.wrong(word, "is followed by no note", "one line of text"))?;
            let kept = history.notes.entry((day, text)).or_insert(written_at);
            *kept = (*kept).min(written_at);
        }
        "workflow_runs" => {
            let runs = fields.number("runs")?;
            let kept = history.workflow_days.entry(day).or_insert(runs);
            *kept = (*kept).max(runs);
        }
        "stars_told" | "forks_told" => {
            let is_stars = word == told_word(Tally::Stars);
            let total = fields.number("how many")?;
            let tally = if is_stars { Tally::Stars } else { Tally::Forks };
            let kept = history.totals.entry((tally, day)).or_insert(total);
            *kept = (*kept).max(total);
        }
        other => {
            let problem = "is nothing that a day has";
            return Err(fields.wrong(other, problem, "a fact that this program knows"));
        }
    }
    fields.end()
}

fn metric(word: &str) -> Metric {
    if word.starts_with(Metric::Views.word()) {
        Metric::Views
    } else {
        Metric::Clones
    }
}

fn take_day(
    day: Day,
    metric: Metric,
    is_doubted: bool,
    fields: &mut Fields<'_>,
) -> Result<Told, FormatError> {
    let count = fields.count()?;
    let (one, other) = (fields.time()?, fields.time()?);
    let kind = fields.text("a source")?;
    let source = if fields.has_more() {
        let label = fields.text("which source")?;
        SourceName { kind, label }
    } else {
        let github = SourceName::github();
        if kind != github.kind {
            fields.next("which source")?;
        }
        github
    };
    Ok(Told {
        day,
        metric,
        count,
        seen: Seen {
            first: one.min(other),
            last: one.max(other),
        },
        source,
        is_doubted,
    })
}

fn take_ranked(
    history: &mut History,
    ranking: Ranking,
    last: Day,
    fields: &mut Fields<'_>,
) -> Result<(), FormatError> {
    let window = Window { last };
    let read_at = fields.time()?;
    history.rankings.read(ranking, window, read_at);
    if fields.has_more() {
        let total = fields.count()?;
        let name: Arc<str> = fields.text("a name")?.into();
        let list = (ranking, window);
        history.rankings.tell(list, read_at, name, total);
    }
    Ok(())
}

fn take_counters(fields: &mut Fields<'_>) -> Result<Counters, FormatError> {
    Ok(Counters {
        stars: fields.number("stars")?,
        forks: fields.number("forks")?,
        watchers: fields.opt_number("watchers")?,
        open_issues: fields.opt_number("open issues")?,
        open_pulls: fields.opt_number("open pull requests")?,
        open_both: fields.opt_number("open issues and pull requests")?,
        size_kib: fields.opt_number("kibibytes")?,
        releases: fields.opt_number("releases")?,
    })
}
