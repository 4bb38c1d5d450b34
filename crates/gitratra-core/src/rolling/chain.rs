//! The days that lists speak of, cut where any window begins or ends, and totals of ranges as
//! shortest ways between them.

use crate::{Bounds, Day, DayRange, Measured, Window};

use super::solve::{Limits, Solved};

/// Larger than any total.
pub(super) const ANY: i64 = i64::MAX / 16;

/// Days that no window parts. *Shape*: from `first` on, `days` of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Atom {
    pub(super) first: usize,
    pub(super) days: usize,
    /// Whether any window has it.
    pub(super) is_known: bool,
    /// Whether it lies before the repository came to be.
    pub(super) is_before: bool,
}

/// A window as a run of atoms.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    /// The first atom.
    pub(super) from: usize,
    /// The one after the last.
    pub(super) to: usize,
    /// Days before the window.
    start: usize,
}

/// All days from the first to the last that any list speaks of.
#[derive(Debug, Clone)]
pub(super) struct Timeline {
    base: Day,
    pub(super) atoms: Vec<Atom>,
    /// The atom of each day.
    atom_of: Vec<usize>,
    /// One for each window, ascending.
    pub(super) spans: Vec<Span>,
}

/// So often the ways are gone over; more makes them no longer, at worst they stay a little too long.
const SWEEPS: usize = 40;
const WINDOW: usize = Window::DAYS as usize;
/// Days before and after a range that are looked at for its total.
const MARGIN: usize = 8 * WINDOW;

impl Timeline {
    pub(super) fn new(windows: &[Window], since: Option<Day>) -> Self {
        let base = windows
            .first()
            .map_or(Day::MIN, |window| window.range().first());
        let place = |day: Day| usize::try_from(day.days_since(base)).unwrap_or(0);
        let starts: Vec<usize> = windows
            .iter()
            .map(|window| place(window.range().first()))
            .collect();
        let days = starts.last().map_or(0, |start| start + WINDOW);
        let mut cuts: Vec<usize> = starts
            .iter()
            .flat_map(|start| [*start, start + WINDOW])
            .collect();
        let born = since.map_or(0, place).min(days);
        cuts.push(born);
        cuts.sort_unstable();
        cuts.dedup();
        let mut atoms: Vec<Atom> = Vec::with_capacity(cuts.len());
        let mut atom_of = Vec::with_capacity(days);
        let mut next = 0;
        for pair in cuts.windows(2) {
            let (first, end) = (pair[0], pair[1]);
            // The last window that begins by then is the last to end.
            while next < starts.len() && starts[next] <= first {
                next += 1;
            }
            let is_known = next > 0 && starts[next - 1] + WINDOW >= end;
            atom_of.extend(std::iter::repeat_n(atoms.len(), end - first));
            atoms.push(Atom {
                first,
                days: end - first,
                is_known,
                is_before: end <= born,
            });
        }
        let spans = starts
            .iter()
            .map(|start| Span {
                from: atom_of[*start],
                to: atom_of[start + WINDOW - 1] + 1,
                start: *start,
            })
            .collect();
        Self {
            base,
            atoms,
            atom_of,
            spans,
        }
    }

    /// What each atom has at most where no day has more than is measured of it; anything where a
    /// day is not measured.
    pub(super) fn most(&self, measured: &Measured) -> Vec<i64> {
        let most = |atom: &Atom| {
            let days =
                (atom.first..atom.first + atom.days).map(|place| measured.on(self.day(place)));
            let sum: Option<u64> = days.sum();
            sum.map_or(ANY, |sum| i64::try_from(sum).unwrap_or(ANY).min(ANY))
        };
        self.atoms.iter().map(most).collect()
    }

    fn day(&self, place: usize) -> Day {
        self.base.plus(i64::try_from(place).unwrap_or(i64::MAX))
    }

    /// Every day that a window has which is believed of a source, with its atom.
    pub(super) fn known_days<'a>(
        &'a self,
        solved: &'a Solved,
    ) -> impl Iterator<Item = (Day, usize)> + 'a {
        self.atom_of
            .iter()
            .enumerate()
            .filter(|(_, atom)| self.atoms[**atom].is_known && solved.is_bounded(**atom))
            .map(|(place, atom)| (self.day(place), *atom))
    }

    /// One day of an atom: of several, any may have had all of it.
    pub(super) fn of_day(&self, atom: usize, solved: &Solved) -> Bounds {
        let (lo, hi) = solved.day(atom, &self.atoms[atom]);
        bounds(lo, hi)
    }

    /// The stretches of a range that windows have, without the days between them; of one source
    /// without the days of which only windows tell that are not believed of it.
    pub(super) fn known_parts(&self, range: DayRange, solved: Option<&Solved>) -> Vec<DayRange> {
        let mut parts: Vec<DayRange> = Vec::new();
        let is_bounded = |place| solved.is_none_or(|solved| solved.is_bounded(place));
        let known = self.atoms.iter().enumerate();
        for (_, atom) in known.filter(|(place, atom)| atom.is_known && is_bounded(*place)) {
            let last = self.day(atom.first + atom.days - 1);
            let Some(part) =
                DayRange::new(self.day(atom.first), last).and_then(|part| part.intersection(range))
            else {
                continue;
            };
            match parts.last_mut() {
                Some(before) if before.last().plus(1) == part.first() => {
                    *before = DayRange::new(before.first(), part.last()).unwrap_or(part);
                }
                _ => parts.push(part),
            }
        }
        parts
    }

    /// The total of days that windows have without a hole.
    ///
    /// Let `S` be the sum of all days before one. A window says `S(t) - S(t-14)` between two
    /// numbers, a day says the same of neighbours: what the total can be at most is the shortest
    /// way from its beginning to its end, and at least the shortest way back.
    pub(super) fn total(&self, part: DayRange, limits: &[Limits], solved: &Solved) -> Bounds {
        let place = |day: Day| usize::try_from(day.days_since(self.base)).unwrap_or(0);
        let (from, to) = (place(part.first()), place(part.last()) + 1);
        let upper = self.way(from, to, limits, solved);
        let lower = -self.way(to, from, limits, solved);
        bounds(lower, upper)
    }

    fn way(&self, from: usize, to: usize, limits: &[Limits], solved: &Solved) -> i64 {
        // Ways that lead far around say nothing more in practice.
        let base = from.min(to).saturating_sub(MARGIN);
        let end = (from.max(to) + MARGIN).min(self.atom_of.len());
        let days = end - base;
        let (from, to) = (from - base, to - base);
        let mut length = vec![ANY; days + 1];
        length[from] = 0;
        let first = self.spans.partition_point(|span| span.start < base);
        let after = self
            .spans
            .partition_point(|span| span.start + WINDOW <= end);
        let places = first..after.max(first);
        let windows = || {
            let places = places.clone();
            places
                .filter(|place| !solved.contradicted.contains(place))
                .map(|place| (self.spans[place].start - base, limits[place]))
        };
        let each_day: Vec<(i64, i64)> = self.atom_of[base..end]
            .iter()
            .map(|atom| solved.day(*atom, &self.atoms[*atom]))
            .collect();
        for _ in 0..SWEEPS {
            let mut is_changed = false;
            let mut shorten = |length: &mut Vec<i64>, at: usize, by: i64| {
                if by < length[at] && by < ANY / 2 {
                    length[at] = by;
                    is_changed = true;
                }
            };
            let mut ahead = windows().peekable();
            for place in 0..days {
                let here = length[place];
                if here == ANY {
                    ahead.next_if(|(start, _)| *start == place);
                    continue;
                }
                shorten(
                    &mut length,
                    place + 1,
                    here.saturating_add(each_day[place].1),
                );
                if let Some((_, limits)) = ahead.next_if(|(start, _)| *start == place) {
                    shorten(&mut length, place + WINDOW, here.saturating_add(limits.hi));
                }
            }
            let mut behind = windows().rev().peekable();
            for place in (1..=days).rev() {
                let here = length[place];
                let window = behind.next_if(|(start, _)| start + WINDOW == place);
                if here == ANY {
                    continue;
                }
                shorten(&mut length, place - 1, here - each_day[place - 1].0);
                if let Some((start, limits)) = window {
                    shorten(&mut length, start, here - limits.lo);
                }
            }
            if !is_changed {
                break;
            }
        }
        length[to]
    }
}

/// Two ends as bounds; where contradictions have turned them round, both are kept.
fn bounds(lower: i64, upper: i64) -> Bounds {
    let unsigned = |number: i64| u64::try_from(number).unwrap_or(0);
    let (lower, upper) = (unsigned(lower), unsigned(upper));
    Bounds::new(lower.min(upper), lower.max(upper)).unwrap_or_default()
}
