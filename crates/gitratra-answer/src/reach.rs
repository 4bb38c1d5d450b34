//! What a range means for numbers that are not traffic, and how it is folded into rows.

use gitratra_core::figures::Step;
use gitratra_core::{Day, DayRange};

use crate::Asked;

/// Rows of a table of steps, at most, where nobody says how days are folded.
const ROWS: usize = 45;

/// The steps of a range: as asked, or the smallest that make a table one can look at.
#[must_use]
pub fn steps(range: DayRange, step: Option<Step>) -> Vec<DayRange> {
    let all = [Step::Day, Step::Week, Step::Month];
    let fits = |step: &Step| step.of(range).len() <= ROWS;
    let usual = all.into_iter().find(fits).unwrap_or(Step::Month);
    step.unwrap_or(usual).of(range)
}

/// What a range means for something of which `own` days are known: where its ends are open, it
/// reaches as far as these and traffic do. Nothing where nothing is known in it.
#[must_use]
pub fn of_range(
    asked: Asked,
    traffic: Option<DayRange>,
    own: Option<DayRange>,
) -> Option<DayRange> {
    let known = match (traffic, own) {
        (Some(traffic), Some(own)) => {
            let first = traffic.first().min(own.first());
            DayRange::new(first, traffic.last().max(own.last()))?
        }
        (one, other) => one.or(other)?,
    };
    match asked {
        // A range of so many days begins where that of traffic does.
        Asked::Last(_) => {
            let begins = asked.of(traffic.unwrap_or(known))?.first();
            DayRange::new(begins, known.last())
        }
        Asked::All => own,
        Asked::Between(_) => asked.of(known)?.intersection(known),
    }
}

/// The days of which something has to be read for a range that was asked for, with `margin` days
/// around; nothing where all of them have to. What is counted today belongs to a range that ends
/// with the newest day of traffic.
#[must_use]
pub fn to_read(asked: Asked, traffic: Option<DayRange>, margin: i64) -> Option<DayRange> {
    let range = asked.of(traffic?)?;
    let first = range.first().plus(-margin);
    match asked {
        Asked::All => None,
        Asked::Last(_) => DayRange::new(first, Day::MAX),
        Asked::Between(_) => DayRange::new(first, range.last().plus(margin)),
    }
}
