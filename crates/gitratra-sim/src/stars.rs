//! The stars of one repository: when each was given, and when some were taken away again.
//!
//! GitHub counts only stars that still exist, so a star taken away today lowers the day on which
//! it was given. Of the time before the simulation began nothing is known of stars that were
//! gone by then. Nobody who gives a star has a name here.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::clock::{DAY_SECS, Day, Time};
use crate::lock;
use crate::noise::{Noise, Topic};
use crate::truth::spike;

/// The part of all stars that is taken away on a day, on average.
const LOST_A_DAY: f64 = 0.0003;

/// The part of the first stars that came in a few busy days.
const IN_BURSTS: f64 = 0.25;

/// The stars of one repository.
#[derive(Debug)]
pub(crate) struct Stars {
    repo_id: u64,
    created: Time,
    /// From here on stars come and go; what was there before is only spread over time.
    began: Time,
    /// How many there were when it began.
    first: u64,
    per_day: f64,
    acts: Vec<(Time, Change)>,
    tally: Mutex<Tally>,
}

/// How many stars there were when a day began.
#[derive(Clone, Copy, Debug)]
struct Tally {
    day: Day,
    alive: u64,
}

/// Something that happened to the stars.
#[derive(Clone, Copy, Debug)]
enum Change {
    Given(u64),
    /// One star, chosen among all by this draw.
    Lost(u64),
    /// So many of the stars that were given on that day.
    Taken(Day, u64),
}

/// Stars that still exist, by the day on which they were given.
type ByDay = BTreeMap<Day, u64>;

impl Stars {
    /// `first` stars at `began`, of a repository that has been there since `created`;
    /// `per_day` more a day, or as many as before where a test says nothing.
    pub(crate) fn new(
        repo_id: u64,
        (created, began): (Time, Time),
        first: u64,
        per_day: Option<f64>,
    ) -> Self {
        let age_days = (began.secs() - created.secs()) as f64 / DAY_SECS as f64;
        let tally = Tally {
            day: began.day(),
            alive: first,
        };
        Self {
            repo_id,
            created: created.min(began),
            began,
            first,
            per_day: per_day.unwrap_or(first as f64 / age_days.max(30.0)),
            acts: Vec::new(),
            tally: Mutex::new(tally),
        }
    }

    /// How many there are.
    pub(crate) fn count(&self, noise: Noise, at: Time) -> u64 {
        if at < self.began {
            return self
                .first_moments(noise)
                .filter(|given| *given <= at)
                .count() as u64;
        }
        let alive = self.alive_before(noise, at.day());
        let changes = self.changes(noise, at.day(), alive);
        let until = changes.into_iter().take_while(|(moment, _)| *moment <= at);
        until.fold(alive, |alive, (_, change)| after(alive, change))
    }

    /// The stars that exist, by the day on which they were given; days without one are left out.
    pub(crate) fn by_day(&self, noise: Noise, at: Time) -> ByDay {
        let mut by_day = ByDay::new();
        for given in self.first_moments(noise).filter(|given| *given <= at) {
            *by_day.entry(given.day()).or_default() += 1;
        }
        if at < self.began {
            return by_day;
        }
        let mut alive = self.first;
        for number in self.began.day().number()..=at.day().number() {
            let day = Day::from_number(number);
            for (moment, change) in self.changes(noise, day, alive) {
                if moment > at {
                    return by_day;
                }
                apply(&mut by_day, day, change);
                alive = after(alive, change);
            }
        }
        by_day
    }

    /// How many were given and how many taken away on a day since the simulation began.
    pub(crate) fn moved(&self, noise: Noise, day: Day) -> (u64, u64) {
        if day < self.began.day() {
            return (0, 0);
        }
        let mut alive = self.alive_before(noise, day);
        let (mut given, mut lost) = (0, 0);
        for (_, change) in self.changes(noise, day, alive) {
            let next = after(alive, change);
            given += next.saturating_sub(alive);
            lost += alive.saturating_sub(next);
            alive = next;
        }
        (given, lost)
    }

    /// Somebody gives so many stars now.
    pub(crate) fn give(&mut self, at: Time, stars: u64) {
        self.act(at, Change::Given(stars));
    }

    /// So many of the stars given on `given_on` are taken away now, or all there are.
    pub(crate) fn take(&mut self, noise: Noise, at: Time, given_on: Day, stars: u64) {
        let there = self.by_day(noise, at);
        let there = there.get(&given_on).copied().unwrap_or(0);
        self.act(at, Change::Taken(given_on, stars.min(there)));
    }

    /// There are so many stars now: more are given, or the newest taken away.
    pub(crate) fn set(&mut self, noise: Noise, at: Time, stars: u64) {
        let count = self.count(noise, at);
        if stars > count {
            self.give(at, stars - count);
        }
        let mut too_many = count.saturating_sub(stars);
        for (day, there) in self.by_day(noise, at).into_iter().rev() {
            let taken = there.min(too_many);
            if taken > 0 {
                self.act(at, Change::Taken(day, taken));
            }
            too_many -= taken;
        }
    }

    fn act(&mut self, at: Time, change: Change) {
        let at = at.max(self.began);
        self.acts.push((at, change));
        self.acts.sort_by_key(|(moment, _)| *moment);
        *lock(&self.tally) = self.beginning();
    }

    fn beginning(&self) -> Tally {
        Tally {
            day: self.began.day(),
            alive: self.first,
        }
    }

    /// How many there were when a day began; the day lies not before the beginning.
    fn alive_before(&self, noise: Noise, day: Day) -> u64 {
        let mut tally = lock(&self.tally);
        if tally.day > day {
            *tally = self.beginning();
        }
        while tally.day < day {
            let changes = self.changes(noise, tally.day, tally.alive);
            let changes = changes.into_iter().map(|(_, change)| change);
            tally.alive = changes.fold(tally.alive, after);
            tally.day = tally.day.plus(1);
        }
        tally.alive
    }

    /// What happens on a day that begins with `alive` stars, in order.
    fn changes(&self, noise: Noise, day: Day, alive: u64) -> Vec<(Time, Change)> {
        let index = day.number() as u64;
        let amount = |topic, mean: f64| {
            let mean = mean * 2.0 * noise.unit(topic, self.repo_id, 2 * index);
            (mean + noise.unit(topic, self.repo_id, 2 * index + 1)) as u64
        };
        let mean = self.per_day * spike(noise, self.repo_id, day);
        let given = match mean > 0.0 {
            true => amount(Topic::StarsGiven, mean),
            false => 0,
        };
        let lost = match alive {
            0 => 0,
            _ => amount(Topic::StarsLost, alive as f64 * LOST_A_DAY).min(alive),
        };
        let moment = |n: u64, all: u64| {
            day.start()
                .plus_secs((DAY_SECS as u64 * (n + 1) / (all + 1)) as i64)
        };
        let mut changes: Vec<_> = (0..given)
            .map(|n| (moment(n, given), Change::Given(1)))
            .collect();
        changes.extend((0..lost).map(|n| {
            let draw = noise.bits(Topic::StarLost, self.repo_id, index * 100_000 + n);
            (moment(n, lost), Change::Lost(draw))
        }));
        changes.retain(|(moment, _)| *moment > self.began);
        let acts = self.acts.iter().filter(|(moment, _)| moment.day() == day);
        changes.extend(acts);
        changes.sort_by_key(|(moment, _)| *moment);
        changes
    }

    /// When each of the first stars was given, in no order.
    fn first_moments(&self, noise: Noise) -> impl Iterator<Item = Time> {
        let span = (self.began.secs() - self.created.secs()) as f64;
        let busy_days = 2.0 * DAY_SECS as f64;
        (0..self.first).map(move |star| {
            let unit = |topic, index| noise.unit(topic, self.repo_id, index);
            let plain = span * unit(Topic::StarMoment, star);
            let secs = match unit(Topic::StarBurst, star) < IN_BURSTS {
                true => {
                    let burst = u64::MAX - star % 3;
                    let start = span * unit(Topic::StarBurst, burst);
                    (start + busy_days * unit(Topic::StarMoment, star)).min(span)
                }
                false => plain,
            };
            self.created.plus_secs(secs as i64)
        })
    }
}

fn after(alive: u64, change: Change) -> u64 {
    match change {
        Change::Given(stars) => alive + stars,
        Change::Lost(_) => alive.saturating_sub(1),
        Change::Taken(_, stars) => alive.saturating_sub(stars),
    }
}

fn apply(by_day: &mut ByDay, day: Day, change: Change) {
    match change {
        Change::Given(stars) => *by_day.entry(day).or_default() += stars,
        Change::Taken(given_on, stars) => lower(by_day, given_on, stars),
        Change::Lost(draw) => {
            let alive: u64 = by_day.values().sum();
            let mut rank = draw.checked_rem(alive).unwrap_or(0);
            let found = by_day.iter().find(|(_, there)| {
                let is_here = rank < **there;
                rank = rank.saturating_sub(**there);
                is_here
            });
            if let Some(given_on) = found.map(|(given_on, _)| *given_on) {
                lower(by_day, given_on, 1);
            }
        }
    }
}

fn lower(by_day: &mut ByDay, day: Day, stars: u64) {
    if let Some(there) = by_day.get_mut(&day) {
        *there = there.saturating_sub(stars);
        if *there == 0 {
            by_day.remove(&day);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOISE: u64 = 3;

    fn stars(first: u64, per_day: f64) -> Stars {
        let (created, began) = ("2024-01-01".into(), "2026-03-10T12:00:00Z".into());
        Stars::new(7, (created, began), first, Some(per_day))
    }

    #[test]
    fn the_count_is_the_sum_of_the_days_at_every_moment() {
        let mut stars = stars(400, 3.0);
        let noise = Noise::new(NOISE);
        stars.give("2026-04-01T10:00:00Z".into(), 50);
        stars.take(
            noise,
            "2026-04-03T10:00:00Z".into(),
            "2026-04-01".into(),
            20,
        );
        stars.set(noise, "2026-05-01T10:00:00Z".into(), 100);
        for hours in (0..24 * 120).step_by(7) {
            let at = Time::from("2026-03-01").plus_secs(hours * 3600);
            let sum: u64 = stars.by_day(noise, at).values().sum();
            assert_eq!(stars.count(noise, at), sum, "{at}");
        }
        assert_eq!(stars.count(noise, "2026-05-01T10:00:00Z".into()), 100);
    }

    #[test]
    fn what_was_there_at_the_beginning_is_what_was_asked_for() {
        let stars = stars(400, 3.0);
        let noise = Noise::new(NOISE);
        assert_eq!(stars.count(noise, "2026-03-10T12:00:00Z".into()), 400);
        assert!(stars.count(noise, "2025-01-01".into()) < 300);
        assert_eq!(stars.count(noise, "2023-12-31".into()), 0);
    }

    #[test]
    fn a_day_moves_the_count_by_what_was_given_and_lost() {
        let stars = stars(4000, 3.0);
        let noise = Noise::new(NOISE);
        let mut all_lost = 0;
        for n in 1..100 {
            let day = Day::from("2026-03-10").plus(n);
            let end = |day: Day| stars.count(noise, day.plus(1).start().plus_secs(-1));
            let (given, lost) = stars.moved(noise, day);
            assert_eq!(end(day) + lost, end(day.plus(-1)) + given);
            all_lost += lost;
        }
        assert!(all_lost > 50, "{all_lost}");
    }

    #[test]
    fn a_star_taken_away_lowers_the_day_on_which_it_was_given() {
        let stars = stars(4000, 0.0);
        let noise = Noise::new(NOISE);
        let before = stars.by_day(noise, "2026-03-10T12:00:00Z".into());
        let after = stars.by_day(noise, "2026-09-10T12:00:00Z".into());
        let at_most = |(day, there): (&Day, &u64)| *there <= before[day];
        assert!(after.iter().all(at_most));
        assert!(after.values().sum::<u64>() < 4000);
    }
}
