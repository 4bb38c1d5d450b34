//! `export daily` as a script reads it, and what it must say by the simulation's own knowledge.

use std::collections::BTreeMap;

use gitratra_sim::{Day, Metric, Sim};

/// Count and uniques.
pub(crate) type Pair = (u64, u64);

/// One line of the export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) views: Option<Pair>,
    pub(crate) clones: Option<Pair>,
    pub(crate) state: String,
}

impl Row {
    pub(crate) fn value(&self, metric: Metric) -> Option<Pair> {
        match metric {
            Metric::Views => self.views,
            Metric::Clones => self.clones,
        }
    }
}

/// All lines, by repository and day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Exported {
    pub(crate) rows: BTreeMap<(String, Day), Row>,
}

impl Exported {
    /// Reads the CSV strictly: the header, the order, no line twice, no half pairs.
    #[track_caller]
    pub(crate) fn read(text: &str) -> Self {
        let mut lines = text.lines();
        let header = "repo,day,views,views_uniques,clones,clones_uniques,state";
        assert_eq!(lines.next(), Some(header));
        let mut rows = BTreeMap::new();
        let mut last = None;
        for line in lines {
            let fields: Vec<&str> = line.split(',').collect();
            let [
                repo,
                day,
                views,
                views_uniques,
                clones,
                clones_uniques,
                state,
            ] = fields[..]
            else {
                panic!("seven fields wanted: {line}");
            };
            let key = (repo.to_owned(), Day::from(day));
            assert!(last.as_ref() < Some(&key), "out of order or twice: {line}");
            last = Some(key.clone());
            let row = Row {
                views: pair(views, views_uniques),
                clones: pair(clones, clones_uniques),
                state: state.to_owned(),
            };
            match state {
                "gap" => assert_eq!((row.views, row.clones), (None, None), "{line}"),
                // A number that is doubted is not told as one.
                "suspect" => assert!(row.views.and(row.clones).is_none(), "{line}"),
                "measured" | "partial" => {
                    assert!(row.views.or(row.clones).is_some(), "{line}");
                }
                _ => panic!("no such state: {line}"),
            }
            rows.insert(key, row);
        }
        Self { rows }
    }

    /// The line of a day.
    #[track_caller]
    pub(crate) fn row(&self, repo: &str, day: impl Into<Day>) -> &Row {
        let day = day.into();
        self.rows
            .get(&(repo.to_owned(), day))
            .unwrap_or_else(|| panic!("no line for {repo} on {day}"))
    }

    pub(crate) fn find(&self, repo: &str, day: impl Into<Day>) -> Option<&Row> {
        self.rows.get(&(repo.to_owned(), day.into()))
    }

    /// The days of a repository, oldest first.
    pub(crate) fn days(&self, repo: &str) -> Vec<Day> {
        let keys = self.rows.keys();
        keys.filter(|(name, _)| name == repo)
            .map(|(_, day)| *day)
            .collect()
    }

    /// The days of a repository that are in a state.
    pub(crate) fn days_in(&self, repo: &str, state: &str) -> Vec<Day> {
        let rows = self.rows.iter();
        rows.filter(|((name, _), row)| name == repo && row.state == state)
            .map(|((_, day), _)| *day)
            .collect()
    }

    /// The names of all repositories.
    pub(crate) fn repos(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.rows.keys().map(|(name, _)| name.as_str()).collect();
        names.dedup();
        names
    }

    /// Demands that every day of a range is measured as it really was.
    #[track_caller]
    pub(crate) fn is_true(&self, sim: &Sim, repo: &str, days: impl Iterator<Item = Day>) {
        for day in days {
            let row = self.row(repo, day);
            assert_eq!(row.state, "measured", "{repo} {day}");
            for metric in [Metric::Views, Metric::Clones] {
                let truth = sim.truth(repo, metric, day);
                assert_eq!(row.value(metric), Some(truth), "{repo} {day} {metric:?}");
            }
        }
    }

    /// Demands that nothing an earlier export had is gone or has become smaller.
    #[track_caller]
    pub(crate) fn lost_nothing_of(&self, earlier: &Self) {
        for ((repo, day), old) in &earlier.rows {
            let new = self.row(repo, *day);
            for metric in [Metric::Views, Metric::Clones] {
                let (old, new) = (old.value(metric), new.value(metric));
                assert!(new >= old, "{repo} {day}: {old:?} became {new:?}");
            }
        }
    }
}

#[track_caller]
fn pair(count: &str, uniques: &str) -> Option<Pair> {
    assert_eq!(count.is_empty(), uniques.is_empty(), "half a pair");
    (!count.is_empty()).then(|| (count.parse().unwrap(), uniques.parse().unwrap()))
}

/// The days from one to another, both included.
pub(crate) fn days(first: impl Into<Day>, last: impl Into<Day>) -> impl Iterator<Item = Day> {
    (first.into().number()..=last.into().number()).map(Day::from_number)
}

/// The window of 14 days that ends on a day.
pub(crate) fn window(last: impl Into<Day>) -> impl Iterator<Item = Day> {
    let last = last.into();
    days(last.plus(-13), last)
}

/// The largest value that was ever served of each day, told by asking the simulation itself.
#[derive(Debug, Default)]
pub(crate) struct Served {
    largest: BTreeMap<(String, Metric, Day), Pair>,
}

impl Served {
    /// Takes in what an answer given now would say.
    pub(crate) fn look(&mut self, sim: &Sim, repo: &str) {
        let today = sim.now().day();
        for metric in [Metric::Views, Metric::Clones] {
            let rows: Vec<(Day, Pair)> = days(today.plus(-20), today)
                .filter_map(|day| Some((day, sim.served(repo, metric, day)?)))
                .collect();
            let (Some((first, _)), Some((last, _))) = (rows.first(), rows.last()) else {
                continue;
            };
            for day in days(*first, *last) {
                // Between two rows a day that is left out had no traffic.
                let row = rows.iter().find(|(known, _)| *known == day);
                let (count, uniques) = row.map_or((0, 0), |(_, pair)| *pair);
                let key = (repo.to_owned(), metric, day);
                let best = self.largest.entry(key).or_default();
                *best = (best.0.max(count), best.1.max(uniques));
            }
        }
    }

    /// Demands that an export says exactly this of every day.
    #[track_caller]
    pub(crate) fn check(&self, exported: &Exported) {
        for ((repo, metric, day), pair) in &self.largest {
            let found = exported.row(repo, *day).value(*metric);
            assert_eq!(found, Some(*pair), "{repo} {day} {metric:?}");
        }
        let known: usize = exported
            .rows
            .values()
            .map(|row| usize::from(row.views.is_some()) + usize::from(row.clones.is_some()))
            .sum();
        assert_eq!(known, self.largest.len(), "values that nobody served");
    }
}
