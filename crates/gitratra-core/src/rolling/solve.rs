//! How much of one source can lie on each atom of the timeline: what every window and every pair of
//! neighbouring windows says, gone over until nothing becomes narrower.

use std::collections::BTreeSet;
use std::ops::Range;

use super::chain::{ANY, Atom, Timeline};
use crate::Bounds;

/// The total of a window lies between these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) lo: i64,
    pub(super) hi: i64,
}

impl Limits {
    pub(super) fn at_most(total: u64) -> Self {
        Self {
            lo: 0,
            hi: signed(total),
        }
    }
}

impl From<Bounds> for Limits {
    fn from(total: Bounds) -> Self {
        Self {
            lo: signed(total.lower()),
            hi: signed(total.upper()),
        }
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(ANY).min(ANY)
}

/// What each atom had, at least and at most.
#[derive(Debug, Clone)]
pub(super) struct Solved {
    atoms: Vec<(i64, i64)>,
    /// The places of windows that contradict others.
    pub(super) contradicted: BTreeSet<usize>,
}

impl Solved {
    /// Whether anything says how much an atom had at most; where only contradicted windows have it,
    /// nothing does.
    pub(super) fn is_bounded(&self, place: usize) -> bool {
        self.atoms[place].1 < ANY / 2
    }

    /// One day of an atom: where that has several days, any of them may have had everything.
    pub(super) fn day(&self, place: usize, atom: &Atom) -> (i64, i64) {
        let (lo, hi) = self.atoms[place];
        (if atom.days == 1 { lo } else { 0 }, hi)
    }
}

/// So often everything is gone over; each time makes the bounds narrower, and none makes them wrong.
const ROUNDS: usize = 8;
/// After so many contradictions each window is taken by itself.
const CONTRADICTIONS: usize = 64;

/// `most` is what an atom can have at most by what is known beside lists, where anything is. Where
/// lists contradict that, they are believed and it is not.
pub(super) fn solve(timeline: &Timeline, limits: &[Limits], most: Option<&[i64]>) -> Solved {
    if let Some(most) = most {
        let mut atoms = start(timeline);
        for (atom, most) in atoms.iter_mut().zip(most) {
            atom.1 = atom.1.min(*most);
        }
        if narrow(timeline, limits, &BTreeSet::new(), &mut atoms).is_ok() {
            return Solved {
                atoms,
                contradicted: BTreeSet::new(),
            };
        }
    }
    let mut contradicted = BTreeSet::new();
    for _ in 0..CONTRADICTIONS {
        let mut atoms = start(timeline);
        match narrow(timeline, limits, &contradicted, &mut atoms) {
            Ok(()) => {
                return Solved {
                    atoms,
                    contradicted,
                };
            }
            // Nobody can tell which of the two is wrong.
            Err(Contradiction(one, other)) => contradicted.extend([one, other]),
        }
    }
    let mut atoms = start(timeline);
    for (span, limits) in timeline.spans.iter().zip(limits) {
        for atom in &mut atoms[span.from..span.to] {
            atom.1 = atom.1.min(limits.hi);
        }
    }
    Solved {
        atoms,
        contradicted: (0..limits.len()).collect(),
    }
}

/// Anything but less than nothing; nothing before the repository came to be.
fn start(timeline: &Timeline) -> Vec<(i64, i64)> {
    let atoms = timeline.atoms.iter();
    atoms
        .map(|atom| (0, if atom.is_before { 0 } else { ANY }))
        .collect()
}

/// Two windows (or one, twice) that cannot both be right.
struct Contradiction(usize, usize);

fn narrow(
    timeline: &Timeline,
    limits: &[Limits],
    left_out: &BTreeSet<usize>,
    atoms: &mut [(i64, i64)],
) -> Result<(), Contradiction> {
    let places: Vec<usize> = (0..limits.len())
        .filter(|place| !left_out.contains(place))
        .collect();
    for _ in 0..ROUNDS {
        let mut is_changed = false;
        for (n, place) in places.iter().enumerate() {
            let before = n.checked_sub(1).map(|before| places[before]);
            is_changed |= by_window(timeline, limits, *place, atoms)?;
            if let Some(before) = before {
                is_changed |= by_pair(timeline, limits, before, *place, atoms)?;
            }
        }
        for (n, place) in places.iter().enumerate().rev() {
            if let Some(after) = places.get(n + 1) {
                is_changed |= by_pair(timeline, limits, *place, *after, atoms)?;
            }
            is_changed |= by_window(timeline, limits, *place, atoms)?;
        }
        if !is_changed {
            break;
        }
    }
    Ok(())
}

/// What is left for one atom of a window is its total without the others.
fn by_window(
    timeline: &Timeline,
    limits: &[Limits],
    place: usize,
    atoms: &mut [(i64, i64)],
) -> Result<bool, Contradiction> {
    let span = timeline.spans[place];
    let none = 0..0;
    let limits = limits[place];
    balance(atoms, &(span.from..span.to), &none, limits).ok_or(Contradiction(place, place))
}

/// Between two windows the days that come in make up for those that go out.
fn by_pair(
    timeline: &Timeline,
    limits: &[Limits],
    before: usize,
    after: usize,
    atoms: &mut [(i64, i64)],
) -> Result<bool, Contradiction> {
    let (one, other) = (timeline.spans[before], timeline.spans[after]);
    if other.from >= one.to {
        return Ok(false);
    }
    let difference = Limits {
        lo: limits[after].lo - limits[before].hi,
        hi: limits[after].hi - limits[before].lo,
    };
    let (incoming, outgoing) = (one.to..other.to, one.from..other.from);
    balance(atoms, &incoming, &outgoing, difference).ok_or(Contradiction(before, after))
}

/// Narrows atoms of which those of `plus` less those of `minus` lie within limits. Whether any
/// became narrower; nothing where that cannot be.
fn balance(
    atoms: &mut [(i64, i64)],
    plus: &Range<usize>,
    minus: &Range<usize>,
    limits: Limits,
) -> Option<bool> {
    let sum = |atoms: &[(i64, i64)]| {
        atoms.iter().fold((0_i64, 0_i64), |(lo, hi), atom| {
            (lo.saturating_add(atom.0), hi.saturating_add(atom.1))
        })
    };
    let (plus_lo, plus_hi) = sum(&atoms[plus.clone()]);
    let (minus_lo, minus_hi) = sum(&atoms[minus.clone()]);
    let mut is_changed = false;
    for atom in &mut atoms[plus.clone()] {
        let most = limits
            .hi
            .saturating_add(minus_hi)
            .saturating_sub(plus_lo - atom.0);
        let least = limits
            .lo
            .saturating_add(minus_lo)
            .saturating_sub(plus_hi - atom.1);
        is_changed |= squeeze(atom, least, most)?;
    }
    for atom in &mut atoms[minus.clone()] {
        let most = plus_hi
            .saturating_sub(limits.lo)
            .saturating_sub(minus_lo - atom.0);
        let least = plus_lo
            .saturating_sub(limits.hi)
            .saturating_sub(minus_hi - atom.1);
        is_changed |= squeeze(atom, least, most)?;
    }
    Some(is_changed)
}

fn squeeze(atom: &mut (i64, i64), least: i64, most: i64) -> Option<bool> {
    let narrow = (atom.0.max(least), atom.1.min(most));
    let is_changed = narrow != *atom;
    *atom = narrow;
    (narrow.0 <= narrow.1).then_some(is_changed)
}
