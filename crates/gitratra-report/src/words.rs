//! Numbers, days and names as a report writes them.

use gitratra_core::figures::{Comparison, Step};
use gitratra_core::people::{InRange, Period};
use gitratra_core::{Bounds, DayRange, RepoId};
use gitratra_render::number::{counted, grouped, signed_percent};

use crate::block::{Change, Way};

/// A name or text of a stranger is cut after so many letters.
const LONGEST: usize = 160;

/// `1,234`, or a dash where nothing is known.
pub(crate) fn number(number: Option<u64>) -> String {
    number.map_or_else(|| "–".to_owned(), grouped)
}

/// `12`, `12–30`.
pub(crate) fn bounds(bounds: Bounds) -> String {
    match bounds.number() {
        Some(number) => grouped(number),
        None => format!("{}–{}", grouped(bounds.lower()), grouped(bounds.upper())),
    }
}

/// A change of a total: `+12`, `−3`.
pub(crate) fn difference(change: i64) -> String {
    let size = grouped(change.unsigned_abs());
    match change {
        0 => "±0".to_owned(),
        up if up > 0 => format!("+{size}"),
        _ => format!("−{size}"),
    }
}

pub(crate) fn moved(change: i64) -> Change {
    Change {
        text: difference(change),
        way: way(change.cmp(&0)),
    }
}

const fn way(ordering: std::cmp::Ordering) -> Way {
    match ordering {
        std::cmp::Ordering::Greater => Way::Up,
        std::cmp::Ordering::Less => Way::Down,
        std::cmp::Ordering::Equal => Way::Level,
    }
}

/// `+12 %` against the days before; nothing where there is nothing to compare with.
pub(crate) fn change(comparison: &Comparison) -> Change {
    match comparison.percent() {
        Some(percent) => Change {
            text: signed_percent(percent, '−'),
            way: way(percent
                .partial_cmp(&0.0)
                .unwrap_or(std::cmp::Ordering::Equal)),
        },
        None if comparison.days > 0 && comparison.now > 0 => Change {
            text: "new".to_owned(),
            way: Way::Up,
        },
        None => Change {
            text: "–".to_owned(),
            way: Way::Level,
        },
    }
}

/// `2026-01-01`, `2026-01-01 to 2026-01-31`.
pub(crate) fn days(range: DayRange) -> String {
    if range.first() == range.last() {
        return range.first().to_string();
    }
    format!("{} to {}", range.first(), range.last())
}

/// `1 repository`, `12 repositories`.
pub(crate) fn repositories(number: usize) -> String {
    match number {
        1 => "1 repository".to_owned(),
        more => format!("{} repositories", grouped(more as u64)),
    }
}

/// People of a range, each counted once: `310`, `310–505`, `at least 310`.
pub(crate) fn people(people: &InRange) -> String {
    match (people.people(), people.at_least) {
        (Some(known), _) => bounds(known),
        (None, Some((least, _))) => format!("at least {}", grouped(least)),
        (None, None) => "–".to_owned(),
    }
}

/// Why people of a range are bounds, where they are.
pub(crate) fn people_note(people: &InRange) -> String {
    if people.number().is_some() {
        return "each counted once".to_owned();
    }
    let covers = [
        (people.cover.windows, Period::Window),
        (people.cover.weeks, Period::Week),
        (people.cover.days, Period::Day),
    ];
    let parts = covers.into_iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts
        .map(|(number, period)| counted(number, period.word()))
        .collect();
    if parts.is_empty() || !people.is_whole() {
        return "days missing: no upper bound".to_owned();
    }
    format!("bounds, from {}", parts.join(", "))
}

pub(crate) const fn step(step: Step) -> &'static str {
    match step {
        Step::Day => "day",
        Step::Week => "week",
        Step::Month => "month",
    }
}

/// What a stranger wrote: on one line, without signs that nobody sees or that turn what stands
/// beside them, and not too long.
pub(crate) fn foreign(text: &str) -> String {
    cut(text, LONGEST)
}

/// The same, cut after so many letters.
pub(crate) fn cut(text: &str, most: usize) -> String {
    let is_fine = |sign: &char| {
        !sign.is_control()
            && !matches!(
                sign,
                '\u{fffe}' | '\u{ffff}' | '\u{200b}'..='\u{200f}' | '\u{feff}'
            )
            && !matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
    };
    let signs = text
        .chars()
        .map(|sign| if sign.is_whitespace() { ' ' } else { sign })
        .filter(is_fine);
    let mut kept: Vec<char> = signs.take(most + 1).collect();
    if kept.len() > most {
        kept.truncate(most.saturating_sub(1));
        while kept.last() == Some(&' ') {
            kept.pop();
        }
        kept.push('…');
    }
    kept.into_iter().collect()
}

/// The place of a repository's section. Numbers never meet, which names that differ in letter case
/// might.
pub(crate) fn anchor(id: RepoId) -> String {
    format!("repo-{}", id.0)
}

/// As a coordinate of a drawing.
#[expect(clippy::cast_precision_loss, reason = "drawings need fewer digits")]
pub(crate) const fn large(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_wrote_stays_on_its_line_and_ends() {
        assert_eq!(foreign("a\u{202e}b\nc\u{0}"), "ab c");
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("ab def", 4), "ab…");
        assert_eq!(foreign(&"x".repeat(5_000)).chars().count(), LONGEST);
    }

    #[test]
    fn what_is_not_known_is_no_zero() {
        assert_eq!(number(None), "–");
        assert_eq!(bounds(Bounds::new(3, 1_200).unwrap()), "3–1,200");
        let nothing = Comparison {
            now: 0,
            before: 0,
            days: 0,
            of_days: 3,
        };
        assert_eq!(change(&nothing).text, "–");
    }
}
