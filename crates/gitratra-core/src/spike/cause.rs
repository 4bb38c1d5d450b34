//! What moved together with a spike, and how sure that is. Moving along is no proof of a cause.

use std::cmp::Reverse;

use super::Spike;
use crate::measured::Measured;
use crate::{Bounds, Day, DayRange};

/// How many days before a spike, and as many after, tell what was usual of a name or of stars.
const AROUND_DAYS: i64 = 28;
/// How many of them must be known.
const AROUND_AT_LEAST: usize = 7;
/// A name that surely brought this part of the excess, in percent, likely explains it ...
const LIKELY_PERCENT: u64 = 33;
/// ... and one that may have brought this part possibly does.
const POSSIBLE_PERCENT: u64 = 20;
/// Stars moved along where there are so many more than usual ...
const STARS_MORE: u64 = 5;
/// ... and so many times as many.
const STARS_TIMES: u64 = 3;
/// A mark may lie so many days before the first day of a spike.
const MARK_DAYS_BEFORE: i64 = 2;
/// How many days before a spike, and as many after, tell how often a mark is near by chance.
const CHANCE_DAYS: i64 = 182;
/// A mark that is near a day taken at random so rarely, in percent, is likely no chance ...
const LIKELY_CHANCE_PERCENT: u64 = 5;
/// ... and one that is near so often tells nothing.
const NO_NEWS_PERCENT: u64 = 50;

/// Events by day of one referrer or path.
///
/// *Shape*: ascending, no day twice; a day that is not in it is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The referrer or path.
    pub name: String,
    /// Its events by day, as bounds.
    pub days: Vec<(Day, Bounds)>,
}

/// What a mark on a day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkKind {
    /// A person's own words about the day.
    Note,
    /// A release was published.
    Release,
    /// A tag was made.
    Tag,
}

impl MarkKind {
    /// The word used in output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Release => "release",
            Self::Tag => "tag",
        }
    }
}

/// Something that happened on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The day.
    pub day: Day,
    /// What it is.
    pub kind: MarkKind,
    /// Its name or words.
    pub text: String,
}

/// What is known beside the history in which a spike was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Clues {
    /// Referrers by day; of the same events as the history.
    pub referrers: Vec<Named>,
    /// Paths by day; of the same events as the history.
    pub paths: Vec<Named>,
    /// Stars given by day.
    pub stars: Measured,
    /// Releases, tags and notes, in any order.
    pub marks: Vec<Mark>,
}

/// What moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moved {
    /// More came from this referrer.
    Referrer(String),
    /// More looked at this path.
    Path(String),
    /// More stars were given, which is as often a consequence as a cause.
    Stars,
    /// Something happened.
    Mark(Mark),
}

/// How sure it is that what moved belongs to the spike.
///
/// A referrer or path is likely where it surely brought a third of the events beyond the usual
/// ones, and possible where it may have brought a fifth. Stars are never more than possible. A note
/// is likely, since a person wrote it for the day. A release or tag is likely where no more than
/// one day in twenty lies as near to one, and possible where no more than half do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Likelihood {
    /// May have to do with it.
    Possible,
    /// Has most likely to do with it.
    Likely,
}

impl Likelihood {
    /// The word used in output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
        }
    }
}

/// One thing that moved together with a spike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What moved.
    pub moved: Moved,
    /// How sure it is.
    pub likelihood: Likelihood,
    /// How many more events than usual it had on the days of the spike; nothing for marks. This is
    /// an estimate.
    pub more: Option<Bounds>,
    /// Which part of the spike's excess that is, in percent; only for referrers and paths, whose
    /// events are the spike's own. Parts of a referrer and of a path overlap, and never add.
    pub share: Option<Bounds>,
    /// For releases and tags: how many percent of the days around lie as near to one.
    pub chance: Option<u64>,
}

/// What moved together with a spike: the likely before the possible, notes before what brought the
/// most for sure, marks and stars last.
///
/// Referrers and paths are compared with their own median of the four weeks before and after. Where
/// too few of those days are known, nothing is sure to be more than usual; a day of the spike on
/// which a name is not known may hold everything.
#[must_use]
pub fn explain(spike: &Spike, clues: &Clues) -> Vec<Explanation> {
    let names = |named: &[Named], moved: fn(String) -> Moved| -> Vec<Explanation> {
        let of_name = |named: &Named| of_name(spike, named, moved);
        named.iter().filter_map(of_name).collect()
    };
    let mut found = names(&clues.referrers, Moved::Referrer);
    found.extend(names(&clues.paths, Moved::Path));
    found.extend(of_stars(spike, &clues.stars));
    found.extend(of_marks(spike, &clues.marks));
    found.sort_by(|a, b| order(a).cmp(&order(b)));
    found
}

type Order<'a> = (Reverse<Likelihood>, u8, Reverse<(u64, u64)>, Day, &'a str);

fn order(explanation: &Explanation) -> Order<'_> {
    let share = explanation.share.unwrap_or(Bounds::ZERO);
    let (rank, day, text) = match &explanation.moved {
        Moved::Mark(mark) if mark.kind == MarkKind::Note => (0, mark.day, mark.text.as_str()),
        Moved::Referrer(name) => (1, Day::MIN, name.as_str()),
        Moved::Path(name) => (2, Day::MIN, name.as_str()),
        Moved::Mark(mark) => (3, mark.day, mark.text.as_str()),
        Moved::Stars => (4, Day::MIN, ""),
    };
    let share = Reverse((share.lower(), share.upper()));
    (Reverse(explanation.likelihood), rank, share, day, text)
}

/// The part of `days` that lies near the spike.
fn near<'a, T>(spike: &Spike, days: &'a [(Day, T)]) -> &'a [(Day, T)] {
    let first = spike.days.first().plus(-AROUND_DAYS);
    let last = spike.days.last().plus(AROUND_DAYS);
    let start = days.partition_point(|(day, _)| *day < first);
    let end = days.partition_point(|(day, _)| *day <= last);
    &days[start..end.max(start)]
}

fn of_name(spike: &Spike, named: &Named, moved: fn(String) -> Moved) -> Option<Explanation> {
    let (more, share) = more_than_usual(spike, &named.days)?;
    let likelihood = if share.lower() >= LIKELY_PERCENT {
        Likelihood::Likely
    } else if share.upper() >= POSSIBLE_PERCENT {
        Likelihood::Possible
    } else {
        return None;
    };
    Some(Explanation {
        moved: moved(named.name.clone()),
        likelihood,
        more: Some(more),
        share: Some(share),
        chance: None,
    })
}

/// How many more events than usual a name had on those days of the spike on which it is known, and
/// which part of the excess it had on all of them, in percent; nothing where it is known on none.
///
/// At least its lower ends less the median of the upper ends around, at most the other way round.
fn more_than_usual(spike: &Spike, days: &[(Day, Bounds)]) -> Option<(Bounds, Bounds)> {
    let near = near(spike, days);
    let on_days = || near.iter().filter(|(day, _)| spike.days.contains(*day));
    let known = on_days().count() as u64;
    let all = u64::try_from(spike.days.days()).unwrap_or(u64::MAX);
    if known == 0 || spike.excess == 0 {
        return None;
    }
    let had = on_days().fold(Bounds::ZERO, |sum, (_, events)| sum.plus(*events));
    let around = || near.iter().filter(|(day, _)| !spike.days.contains(*day));
    let usual_least = median(around().map(|(_, events)| events.lower())).unwrap_or(0);
    let usual_most = median(around().map(|(_, events)| events.upper())).unwrap_or(u64::MAX);
    let least = |days: u64| had.lower().saturating_sub(usual_most.saturating_mul(days));
    let most = had
        .upper()
        .saturating_sub(usual_least.saturating_mul(known));
    let more = Bounds::new(least(known), most)?;
    // On a day on which the name is not known it may have brought nothing, or everything.
    let share_least = percent(least(all), spike.excess, false);
    let share_most = if known < all {
        100
    } else {
        percent(most, spike.excess, true)
    };
    Some((more, Bounds::new(share_least, share_most)?))
}

/// Which part of the whole that is, in percent, at most all of it; rounded down or up.
fn percent(part: u64, whole: u64, is_rounded_up: bool) -> u64 {
    let (part, whole) = (u128::from(part.min(whole)) * 100, u128::from(whole));
    let percent = if is_rounded_up {
        part.div_ceil(whole)
    } else {
        part / whole
    };
    u64::try_from(percent).unwrap_or(100)
}

/// The median, the lower one of two in the middle; nothing where the values are too few.
fn median(values: impl Iterator<Item = u64>) -> Option<u64> {
    let mut values: Vec<u64> = values.collect();
    if values.len() < AROUND_AT_LEAST {
        return None;
    }
    let middle = (values.len() - 1) / 2;
    Some(*values.select_nth_unstable(middle).1)
}

fn of_stars(spike: &Spike, stars: &Measured) -> Option<Explanation> {
    let near = near(spike, stars.days());
    let on_days = || near.iter().filter(|(day, _)| spike.days.contains(*day));
    let given: u64 = on_days().map(|(_, stars)| stars).sum();
    let around = near.iter().filter(|(day, _)| !spike.days.contains(*day));
    let usual = median(around.map(|(_, stars)| *stars))? * on_days().count() as u64;
    let more = given.saturating_sub(usual);
    (more >= STARS_MORE && given >= usual * STARS_TIMES).then(|| Explanation {
        moved: Moved::Stars,
        likelihood: Likelihood::Possible,
        more: Some(Bounds::exact(more)),
        share: None,
        chance: None,
    })
}

/// Releases and tags from shortly before the spike to its peak, notes up to its last day.
fn of_marks(spike: &Spike, marks: &[Mark]) -> Vec<Explanation> {
    let first = spike.days.first().plus(-MARK_DAYS_BEFORE);
    let of_mark = |mark: &Mark| {
        let is_note = mark.kind == MarkKind::Note;
        let last = if is_note {
            spike.days.last()
        } else {
            spike.peak
        };
        if mark.day < first || mark.day > last {
            return None;
        }
        let chance = (!is_note).then(|| chance(spike, marks, mark.kind));
        let percent = chance.unwrap_or(0);
        if percent > NO_NEWS_PERCENT {
            return None;
        }
        let likelihood = if percent <= LIKELY_CHANCE_PERCENT {
            Likelihood::Likely
        } else {
            Likelihood::Possible
        };
        Some(Explanation {
            moved: Moved::Mark(mark.clone()),
            likelihood,
            more: None,
            share: None,
            chance,
        })
    };
    marks.iter().filter_map(of_mark).collect()
}

/// How many percent of the days around, rounded up, have a mark of this kind as near as a spike of
/// this length has one.
fn chance(spike: &Spike, marks: &[Mark], kind: MarkKind) -> u64 {
    let around = DayRange::new(spike.peak.plus(-CHANCE_DAYS), spike.peak.plus(CHANCE_DAYS));
    let is_around = |day| around.is_some_and(|around| around.contains(day));
    let mut days: Vec<Day> = marks
        .iter()
        .filter(|mark| mark.kind == kind && is_around(mark.day))
        .map(|mark| mark.day)
        .collect();
    days.sort_unstable();
    let reach = spike.peak.days_since(spike.days.first()) + MARK_DAYS_BEFORE + 1;
    let mut near = 0;
    let mut next = Day::MIN;
    for day in days {
        let end = day.plus(reach);
        near += end.days_since(day.max(next));
        next = end;
    }
    let percent = (near * 100 + 2 * CHANCE_DAYS) / (2 * CHANCE_DAYS + 1);
    u64::try_from(percent.min(100)).unwrap_or(100)
}

#[cfg(test)]
mod tests;
