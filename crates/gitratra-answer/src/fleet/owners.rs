//! Sums over repositories: of all that were found, of each owner's, and of each group's.

use gitratra_core::Group;
use gitratra_core::figures::{Comparison, Total};

use super::answer::{FleetMetric, GroupSum, OwnerSum};
use super::book::{Book, Line};

impl FleetMetric {
    const EMPTY: Self = Self {
        total: Total {
            count: 0,
            days_measured: 0,
            days_partial: 0,
            days_missing: 0,
        },
        comparison: Comparison {
            now: 0,
            before: 0,
            days: 0,
            of_days: 0,
        },
        repos_known: 0,
    };

    fn add(&mut self, line: &Line, metric: usize) {
        let sum = &line.sums[metric];
        self.total.count += sum.total.count;
        self.total.days_measured += sum.total.days_measured;
        self.total.days_partial += sum.total.days_partial;
        self.total.days_missing += sum.total.days_missing;
        self.comparison.now += sum.comparison.now;
        self.comparison.before += sum.comparison.before;
        self.comparison.days += sum.comparison.days;
        self.comparison.of_days += sum.comparison.of_days;
        self.repos_known += usize::from(sum.total.days_measured + sum.total.days_partial > 0);
    }
}

/// The sums over some lines.
pub(super) fn sums(book: &Book, places: &[u32]) -> [FleetMetric; 2] {
    let mut sums = [FleetMetric::EMPTY; 2];
    for place in places {
        for (metric, sum) in sums.iter_mut().enumerate() {
            sum.add(&book.lines[*place as usize], metric);
        }
    }
    sums
}

/// The sums of each owner. `places` go by name, so that one owner's stand together.
pub(super) fn by_owner(book: &Book, places: &[u32]) -> Vec<OwnerSum> {
    let repos = book.roll.repos();
    let owner = |place: &u32| repos[*place as usize].name.owner();
    let mut owners = Vec::new();
    for of_owner in places.chunk_by(|a, b| owner(a).eq_ignore_ascii_case(owner(b))) {
        owners.extend(of_owner.first().map(|first| OwnerSum {
            owner: owner(first).to_owned(),
            repos: of_owner.len(),
            metrics: sums(book, of_owner),
        }));
    }
    owners
}

/// The sums of each of these groups.
pub(super) fn by_group(book: &Book, places: &[u32], groups: &[Group]) -> Vec<GroupSum> {
    let repos = book.roll.repos();
    let sum = |group: &Group| {
        let is_in = |place: &&u32| {
            let repo = &repos[**place as usize];
            group.holds(repo.id, &repo.name)
        };
        let places: Vec<u32> = places.iter().filter(is_in).copied().collect();
        GroupSum {
            name: group.name.clone(),
            repos: places.len(),
            metrics: sums(book, &places),
        }
    };
    groups.iter().map(sum).collect()
}
