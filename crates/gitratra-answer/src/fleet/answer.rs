//! What a book says to a question: a pure function of what the viewer sees.

use std::cmp::{Ordering, Reverse};
use std::sync::{Arc, Mutex, PoisonError};

use gitratra_core::figures::{Comparison, Step, Total};
use gitratra_core::{Day, DayRange, Group, GroupName, Metric, RepoId, Timestamp};
use gitratra_store::FleetRepo;

use super::book::{Book, LineStars};
use super::gather::{GAP, LARGE};
use super::owners;
use super::question::{Direction, FleetQuestion, Sort};
use super::roll;

/// Days left from which on a repository needs reading now.
const URGENT_DAYS: u32 = 3;

/// The fleet in one range. Two metrics are in the order of [`Metric::ALL`].
#[derive(Debug, Clone, PartialEq)]
pub struct FleetAnswer {
    /// The days.
    pub range: DayRange,
    /// How they are folded.
    pub step: Step,
    /// Repositories that the viewer sees.
    pub repos_seen: usize,
    /// Those of them that are asked for; all sums are theirs.
    pub repos_found: usize,
    /// The part of the table that is asked for.
    pub lines: Vec<FleetLine>,
    /// Sums over the range.
    pub metrics: [FleetMetric; 2],
    /// Sums over each step. *Shape*: ascending, without holes.
    pub chart: Arc<[Vec<StepSum>; 2]>,
    /// Stars at the end of the range.
    pub stars: StarsSum,
    /// Sums by owner, of what would be found without asking for one owner. *Shape*: by name.
    pub owners: Arc<[OwnerSum]>,
    /// Sums of the groups that were named, of what would be found without asking for one group. A
    /// repository may be in several, so that groups have no sum. *Shape*: as they were named.
    pub groups: Arc<[GroupSum]>,
    /// What needs somebody to look at it.
    pub attention: Attention,
}

/// One repository of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct FleetLine {
    /// Which one.
    pub repo: FleetRepo,
    /// Days left, today included, before a day is lost; nothing where nothing was read or nothing
    /// can be saved.
    pub days_safe: Option<u32>,
    /// Stars, where they were read.
    pub stars: Option<LineStars>,
    /// Views and clones.
    pub metrics: [LineMetric; 2],
}

/// One metric of a repository.
#[derive(Debug, Clone, PartialEq)]
pub struct LineMetric {
    /// The sum over the range.
    pub total: Total,
    /// The range against the one before.
    pub comparison: Comparison,
    /// Events of each step, as many as the chart has; nothing where no day of it is known.
    pub steps: Vec<Option<u64>>,
}

/// One metric of several repositories. Days are repository-days: each day once for each repository.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FleetMetric {
    /// The sum over the range.
    pub total: Total,
    /// The range against the one before.
    pub comparison: Comparison,
    /// Repositories of which any day of the range is known.
    pub repos_known: usize,
}

/// One step of several repositories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepSum {
    /// The days.
    pub days: DayRange,
    /// Events on the days that are known; nothing where none is.
    pub count: Option<u64>,
    /// Repositories of which all days are known.
    pub repos_whole: usize,
    /// Repositories of which any day is known. Where they are fewer than those watched, the sum is
    /// smaller than what happened.
    pub repos_known: usize,
    /// Repositories whose first known day is not after the step, but for those that are gone and whose
    /// last known day lies before it.
    pub repos_watched: usize,
    /// Repositories with a day in it that was seen only while running.
    pub repos_partial: usize,
}

/// Stars of several repositories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StarsSum {
    /// How many there are.
    pub stars: u64,
    /// Of how many repositories they were read.
    pub repos_known: usize,
    /// How many more than at the beginning of the range, of the repositories read within it.
    pub change: i64,
    /// How many repositories those are.
    pub repos_compared: usize,
}

/// One owner's repositories.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnerSum {
    /// The user or organisation.
    pub owner: String,
    /// How many repositories.
    pub repos: usize,
    /// Views and clones.
    pub metrics: [FleetMetric; 2],
}

/// The repositories of one group.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupSum {
    /// What it is called.
    pub name: GroupName,
    /// How many repositories.
    pub repos: usize,
    /// Views and clones.
    pub metrics: [FleetMetric; 2],
}

/// What needs somebody to look at it, of the repositories found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attention {
    /// Repositories whose last answer was not good.
    pub failing: usize,
    /// Repositories that GitHub does not answer for.
    pub gone: usize,
    /// Repositories that lose a day within three days, or have lost one.
    pub losing: usize,
    /// The fewest days that any of them has left.
    pub least_days_safe: Option<u32>,
}

/// Places of repositories in the book, by name.
struct Found {
    seen: usize,
    /// What is asked for, whoever the owner is.
    of_any_owner: Vec<u32>,
    /// What is asked for, whatever group it is in; empty where no group is named.
    of_any_group: Vec<u32>,
    places: Vec<u32>,
}

/// What is told of the same repositories however the table is sorted.
#[derive(Debug, Clone)]
struct Sums {
    of_any_owner: Arc<[u32]>,
    of_any_group: Arc<[u32]>,
    named: Arc<[Group]>,
    places: Arc<[u32]>,
    today: Day,
    metrics: [FleetMetric; 2],
    chart: Arc<[Vec<StepSum>; 2]>,
    stars: StarsSum,
    owners: Arc<[OwnerSum]>,
    groups: Arc<[GroupSum]>,
    attention: Attention,
}

/// The sums that were asked for last, by the very repositories that they are of, so that whoever
/// asks is told only of those that they see.
#[derive(Debug, Default)]
pub(super) struct Memory {
    newest_first: Mutex<Vec<Sums>>,
}

impl Memory {
    /// How many sums are remembered.
    const SUMS: usize = 8;

    fn recall(&self, found: &Found, named: &[Group], today: Day) -> Option<Sums> {
        let mut sums = self.newest_first.lock();
        let sums = sums.as_mut().ok()?;
        let at = sums.iter().position(|sums| {
            sums.today == today
                && *sums.places == *found.places
                && *sums.of_any_owner == *found.of_any_owner
                && *sums.of_any_group == *found.of_any_group
                && *sums.named == *named
        })?;
        sums[..=at].rotate_right(1);
        sums.first().cloned()
    }

    fn keep(&self, sums: Sums) {
        let kept = self.newest_first.lock();
        let mut kept = kept.unwrap_or_else(PoisonError::into_inner);
        kept.truncate(Self::SUMS - 1);
        kept.insert(0, sums);
    }
}

/// A place with what it is sorted by, whether it has that first.
type Keyed = (Reverse<bool>, Option<i64>, u32);

fn in_order(direction: Direction, a: &Keyed, b: &Keyed) -> Ordering {
    let ((is_numbered, key, place), (other_is_numbered, other_key, other)) = (a, b);
    let by_key = match direction {
        Direction::Up => key.cmp(other_key),
        Direction::Down => other_key.cmp(key),
    };
    let by_number = is_numbered.cmp(other_is_numbered);
    by_number.then(by_key).then(place.cmp(other))
}

impl Book {
    /// Answers a question about the fleet.
    #[must_use]
    pub fn ask(&self, question: &FleetQuestion<'_>) -> FleetAnswer {
        let found = self.find(question);
        let sums = self.sums(&found, question.groups, question.now);
        FleetAnswer {
            range: self.range,
            step: self.step,
            repos_seen: found.seen,
            repos_found: found.places.len(),
            lines: self.table(&found.places, question),
            metrics: sums.metrics,
            chart: sums.chart,
            stars: sums.stars,
            owners: sums.owners,
            groups: sums.groups,
            attention: sums.attention,
        }
    }

    fn sums(&self, found: &Found, named: &[Group], now: Timestamp) -> Sums {
        let today = Day::of(now);
        if let Some(sums) = self.memory.recall(found, named, today) {
            return sums;
        }
        let places = &found.places;
        let sums = Sums {
            of_any_owner: found.of_any_owner.as_slice().into(),
            of_any_group: found.of_any_group.as_slice().into(),
            named: named.into(),
            places: places.as_slice().into(),
            today,
            metrics: owners::sums(self, places),
            chart: Arc::new([0, 1].map(|metric| self.chart(places, metric))),
            stars: self.stars(places),
            owners: owners::by_owner(self, &found.of_any_owner).into(),
            groups: owners::by_group(self, &found.of_any_group, named).into(),
            attention: self.attention(places, now),
        };
        self.memory.keep(sums.clone());
        sums
    }

    fn find(&self, question: &FleetQuestion<'_>) -> Found {
        let search = question.search.unwrap_or("").to_ascii_lowercase();
        let words: Vec<&str> = search.split_whitespace().collect();
        let owner = question.owner.map(|owner| owner.to_ascii_lowercase());
        let mut found = Found {
            seen: 0,
            of_any_owner: Vec::new(),
            of_any_group: Vec::new(),
            places: Vec::new(),
        };
        let repos = self.roll.repos().iter().zip(self.roll.keys());
        for (place, (repo, key)) in (0..).zip(repos) {
            if !(question.sees)(repo) {
                continue;
            }
            found.seen += 1;
            if !words.iter().all(|word| key.contains(word)) {
                continue;
            }
            let is_in_group = question.in_group.is_none_or(|is_in| is_in(repo));
            let is_owned = owner.as_ref().is_none_or(|owner| {
                let rest = key.strip_prefix(owner.as_str());
                rest.is_some_and(|rest| rest.starts_with('/'))
            });
            if is_in_group {
                found.of_any_owner.push(place);
            }
            if is_owned && !question.groups.is_empty() {
                found.of_any_group.push(place);
            }
            if is_in_group && is_owned {
                found.places.push(place);
            }
        }
        found
    }

    fn table(&self, places: &[u32], question: &FleetQuestion<'_>) -> Vec<FleetLine> {
        let shown = self.sorted(places, question);
        let lines = shown
            .iter()
            .map(|place| self.line(*place as usize, question.now));
        lines.collect()
    }

    /// The places of the lines that are asked for, in their order.
    fn sorted(&self, places: &[u32], question: &FleetQuestion<'_>) -> Vec<u32> {
        let (skip, end) = (
            question.offset.min(places.len()),
            question
                .offset
                .saturating_add(question.limit)
                .min(places.len()),
        );
        if question.sort == Sort::Name {
            return match question.direction {
                Direction::Up => places[skip..end].to_vec(),
                Direction::Down => places
                    .iter()
                    .rev()
                    .skip(skip)
                    .take(end - skip)
                    .copied()
                    .collect(),
            };
        }
        let mut keyed: Vec<Keyed> = places
            .iter()
            .map(|place| self.keyed(*place, question))
            .collect();
        let order = |a: &Keyed, b: &Keyed| in_order(question.direction, a, b);
        // Only what is shown is put in order.
        if end < keyed.len() && end > 0 {
            keyed.select_nth_unstable_by(end - 1, order);
        }
        keyed.truncate(end);
        keyed.sort_unstable_by(order);
        keyed[skip..].iter().map(|(.., place)| *place).collect()
    }

    /// How many lines of the table of a question stand up to a repository, itself among them; nothing
    /// where it is not found. What the question leaves out at the beginning does not matter.
    #[must_use]
    pub fn lines_to(&self, question: &FleetQuestion<'_>, repo: RepoId) -> Option<usize> {
        let places = self.find(question).places;
        let is_meant = |place: &&u32| self.roll.repos()[**place as usize].id == repo;
        let place = *places.iter().find(is_meant)?;
        let own = self.keyed(place, question);
        let to_it = places.iter().filter(|other| match question.sort {
            Sort::Name if question.direction == Direction::Down => **other >= place,
            Sort::Name => **other <= place,
            _ => in_order(question.direction, &self.keyed(**other, question), &own).is_le(),
        });
        Some(to_it.count())
    }

    fn keyed(&self, place: u32, question: &FleetQuestion<'_>) -> Keyed {
        let key = self.key(place as usize, question);
        (Reverse(key.is_some()), key, place)
    }

    /// What a line is sorted by.
    fn key(&self, place: usize, question: &FleetQuestion<'_>) -> Option<i64> {
        let line = &self.lines[place];
        let sum = |metric: Metric| match metric {
            Metric::Views => &line.sums[0],
            Metric::Clones => &line.sums[1],
        };
        match question.sort {
            Sort::Name => None,
            Sort::Count(metric) => {
                let total = sum(metric).total;
                (total.days_measured + total.days_partial > 0)
                    .then(|| i64::try_from(total.count).unwrap_or(i64::MAX))
            }
            Sort::Change(metric) => sum(metric).comparison.change(),
            Sort::Percent(metric) => sum(metric).comparison.percent().map(ordered),
            Sort::Stars => line
                .stars
                .map(|stars| i64::try_from(stars.stars).unwrap_or(i64::MAX)),
            Sort::StarsChange => line.stars.and_then(|stars| Some(stars.change?.0)),
            Sort::NewestDay => {
                roll::newest(&self.roll.repos()[place]).map(|newest| newest.epoch_days())
            }
            Sort::DaysSafe => {
                roll::days_safe(&self.roll.repos()[place], question.now).map(i64::from)
            }
        }
    }

    fn line(&self, place: usize, now: Timestamp) -> FleetLine {
        let line = &self.lines[place];
        let repo = &self.roll.repos()[place];
        FleetLine {
            repo: repo.clone(),
            days_safe: roll::days_safe(repo, now),
            stars: line.stars,
            metrics: [0, 1].map(|metric| LineMetric {
                total: line.sums[metric].total,
                comparison: line.sums[metric].comparison,
                steps: (0..self.steps.len())
                    .map(|step| self.value(place * 2 + metric, step))
                    .collect(),
            }),
        }
    }

    fn chart(&self, places: &[u32], metric: usize) -> Vec<StepSum> {
        let steps = self.steps.len();
        let mut counts = vec![0_u64; steps];
        let mut known = vec![0_u32; steps];
        let (mut holed, mut partial) = (vec![0_usize; steps], vec![0_usize; steps]);
        let (mut begun, mut ended) = (vec![0_usize; steps + 1], vec![0_usize; steps + 1]);
        for place in places {
            let row = *place as usize * 2 + metric;
            for ((value, count), known) in self.row(row).iter().zip(&mut counts).zip(&mut known) {
                *count += if *value < LARGE { u64::from(*value) } else { 0 };
                *known += u32::from(*value != GAP);
            }
            self.holed().each(row, |step| holed[step] += 1);
            self.partial().each(row, |step| partial[step] += 1);
            let line = &self.lines[*place as usize];
            begun[line.since as usize] += 1;
            ended[line.until.max(line.since) as usize] += 1;
        }
        if self.has_large() {
            for row in places.iter().map(|place| *place as usize * 2 + metric) {
                let row_values = self.row(row).iter().enumerate();
                for (step, _) in row_values.filter(|(_, value)| **value == LARGE) {
                    counts[step] += self.value(row, step).unwrap_or(0);
                }
            }
        }
        let mut watched = 0;
        (0..steps)
            .map(|step| {
                watched += begun[step];
                watched -= ended[step];
                let known = known[step] as usize;
                StepSum {
                    days: self.steps[step],
                    count: (known > 0).then_some(counts[step]),
                    repos_whole: known - holed[step],
                    repos_known: known,
                    repos_watched: watched,
                    repos_partial: partial[step],
                }
            })
            .collect()
    }

    fn stars(&self, places: &[u32]) -> StarsSum {
        let mut sum = StarsSum::default();
        for place in places {
            let Some(stars) = self.lines[*place as usize].stars else {
                continue;
            };
            sum.stars += stars.stars;
            sum.repos_known += 1;
            if let Some((change, _)) = stars.change {
                sum.change = sum.change.saturating_add(change);
                sum.repos_compared += 1;
            }
        }
        sum
    }

    fn attention(&self, places: &[u32], now: Timestamp) -> Attention {
        let mut attention = Attention::default();
        for place in places {
            let repo = &self.roll.repos()[*place as usize];
            attention.failing += usize::from(repo.is_failing);
            attention.gone += usize::from(repo.gone.is_some());
            let Some(days) = roll::days_safe(repo, now) else {
                continue;
            };
            attention.losing += usize::from(days <= URGENT_DAYS);
            let least = attention
                .least_days_safe
                .map_or(days, |least| least.min(days));
            attention.least_days_safe = Some(least);
        }
        attention
    }
}

/// A number that stands to others as the fraction does.
const fn ordered(fraction: f64) -> i64 {
    let bits = fraction.to_bits().cast_signed();
    // Without the sign, larger fractions have larger bits (IEEE 754).
    bits ^ (((bits >> 63).cast_unsigned() >> 1).cast_signed())
}
