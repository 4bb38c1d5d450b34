//! What a range means for numbers that are not traffic, and how it is folded into rows.

use gitratra_core::figures::Step;
use gitratra_core::{DayRange, Series};

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
pub fn of_range(asked: Asked, traffic: &Series, own: Option<DayRange>) -> Option<DayRange> {
    let known = match (traffic.range(), own) {
        (Some(traffic), Some(own)) => {
            let first = traffic.first().min(own.first());
            DayRange::new(first, traffic.last().max(own.last()))?
        }
        (one, other) => one.or(other)?,
    };
    match asked {
        // A range of so many days begins where that of traffic does.
        Asked::Last(_) => {
            let begins = asked.of(traffic.range().unwrap_or(known))?.first();
            DayRange::new(begins, known.last())
        }
        Asked::All => own,
        Asked::Between(_) => asked.of(known)?.intersection(known),
    }
}
