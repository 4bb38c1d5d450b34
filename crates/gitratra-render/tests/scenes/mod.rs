//! Histories to draw: ordinary ones, and all that can be odd about one.

use gitratra_core::figures::Step;
use gitratra_core::people::People;
use gitratra_core::{
    Count, Counters, Day, DayRange, DayRow, DayState, Metric, Ranked, Ranking, Rolling, Series,
    Uniques, Value, Window,
};
use gitratra_render::term::{ShowCounters, ShowRanking};

/// A page to draw.
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    pub(crate) former_name: Option<&'static str>,
    pub(crate) range: DayRange,
    pub(crate) step: Step,
    pub(crate) has_table: bool,
    pub(crate) series: Series,
    pub(crate) people: [People; 2],
    pub(crate) counters: Option<ShowCounters>,
}

fn last() -> Day {
    Day::from_ymd(2026, 11, 21).expect("the day exists")
}

pub(crate) fn range(days: u32) -> DayRange {
    DayRange::ending(last(), days)
}

/// A value that looks like traffic: quiet weekends, some noise, a peak now and then.
fn count_on(day: Day, scale: u64) -> Count {
    let n = u64::try_from(day.epoch_days()).unwrap_or(0);
    let noise = (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33) % 100;
    let weekend = if day.weekday() > 4 { 2 } else { 5 };
    let peak = if n % 53 == 7 { 6 } else { 1 };
    let count = scale * weekend * (60 + noise) * peak / 500;
    Count::new(count, count / 3).unwrap_or(Count::ZERO)
}

/// The last `days` days, each in the state that `state` gives for its age.
fn series(days: u32, scale: u64, state: impl Fn(i64) -> Option<DayState>) -> Series {
    Series::new(range(days).iter().filter_map(|day| {
        let state = state(last().days_since(day))?;
        let value = |scale| {
            let count = match state {
                DayState::Suspect => Count::ZERO,
                _ => count_on(day, scale),
            };
            Some(Value { count, state })
        };
        Some(DayRow {
            day,
            views: value(scale),
            clones: value(scale / 9),
        })
    }))
}

fn measured(_: i64) -> Option<DayState> {
    Some(DayState::Measured)
}

/// Two gaps, a suspect day, and the newest one still running.
fn holes(age: i64) -> Option<DayState> {
    match age {
        0 => Some(DayState::Partial),
        3 => Some(DayState::Suspect),
        9..=12 | 20 => None,
        _ => Some(DayState::Measured),
    }
}

/// Clones that are a day behind views, as GitHub publishes them now and then.
fn behind() -> Series {
    let both = series(60, 90, measured);
    Series::new(both.days().iter().map(|row| DayRow {
        clones: row.clones.filter(|_| row.day < last()),
        ..*row
    }))
}

fn counters() -> ShowCounters {
    let counters = Counters {
        stars: 1204,
        forks: 88,
        watchers: Some(42),
        open_both: Some(17),
        ..Counters::default()
    };
    ShowCounters {
        day: last(),
        counters,
        before: Some((last().plus(-29), 1207, 81)),
    }
}

/// What daily uniques say, and windows that count half of what their days add up to.
fn people(series: &Series) -> [People; 2] {
    Metric::ALL.map(|metric| {
        let uniques = |day: &DayRow| {
            day.value(metric)
                .map_or(0, |value| value.count.uniques().get())
        };
        let windows = series.days().windows(14).map(|days| {
            let sum: u64 = days.iter().map(uniques).sum();
            let largest = days.iter().map(uniques).max().unwrap_or(0);
            let window = Window { last: days[13].day };
            (window, Uniques::new(largest.max(sum / 2)))
        });
        People::new(series, metric, [], windows.collect::<Vec<_>>())
    })
}

fn scene(name: &'static str, days: u32, series: Series) -> Scene {
    Scene {
        name,
        former_name: None,
        range: range(days),
        step: Step::Day,
        has_table: false,
        people: people(&series),
        counters: None,
        series,
    }
}

pub(crate) fn scenes() -> Vec<Scene> {
    vec![
        Scene {
            counters: Some(counters()),
            ..scene("octo/normal", 30, series(200, 900, measured))
        },
        Scene {
            former_name: Some("octo/old-holes"),
            ..scene("octo/holes", 30, series(200, 90, holes))
        },
        Scene {
            has_table: true,
            ..scene("octo/week", 7, series(200, 90, holes))
        },
        scene("octo/behind", 14, behind()),
        Scene {
            step: Step::Week,
            has_table: true,
            ..scene("octo/quarter", 90, series(200, 90, holes))
        },
        scene("octo/huge", 365, series(400, 9_000_000, measured)),
        scene("octo/years", 1826, series(1826, 900, holes)),
        scene("octo/day", 1, series(1, 90, measured)),
        scene("octo/zeros", 30, series(60, 0, holes)),
        scene("octo/young", 30, series(9, 40, measured)),
        scene(
            "octo/before",
            30,
            Series::new(series(90, 9, measured).days()[..30].to_vec()),
        ),
        scene("octo/empty", 30, Series::default()),
        scene(
            "an-organisation-with-a-name/and-a-repository-with-a-long-name-that-goes-on-and-on",
            30,
            series(60, 90, measured),
        ),
    ]
}

pub(crate) fn ranked() -> Vec<Ranked> {
    [
        ("Google", 1204, 310),
        ("github.com", 988, 120),
        ("news.example.com", 310, 300),
        ("a-very-long-referrer-name.sub.domain.example.org", 41, 9),
        ("\u{1b}[31mred.example", 2, 1),
    ]
    .map(|(name, count, uniques)| Ranked {
        name: name.to_owned(),
        title: None,
        total: Rolling(Count::new(count, uniques).expect("uniques are fewer")),
    })
    .into()
}

pub(crate) fn rankings(lines: &[Ranked]) -> [ShowRanking<'_>; 2] {
    let window = Window { last: last() };
    [
        ShowRanking {
            ranking: Ranking::Referrers,
            window,
            lines,
        },
        ShowRanking {
            ranking: Ranking::Paths,
            window,
            lines: &[],
        },
    ]
}
