//! Real answers of GitHub: 35 readings of one repository over three months, held against everything
//! that is said of such answers. The figures that come out are told in `docs/numbers.md`.
#![expect(clippy::unwrap_used, reason = "a test ends where its premise fails")]

use std::collections::BTreeMap;

use gitratra_core::people::People;
use gitratra_core::rolling::{List, Sources};
use gitratra_core::{
    Count, Day, DayRange, DayRow, DayState, Measured, Metric, Ranking, Series, Uniques, Value,
    Window,
};

const DATA: &str = include_str!("data/agent-lifecycle-toolkit.txt");

/// One reading of all four questions.
#[derive(Debug, Default)]
struct Answer {
    read_on: Option<Day>,
    /// In the order of [`Metric::ALL`].
    traffic: [Traffic; 2],
    /// In the order of [`Ranking::ALL`].
    lists: [Vec<(String, Count)>; 2],
}

/// A window: its events, its people and its days.
#[derive(Debug, Default, PartialEq)]
struct Traffic {
    total: u64,
    people: u64,
    days: Vec<(Day, Count)>,
}

fn count(count: &str, uniques: &str) -> Count {
    Count::new(count.parse().unwrap(), uniques.parse().unwrap()).unwrap()
}

fn traffic<'a>(mut fields: impl Iterator<Item = &'a str>) -> Traffic {
    let mut number = || fields.next().unwrap().parse().unwrap();
    let (total, people) = (number(), number());
    let days = fields.map(|row| {
        let parts: Vec<&str> = row.split(':').collect();
        (parts[0].parse().unwrap(), count(parts[1], parts[2]))
    });
    Traffic {
        total,
        people,
        days: days.collect(),
    }
}

fn lines<'a>(fields: impl Iterator<Item = &'a str>) -> Vec<(String, Count)> {
    let line = |line: &str| {
        let parts: Vec<&str> = line.splitn(3, ':').collect();
        (parts[2].to_owned(), count(parts[0], parts[1]))
    };
    fields.map(line).collect()
}

fn answers() -> Vec<Answer> {
    let mut answers: Vec<Answer> = Vec::new();
    for text in DATA.lines().filter(|line| !line.starts_with('#')) {
        let mut fields = text.split('\t');
        let what = fields.next().unwrap();
        if what == "read" {
            let read_on = fields.next().unwrap()[..10].parse().unwrap();
            answers.push(Answer {
                read_on: Some(read_on),
                ..Answer::default()
            });
            continue;
        }
        let answer = answers.last_mut().unwrap();
        match what {
            "views" => answer.traffic[0] = traffic(fields),
            "clones" => answer.traffic[1] = traffic(fields),
            "referrers" => answer.lists[0] = lines(fields),
            _ => answer.lists[1] = lines(fields),
        }
    }
    answers
}

impl Answer {
    /// The newest published day, which dates the lists too.
    fn newest(&self) -> Day {
        self.traffic[0].days.last().unwrap().0
    }

    /// Whether it repeats a window that an earlier answer had passed by days.
    fn is_stale(&self) -> bool {
        self.read_on.unwrap().days_since(self.newest()) > 3
    }
}

fn series(answers: &[Answer]) -> Series {
    let mut rows: BTreeMap<Day, DayRow> = BTreeMap::new();
    for answer in answers {
        for (metric, told) in Metric::ALL.into_iter().zip(&answer.traffic) {
            for (day, count) in &told.days {
                let row = rows.entry(*day).or_insert(DayRow::gap(*day));
                let value = Some(Value {
                    count: *count,
                    state: DayState::Measured,
                });
                match metric {
                    Metric::Views => row.views = value,
                    Metric::Clones => row.clones = value,
                }
            }
        }
    }
    Series::new(rows.into_values())
}

#[test]
fn no_published_day_was_ever_revised() {
    let answers = answers();
    assert_eq!(answers.len(), 35);
    for (at, distinct) in [(0, 67), (1, 67)] {
        let mut known: BTreeMap<Day, Count> = BTreeMap::new();
        for answer in &answers {
            assert_eq!(answer.traffic[at].days.len(), 14, "explicit zeros");
            for (day, count) in &answer.traffic[at].days {
                assert_eq!(*known.entry(*day).or_insert(*count), *count, "{day}");
            }
        }
        assert_eq!(known.len(), distinct);
    }
}

#[test]
fn people_of_a_window_lie_between_its_largest_day_and_the_sum_of_its_days() {
    let answers = answers();
    let series = series(&answers);
    for (at, metric, expected) in [
        (0, Metric::Views, ["1.25", "1.39", "1.56"]),
        (1, Metric::Clones, ["1.00", "1.21", "1.29"]),
    ] {
        let windows = || {
            let windows = answers.iter().map(|answer| {
                let people = Uniques::new(answer.traffic[at].people);
                (
                    Window {
                        last: answer.newest(),
                    },
                    people,
                )
            });
            windows.collect::<BTreeMap<_, _>>()
        };
        let mut ratios = Vec::new();
        for answer in &answers {
            let Traffic {
                total,
                people,
                days,
            } = &answer.traffic[at];
            let uniques = || days.iter().map(|(_, count)| count.uniques().get());
            let (largest, sum): (u64, u64) = (uniques().max().unwrap(), uniques().sum());
            assert!(largest <= *people && *people <= sum);
            assert_eq!(
                days.iter().map(|(_, count)| count.count()).sum::<u64>(),
                *total
            );
            // By the days and all other windows, this one lies between the bounds of its range.
            let mut others = windows();
            let window = Window {
                last: answer.newest(),
            };
            others.remove(&window);
            let known = People::new(&series, metric, [], others);
            let found = known.within(window.range()).people().unwrap();
            assert!(
                found.contains(*people),
                "{}: {people} in {found}",
                window.last
            );
            ratios.push(sum as f64 / *people as f64);
        }
        ratios.sort_by(f64::total_cmp);
        let of = |at: usize| format!("{:.2}", ratios[at]);
        assert_eq!(
            [of(0), of(ratios.len() / 2), of(ratios.len() - 1)],
            expected,
            "{metric}"
        );
    }
}

#[test]
fn answers_from_before_are_recognised_and_repeat_what_was() {
    let answers = answers();
    let stale: Vec<String> = answers
        .iter()
        .filter(|answer| answer.is_stale())
        .map(|answer| format!("{} {}", answer.read_on.unwrap(), answer.newest()))
        .collect();
    assert_eq!(stale, ["2026-02-28 2026-02-24", "2026-03-02 2026-02-24"]);
    let of = |text: &str| {
        let day: Day = text.parse().unwrap();
        answers
            .iter()
            .find(|answer| answer.newest() == day)
            .unwrap()
    };
    let first = of("2026-02-24");
    for answer in answers.iter().filter(|answer| answer.is_stale()) {
        assert_eq!(answer.traffic, first.traffic);
    }
}

/// What lists say, of windows as the newest published day dates them.
fn sources(answers: &[Answer], ranking: usize, views: Option<&Measured>) -> Sources<String> {
    let lists = answers.iter().map(|answer| List {
        window: Window {
            last: answer.newest(),
        },
        lines: answer.lists[ranking].clone(),
    });
    match views {
        Some(views) => Sources::of_measured(lists, None, views),
        None => Sources::new(lists, None),
    }
}

#[test]
fn referrers_and_paths_by_day_are_consistent_with_every_window() {
    let answers = answers();
    let views = Measured::of(series(&answers).days(), Metric::Views);
    for (at, ranking, names) in [(0, Ranking::Referrers, 17), (1, Ranking::Paths, 35)] {
        for cap in [None, Some(&views)] {
            let sources = sources(&answers, at, cap);
            assert!(sources.contradicted().is_empty(), "{ranking}");
            assert_eq!(sources.names().count(), names, "far more than ten");
            for answer in &answers {
                let window = Window {
                    last: answer.newest(),
                };
                for (name, told) in &answer.lists[at] {
                    let days = sources.by_day(name).into_iter();
                    let inside = days.filter(|(day, _)| window.range().contains(*day));
                    let (least, most) = inside.fold((0, 0), |(least, most), (_, found)| {
                        (least + found.lower(), most + found.upper())
                    });
                    assert!(least <= told.count() && told.count() <= most, "{name}");
                    let whole = sources.within(name, window.range()).unwrap();
                    assert_eq!(whole.count.number(), Some(told.count()), "{name}");
                }
            }
            for name in sources.names() {
                for (day, found) in sources.by_day(name) {
                    let all = views.on(day).unwrap();
                    assert!(found.lower() <= all, "{name} {day}: more than all views");
                }
            }
        }
    }
}

/// Days of all sources, how many of them are exact, and how wide the bounds of all are together.
fn figures(sources: &Sources<String>) -> (usize, usize, u64) {
    let names = sources.names();
    let days = names.flat_map(|name| sources.by_day(name));
    let widths: Vec<u64> = days
        .map(|(_, found)| found.upper() - found.lower())
        .collect();
    let exact = widths.iter().filter(|width| **width == 0).count();
    (widths.len(), exact, widths.iter().sum())
}

#[test]
fn the_views_of_a_day_make_what_each_source_brought_narrower() {
    let answers = answers();
    let views = Measured::of(series(&answers).days(), Metric::Views);
    for (ranking, without, within) in [
        (0, (1139, 876, 3995), (1139, 876, 2620)),
        (1, (2345, 0, 18_803), (2345, 0, 14_407)),
    ] {
        let loose = sources(&answers, ranking, None);
        let tight = sources(&answers, ranking, Some(&views));
        assert_eq!(figures(&loose), without);
        assert_eq!(figures(&tight), within);
        let whole = DayRange::new("2025-12-25".parse().unwrap(), "2026-03-31".parse().unwrap());
        for name in tight.names() {
            let (one, other) = (
                loose.within(name, whole.unwrap()).unwrap().count,
                tight.within(name, whole.unwrap()).unwrap().count,
            );
            assert!(one.lower() <= other.lower() && other.upper() <= one.upper());
        }
    }
}
