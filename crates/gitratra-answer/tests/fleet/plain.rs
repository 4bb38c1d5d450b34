//! The same answers made slowly: each repository's days by themselves, by the core's arithmetic.

use std::cmp::Ordering;
use std::collections::HashMap;

use gitratra_answer::Asked;
use gitratra_answer::fleet::{
    Attention, Direction, FleetAnswer, FleetLine, FleetMetric, FleetQuestion, GroupSum, LineMetric,
    LineStars, OwnerSum, Sees, Sort, StarsSum, StepSum,
};
use gitratra_core::figures::{self, Comparison, Step, Total};
use gitratra_core::{Day, DayRange, DayState, Endpoint, Held, Metric, RepoId, Series, plan};
use gitratra_store::{CounterRun, FleetRepo, Store};

/// All that a store has.
pub(crate) struct Plain {
    repos: Vec<Known>,
}

/// All that it has of one repository.
struct Known {
    repo: FleetRepo,
    series: Series,
    counters: Vec<CounterRun>,
    held: Held,
}

impl Plain {
    pub(crate) async fn read(store: &Store) -> Self {
        let held: HashMap<RepoId, Held> = store.held().await.unwrap().into_iter().collect();
        let problems = store.problems().await.unwrap();
        let mut repos = Vec::new();
        for known in store.repositories().await.unwrap() {
            let id = known.repository.id;
            let series = Series::new(store.days(id, None).await.unwrap());
            let held = held.get(&id).cloned().unwrap_or_default();
            let is_failing = problems
                .iter()
                .any(|problem| problem.repo == id && !Endpoint::OTHERS.contains(&problem.endpoint));
            repos.push(Known {
                repo: FleetRepo {
                    id,
                    name: known.repository.name,
                    is_private: known.repository.is_private,
                    is_archived: known.repository.is_archived,
                    gone: known.gone.map(|gone| gone.status),
                    days: series.range(),
                    newest: Metric::ALL.map(|metric| held.newest_of(metric)),
                    is_failing,
                },
                counters: store.counters(id, None).await.unwrap(),
                series,
                held,
            });
        }
        Self { repos }
    }

    fn seen<'a>(&'a self, sees: Sees<'a>) -> impl Iterator<Item = &'a Known> {
        self.repos.iter().filter(move |known| sees(&known.repo))
    }

    pub(crate) fn ask(
        &self,
        asked: Asked,
        step: Step,
        question: &FleetQuestion<'_>,
    ) -> Option<FleetAnswer> {
        let seen: Vec<&Known> = self.seen(question.sees).collect();
        let first = seen.iter().filter_map(|known| known.series.range());
        let first = first.map(DayRange::first).min()?;
        let newest = seen.iter().filter_map(|known| known.newest()).max()?;
        let range = asked.of(DayRange::new(first, newest)?)?;
        let is_named = |known: &&&Known| {
            let name = known.repo.name.to_string().to_lowercase();
            let search = question.search.unwrap_or("").to_lowercase();
            search.split(' ').all(|word| name.contains(word))
        };
        let is_grouped = |known: &&&Known| question.in_group.is_none_or(|is_in| is_in(&known.repo));
        let is_owned = |known: &&&Known| {
            let is_owner = |owner: &str| owner.eq_ignore_ascii_case(known.repo.name.owner());
            question.owner.is_none_or(is_owner)
        };
        let named: Vec<&Known> = seen.iter().filter(is_named).copied().collect();
        let of_any_owner: Vec<&Known> = named.iter().filter(is_grouped).copied().collect();
        let found: Vec<&Known> = of_any_owner.iter().filter(is_owned).copied().collect();
        let groups = question.groups.iter().map(|group| {
            let holds = |known: &&&Known| group.holds(known.repo.id, &known.repo.name);
            let of_group = named.iter().filter(is_owned).filter(holds).copied();
            let of_group: Vec<&Known> = of_group.collect();
            GroupSum {
                name: group.name.clone(),
                repos: of_group.len(),
                metrics: sums(&of_group, range),
            }
        });
        let mut lines: Vec<FleetLine> = found
            .iter()
            .map(|known| known.line(range, step, question))
            .collect();
        lines.sort_by(|a, b| order(a, b, question));
        let lines = lines.into_iter().skip(question.offset);
        Some(FleetAnswer {
            range,
            step,
            repos_seen: seen.len(),
            repos_found: found.len(),
            lines: lines.take(question.limit).collect(),
            metrics: sums(&found, range),
            chart: Metric::ALL
                .map(|metric| chart(&found, range, step, metric))
                .into(),
            stars: stars(&found, range),
            owners: owners(&of_any_owner, range).into(),
            groups: groups.collect(),
            attention: attention(&found, question),
        })
    }
}

impl Known {
    fn newest(&self) -> Option<Day> {
        self.held
            .newest_of_any()
            .or(self.series.range().map(DayRange::last))
    }

    fn total(&self, range: DayRange, metric: Metric) -> Total {
        figures::total(self.series.within(range), metric)
    }

    fn days_safe(&self, question: &FleetQuestion<'_>) -> Option<u32> {
        let newest = self.held.newest();
        let is_lost = |status| plan::is_given_up(status, newest, question.now);
        let newest = newest.filter(|_| !self.repo.gone.is_some_and(is_lost))?;
        Some(plan::days_safe(newest, question.now))
    }

    fn stars(&self, range: DayRange) -> Option<LineStars> {
        let is_open = self.newest().is_none_or(|newest| range.last() >= newest);
        let last = if is_open { Day::MAX } else { range.last() };
        let range = DayRange::new(range.first(), last).unwrap();
        let by_then = |run: &&CounterRun| run.days.first() <= range.last();
        let newest = self.counters.iter().rfind(by_then)?;
        let within = self.counters.iter();
        let first = within
            .filter_map(|run| Some((run.days.intersection(range)?, run.counters.stars)))
            .next();
        let stars = newest.counters.stars;
        Some(LineStars {
            stars,
            day: newest.days.last().min(range.last()),
            change: first.map(|(days, before)| {
                let change = stars.cast_signed() - before.cast_signed();
                (change, days.first())
            }),
        })
    }

    fn line(&self, range: DayRange, step: Step, question: &FleetQuestion<'_>) -> FleetLine {
        FleetLine {
            repo: self.repo.clone(),
            days_safe: self.days_safe(question),
            stars: self.stars(range),
            metrics: Metric::ALL.map(|metric| LineMetric {
                total: self.total(range, metric),
                comparison: figures::compare(&self.series, range, metric),
                steps: step
                    .of(range)
                    .iter()
                    .map(|days| {
                        let total = self.total(*days, metric);
                        (total.days_measured + total.days_partial > 0).then_some(total.count)
                    })
                    .collect(),
            }),
        }
    }

    fn known_days(&self, days: DayRange, metric: Metric, is_in: fn(DayState) -> bool) -> i64 {
        let within = self.series.within(days).iter();
        let known = within.filter_map(|row| row.value(metric));
        let count = known.filter(|value| is_in(value.state)).count();
        i64::try_from(count).unwrap()
    }
}

fn sums(found: &[&Known], range: DayRange) -> [FleetMetric; 2] {
    Metric::ALL.map(|metric| {
        let mut sum = FleetMetric {
            total: Total::default(),
            comparison: Comparison {
                now: 0,
                before: 0,
                days: 0,
                of_days: 0,
            },
            repos_known: 0,
        };
        for known in found {
            let total = known.total(range, metric);
            sum.total.count += total.count;
            sum.total.days_measured += total.days_measured;
            sum.total.days_partial += total.days_partial;
            sum.total.days_missing += total.days_missing;
            let comparison = figures::compare(&known.series, range, metric);
            sum.comparison.now += comparison.now;
            sum.comparison.before += comparison.before;
            sum.comparison.days += comparison.days;
            sum.comparison.of_days += comparison.of_days;
            if total.days_measured > 0 || total.days_partial > 0 {
                sum.repos_known += 1;
            }
        }
        sum
    })
}

fn chart(found: &[&Known], range: DayRange, step: Step, metric: Metric) -> Vec<StepSum> {
    let is_known = |state| matches!(state, DayState::Measured | DayState::Partial);
    let steps = step.of(range);
    let steps = steps.iter().map(|days| {
        let count_of =
            |is_in: &dyn Fn(&Known) -> bool| found.iter().filter(|known| is_in(known)).count();
        let known = count_of(&|known| known.known_days(*days, metric, is_known) > 0);
        let sum: u64 = found.iter().map(|of| of.total(*days, metric).count).sum();
        StepSum {
            days: *days,
            count: (known > 0).then_some(sum),
            repos_whole: count_of(&|known| {
                known.known_days(*days, metric, is_known) == days.days()
            }),
            repos_known: known,
            repos_watched: count_of(&|known| {
                let range = known.series.range();
                let is_over =
                    |range: &DayRange| known.repo.gone.is_some() && range.last() < days.first();
                range.is_some_and(|range| range.first() <= days.last() && !is_over(&range))
            }),
            repos_partial: count_of(&|known| {
                let is_partial = |state| state == DayState::Partial;
                known.known_days(*days, metric, is_partial) > 0
            }),
        }
    });
    steps.collect()
}

fn stars(found: &[&Known], range: DayRange) -> StarsSum {
    let told: Vec<LineStars> = found.iter().filter_map(|of| of.stars(range)).collect();
    let changes: Vec<i64> = told
        .iter()
        .filter_map(|stars| Some(stars.change?.0))
        .collect();
    StarsSum {
        stars: told.iter().map(|stars| stars.stars).sum(),
        repos_known: told.len(),
        change: changes.iter().sum(),
        repos_compared: changes.len(),
    }
}

fn owners(found: &[&Known], range: DayRange) -> Vec<OwnerSum> {
    let mut owners: Vec<(String, Vec<&Known>)> = Vec::new();
    for known in found {
        let owner = known.repo.name.owner();
        match owners
            .iter_mut()
            .find(|(of, _)| of.eq_ignore_ascii_case(owner))
        {
            Some((_, repos)) => repos.push(known),
            None => owners.push((owner.to_owned(), vec![known])),
        }
    }
    let owners = owners.into_iter().map(|(owner, repos)| OwnerSum {
        owner,
        repos: repos.len(),
        metrics: sums(&repos, range),
    });
    owners.collect()
}

fn attention(found: &[&Known], question: &FleetQuestion<'_>) -> Attention {
    let safe: Vec<u32> = found
        .iter()
        .filter_map(|of| of.days_safe(question))
        .collect();
    Attention {
        failing: found.iter().filter(|known| known.repo.is_failing).count(),
        gone: found
            .iter()
            .filter(|known| known.repo.gone.is_some())
            .count(),
        losing: safe.iter().filter(|days| **days <= 3).count(),
        least_days_safe: safe.iter().min().copied(),
    }
}

fn order(a: &FleetLine, b: &FleetLine, question: &FleetQuestion<'_>) -> Ordering {
    let by_name = a.repo.name.cmp(&b.repo.name);
    if question.sort == Sort::Name {
        return match question.direction {
            Direction::Up => by_name,
            Direction::Down => by_name.reverse(),
        };
    }
    match (key(a, question.sort), key(b, question.sort)) {
        (Some(a), Some(b)) => {
            let by_key = a.partial_cmp(&b).unwrap();
            let by_key = match question.direction {
                Direction::Up => by_key,
                Direction::Down => by_key.reverse(),
            };
            by_key.then(by_name)
        }
        (None, None) => by_name,
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the counts of tests are below 2^52"
)]
fn key(line: &FleetLine, sort: Sort) -> Option<f64> {
    let of = |metric: Metric| &line.metrics[usize::from(metric == Metric::Clones)];
    match sort {
        Sort::Name => None,
        Sort::Count(metric) => {
            let total = of(metric).total;
            let is_known = total.days_measured > 0 || total.days_partial > 0;
            is_known.then_some(total.count as f64)
        }
        Sort::Change(metric) => of(metric).comparison.change().map(|change| change as f64),
        Sort::Percent(metric) => of(metric).comparison.percent(),
        Sort::Stars => line.stars.map(|stars| stars.stars as f64),
        Sort::StarsChange => Some(line.stars?.change?.0 as f64),
        Sort::NewestDay => {
            let [views, clones] = line.repo.newest;
            let newest = views.max(clones).or(line.repo.days.map(DayRange::last));
            newest.map(|day| day.epoch_days() as f64)
        }
        Sort::DaysSafe => line.days_safe.map(f64::from),
    }
}
