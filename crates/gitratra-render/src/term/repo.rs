//! `show OWNER/NAME`: a repository's days in a range, as figures and charts.

use gitratra_core::change::weekday_pattern;
use gitratra_core::figures::{Comparison, Step, Total, busiest, compare, total};
use gitratra_core::machine::MachineTotal;
use gitratra_core::people::{InRange, People};
use gitratra_core::spike::Mark;
use gitratra_core::{Bounds, Counters, Day, DayRange, DayRow, DayState, Metric, Series};

use super::beside::{between, machines_line};
use super::chart::chart;
use super::days::days_table;
use super::paint::{Ink, Line, Style};
use super::rank::{ShowRanking, show_ranking};
use super::text::{flow, plain, shortened, width};
use crate::axis::weekday_name;
use crate::bars::known_part;
use crate::number::{counted, grouped, signed_percent, with_tenth};

/// What to show of a repository.
#[derive(Debug, Clone, Copy)]
pub struct ShowRepo<'a> {
    /// Its present name.
    pub name: &'a str,
    /// The name it was asked for, where that is a former one.
    pub former_name: Option<&'a str>,
    /// The days asked for; `DayRange::ALL` for whatever is known.
    pub range: DayRange,
    /// What a bar should stand for, where there is room.
    pub step: Step,
    /// Which metrics, in order; none to show ranked lists alone.
    pub metrics: &'a [Metric],
    /// Whether the numbers behind the charts follow as a table.
    pub has_table: bool,
    /// All days that are known, also those before the range: a change is told against them.
    pub series: &'a Series,
    /// What GitHub counted of it last, beside traffic.
    pub counters: Option<ShowCounters>,
    /// What is known of the people of each metric, in the order of [`Metric::ALL`].
    pub people: &'a [People; 2],
    /// How many clones of the range workflow runs may have made, where runs are counted.
    pub machines: Option<MachineTotal>,
    /// What happened in the range, by day.
    pub marks: &'a [&'a Mark],
    /// Ranked lists to show below, each with its window.
    pub rankings: &'a [ShowRanking<'a>],
}

/// Numbers of a moment, and those of an earlier day of the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShowCounters {
    /// The day on which they stood so.
    pub day: Day,
    /// The numbers.
    pub counters: Counters,
    /// The first day of the range of which they are known, with the stars and forks of then.
    pub before: Option<(Day, u64, u64)>,
}

/// The page as text, ended by a newline.
#[must_use]
pub fn show_repo(show: &ShowRepo<'_>, style: Style) -> String {
    let mut parts = vec![title(show, style)];
    if !show.metrics.is_empty() {
        let days = show.series.within(show.range);
        parts[0] += &days_line(show, days, style);
        parts[0] += &counters_line(show, style);
        parts[0] += &marks_lines(show, style);
        if !days.is_empty() {
            let metrics = show.metrics.iter();
            parts.extend(metrics.map(|metric| block(show, days, *metric, style)));
            if show.has_table {
                parts.push(days_table(days, show.metrics, show.step, style));
            }
        }
    }
    let rankings = show.rankings.iter();
    parts.extend(rankings.map(|list| show_ranking(list, style)));
    parts.join("\n")
}

/// The range asked for, or what is known of it where it has no ends.
fn asked_range(show: &ShowRepo<'_>) -> DayRange {
    match show.series.range() {
        Some(known) if show.range == DayRange::ALL => known,
        _ => show.range,
    }
}

/// Columns over which the title is spread, at most.
const TITLE: usize = 100;

fn title(show: &ShowRepo<'_>, style: Style) -> String {
    let range = asked_range(show);
    let name = plain(show.name, style);
    let mut right = String::new();
    if !show.metrics.is_empty() && range != DayRange::ALL {
        right = format!("{} to {}", range.first(), range.last());
    }
    let name = shortened(&name, style.columns(), style);
    // On a very wide terminal the range would be too far away to be seen.
    let room = style.columns().min(TITLE);
    let between = room.saturating_sub(width(&name) + width(&right));
    let mut line = Line::default();
    line.put(Ink::Strong, &name);
    if between >= 2 {
        line.put(Ink::Plain, &" ".repeat(between));
        line.put(Ink::Faint, &right);
    }
    let mut out = line.finish(style);
    if let Some(former) = show.former_name {
        let former = format!("formerly {}", plain(former, style));
        out += &flow(&[(Ink::Faint, former)], 0, style);
    }
    if between < 2 {
        out += &flow(&[(Ink::Faint, right)], 0, style);
    }
    out
}

/// How many days there are and in which state; and which days were never seen.
fn days_line(show: &ShowRepo<'_>, days: &[DayRow], style: Style) -> String {
    let range = asked_range(show);
    let (Some(known), Some(newest)) = (show.series.range(), show.series.days().last()) else {
        let nothing = "no day is known yet, the next sync reads the last 14".to_owned();
        return flow(&[(Ink::Warn, nothing)], 0, style);
    };
    let newest_day = format!("newest day {}, {}", newest.day, newest.state());
    if days.is_empty() {
        let nothing = "no day of this range is known".to_owned();
        let known = format!("known are {} to {}", known.first(), known.last());
        return flow(&[(Ink::Warn, nothing), (Ink::Faint, known)], 0, style);
    }
    let number = |state: DayState| -> u64 {
        let rows = days.iter().filter(|row| row.state() == state);
        rows.map(|_| 1).sum()
    };
    let asked = u64::try_from(range.days()).unwrap_or(0);
    let measured = number(DayState::Measured);
    let mut facts = vec![(
        Ink::Plain,
        format!(
            "{} of {} measured",
            grouped(measured),
            counted(asked, "day")
        ),
    )];
    for state in [DayState::Partial, DayState::Suspect, DayState::Doubted] {
        if number(state) > 0 {
            facts.push((Ink::Warn, format!("{} {state}", grouped(number(state)))));
        }
    }
    if known.first() > range.first() {
        facts.push((Ink::Faint, format!("history begins {}", known.first())));
    }
    facts.push((Ink::Faint, newest_day));
    flow(&facts, 0, style) + &gaps_line(show, range, style)
}

/// Stars, forks, watchers and issues as they stood last.
fn counters_line(show: &ShowRepo<'_>, style: Style) -> String {
    let Some(ShowCounters {
        day,
        counters,
        before,
    }) = show.counters
    else {
        return String::new();
    };
    let change = |now: u64, before: Option<u64>| match before {
        Some(before) if now > before => format!(" (+{})", grouped(now - before)),
        Some(before) if now < before => {
            format!(" ({}{})", style.glyphs().minus, grouped(before - now))
        }
        _ => String::new(),
    };
    let stars = change(counters.stars, before.map(|(_, stars, _)| stars));
    let forks = change(counters.forks, before.map(|(_, _, forks)| forks));
    let mut facts = vec![
        (Ink::Plain, counted(counters.stars, "star") + &stars),
        (Ink::Plain, counted(counters.forks, "fork") + &forks),
    ];
    let others = [
        (counters.watchers, "watcher"),
        (counters.open_issues, "open issue"),
        (counters.open_pulls, "open pull request"),
    ];
    for (number, noun) in others {
        facts.extend(number.map(|number| (Ink::Plain, counted(number, noun))));
    }
    if let Some(both) = counters.open_both {
        let both = grouped(both);
        facts.push((Ink::Plain, format!("{both} open issues and pull requests")));
    }
    let since = match before {
        Some((first, ..)) if first < day => format!("on {day}, changes since {first}"),
        _ => format!("on {day}"),
    };
    facts.push((Ink::Faint, since));
    flow(&facts, 0, style)
}

/// How many marks are named, the newest of them.
const MARKS_NAMED: usize = 5;

/// Notes, releases and tags of the range.
fn marks_lines(show: &ShowRepo<'_>, style: Style) -> String {
    let rest = show.marks.len().saturating_sub(MARKS_NAMED);
    let named = show.marks.iter().skip(rest).rev();
    let mut facts: Vec<(Ink, String)> = named
        .map(|mark| {
            let text = plain(&mark.text, style);
            (
                Ink::Plain,
                format!("{} {} {text}", mark.day, mark.kind.word()),
            )
        })
        .collect();
    if rest > 0 {
        let more = format!("{} more before", grouped(rest as u64));
        facts.push((Ink::Faint, more));
    }
    if facts.is_empty() {
        return String::new();
    }
    flow(&facts, 0, style)
}

/// How many runs of gap days are named.
const GAPS_NAMED: usize = 3;

fn gaps_line(show: &ShowRepo<'_>, range: DayRange, style: Style) -> String {
    let gaps: Vec<DayRange> = show
        .series
        .gaps()
        .filter_map(|gap| gap.intersection(range))
        .collect();
    let Some(days) = gaps.iter().map(|gap| gap.days()).reduce(|a, b| a + b) else {
        return String::new();
    };
    let days = u64::try_from(days).unwrap_or(0);
    let gap = format!("gap: {} never read", counted(days, "day"));
    let mut facts = vec![(Ink::Warn, gap)];
    // The newest gaps are those that can still be done something about.
    let named = gaps
        .iter()
        .rev()
        .take(GAPS_NAMED)
        .map(|gap| match gap.days() {
            1 => gap.first().to_string(),
            _ => format!("{} to {}", gap.first(), gap.last()),
        });
    facts.extend(named.map(|gap| (Ink::Warn, gap)));
    let rest = gaps.len().saturating_sub(GAPS_NAMED);
    if rest > 0 {
        facts.push((Ink::Faint, format!("{rest} more before")));
    }
    flow(&facts, 0, style)
}

/// One metric: figures, then the chart.
fn block(show: &ShowRepo<'_>, days: &[DayRow], metric: Metric, style: Style) -> String {
    let days = known_part(days, metric);
    let mut head = vec![(Ink::Strong, metric.word().to_uppercase())];
    if days.is_empty() {
        head.push((Ink::Warn, format!("no day of this range has {metric}")));
        return flow(&head, 0, style);
    }
    let total = total(days, metric);
    head.push((Ink::of(metric), amount(&total)));
    let comparison = comparison(show, metric);
    head.extend(comparison.map(|comparison| change(&comparison, style)));
    let busiest = busiest(days, metric)
        .filter(|(_, count)| !count.is_zero())
        .map(|(day, count)| {
            let weekday = weekday_name(day);
            let count = grouped(count.count());
            (
                Ink::Plain,
                format!("busiest day {weekday} {day} with {count}"),
            )
        });
    let people = (Ink::Plain, people(show, metric));
    let chart = chart(days, metric, show.step, style);
    let weekdays = weekdays(show, metric).map(|text| (Ink::Faint, text));
    let facts: Vec<_> = busiest
        .into_iter()
        .chain([people])
        .chain(weekdays)
        .collect();
    let machines = match (metric, &show.machines) {
        (Metric::Clones, Some(total)) => machines_line(total, style),
        _ => String::new(),
    };
    flow(&head, 0, style) + &flow(&facts, 0, style) + &machines + "\n" + &chart
}

/// The weekdays that usually bring most and least, where a range is long enough to tell.
fn weekdays(show: &ShowRepo<'_>, metric: Metric) -> Option<String> {
    const DAYS_AT_LEAST: i64 = 56;
    let range = asked_range(show);
    if range.days() < DAYS_AT_LEAST {
        return None;
    }
    let pattern = weekday_pattern(show.series, range, metric);
    let mut known: Vec<(u8, f64)> = Vec::with_capacity(7);
    for figure in &pattern.weekdays {
        known.push((figure.weekday, figure.typical?.median));
    }
    let most = known
        .iter()
        .copied()
        .max_by(|one, other| one.1.total_cmp(&other.1))?;
    let least = known
        .iter()
        .copied()
        .min_by(|one, other| one.1.total_cmp(&other.1))?;
    let name = |weekday: u8| {
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        days.get(usize::from(weekday)).copied().unwrap_or_default()
    };
    (most.1 > least.1).then(|| {
        format!(
            "usually most on {} ({}), least on {} ({})",
            name(most.0),
            with_tenth(most.1),
            name(least.0),
            with_tenth(least.1)
        )
    })
}

/// The uniques of the range: a number where it is known, else its bounds.
fn people(show: &ShowRepo<'_>, metric: Metric) -> String {
    let [views, clones] = show.people;
    let people = match metric {
        Metric::Views => views,
        Metric::Clones => clones,
    };
    let found = people.within(asked_range(show));
    let days = counted(found.of_days, "day");
    let with_noun = |bounds: Bounds| match bounds.number() {
        Some(number) => counted(number, "unique"),
        None => format!("{} uniques", between(bounds)),
    };
    if let Some(bounds) = found.people() {
        return with_noun(bounds);
    }
    let least = found.at_least.map_or(0, |(people, _)| people);
    match found.days_covered {
        0 => format!("at least {} in {days}", counted(least, "unique")),
        covered => format!(
            "{} on {} of {days}",
            with_noun(found.covered),
            grouped(covered)
        ),
    }
}

/// People of a range in the fewest words: a number, its bounds, or only the least.
#[must_use]
pub fn people_text(found: &InRange) -> String {
    match found.people() {
        Some(bounds) => between(bounds),
        None => {
            let least = found.at_least.map_or(0, |(people, _)| people);
            format!("at least {}", grouped(least))
        }
    }
}

fn amount(total: &Total) -> String {
    let days = total.days_measured + total.days_partial;
    let mut text = format!("{} in {}", grouped(total.count), counted(days, "day"));
    if total.days_partial > 0 {
        text += &format!(", {} of them partial", grouped(total.days_partial));
    }
    text
}

/// A range of more days than this is not compared: it can only be a slip of the hand.
const COMPARED: i64 = 40_000;

/// Against the range before, where any of it can be known.
fn comparison(show: &ShowRepo<'_>, metric: Metric) -> Option<Comparison> {
    let range = asked_range(show);
    let known = show.series.range()?;
    let has_before = range.first() > known.first() && range.days() < COMPARED;
    has_before.then(|| compare(show.series, range, metric))
}

fn change(comparison: &Comparison, style: Style) -> (Ink, String) {
    let days = counted(comparison.of_days, "day");
    if comparison.days == 0 {
        let text = format!("nothing to compare with in the {days} before");
        return (Ink::Faint, text);
    }
    let over = if comparison.days < comparison.of_days {
        let both = grouped(comparison.days);
        format!("the {days} before, by the {both} measured in both")
    } else {
        format!("the {days} before")
    };
    let glyphs = style.glyphs();
    match comparison.percent() {
        Some(percent) if comparison.now > comparison.before => {
            let percent = signed_percent(percent, glyphs.minus);
            (Ink::Up, format!("{}{percent} on {over}", glyphs.up))
        }
        Some(percent) if comparison.now < comparison.before => {
            let percent = signed_percent(percent, glyphs.minus);
            (Ink::Down, format!("{}{percent} on {over}", glyphs.down))
        }
        Some(_) => (Ink::Plain, format!("as many as in {over}")),
        None => (Ink::Plain, format!("none in {over}")),
    }
}
