//! Charts with made-up values: what the snapshots and the gallery draw.

use gitratra_core::figures::Step;
use gitratra_core::{Day, DayRange};
use gitratra_render::chart::{
    Calendar, CalendarDay, Cell, ChartMark, ChartMarkKind, Ink, Layer, Point, PointValue, Scale,
    Shape, TimeChart, WeekdayChart, WeekdayValue,
};

/// The newest published day of all charts; the range ends two days later.
const NEWEST: &str = "2026-11-20";

fn day(text: &str) -> Day {
    text.parse().expect("a day that this file names")
}

/// Numbers that look like traffic: weekends are quiet, now and then there is a burst.
fn traffic(day: Day, scale: f64) -> f64 {
    let number = day.epoch_days() as f64;
    let weekend = if day.weekday() >= 5 { 0.55 } else { 1.0 };
    let wobble = 1.0 + 0.25 * (number * 1.7).sin() + 0.15 * (number * 0.31).cos();
    let burst = match day.epoch_days() % 97 {
        0 => 3.2,
        1 => 2.1,
        2 => 1.4,
        _ => 1.0,
    };
    (scale * weekend * wobble * burst).round()
}

fn points(range: DayRange, step: Step, value: impl Fn(Day) -> Option<PointValue>) -> Vec<Point> {
    let periods = step.of(range).into_iter();
    periods
        .map(|period| Point {
            range: period,
            value: fold(period, step, &value),
        })
        .collect()
}

/// The days of a period added up; a missing one makes it partial, and so does the range's end.
fn fold(
    period: DayRange,
    step: Step,
    value: &impl Fn(Day) -> Option<PointValue>,
) -> Option<PointValue> {
    if step == Step::Day {
        return value(period.first());
    }
    let days: Vec<_> = period.iter().map(value).collect();
    let sum = days.iter().flatten().map(|value| match value {
        PointValue::Measured(value) | PointValue::Partial(value) => *value,
        PointValue::Bounds { at_least, .. } => *at_least,
    });
    let is_known = days.iter().any(Option::is_some);
    let sum: f64 = sum.sum();
    let is_whole = step != Step::Week || period.days() == 7;
    match is_whole && days.iter().all(Option::is_some) {
        _ if !is_known => None,
        true => Some(PointValue::Measured(sum)),
        false => Some(PointValue::Partial(sum)),
    }
}

fn measured(day: Day, scale: f64) -> Option<PointValue> {
    (day <= self::day(NEWEST)).then(|| PointValue::Measured(traffic(day, scale)))
}

fn ending(days: u32) -> DayRange {
    DayRange::ending(day(NEWEST).plus(2), days)
}

fn chart(id: &str, title: &str, range: DayRange, step: Step, layers: Vec<Layer>) -> TimeChart {
    TimeChart {
        id: id.to_owned(),
        title: title.to_owned(),
        description: format!("{title}, {range}."),
        range,
        step,
        scale: Scale::Linear,
        layers,
        marks: Vec::new(),
        newest: Some(day(NEWEST)),
        unit: "views".to_owned(),
        zero_based: true,
    }
}

fn layer(label: &str, ink: Ink, shape: Shape, points: Vec<Point>) -> Layer {
    Layer {
        label: label.to_owned(),
        ink,
        shape,
        points,
    }
}

fn mark(text: &str, kind: ChartMarkKind, on: &str) -> ChartMark {
    ChartMark {
        day: day(on),
        kind,
        text: text.to_owned(),
        href: Some(format!("#mark-{on}")),
    }
}

/// Views and uniques of a month, with a gap, marks, a day that runs and an earlier range.
pub(crate) fn month(shape: Shape) -> TimeChart {
    let range = ending(30);
    let is_gap = |on: Day| on >= day("2026-11-03") && on <= day("2026-11-05");
    let value = |scale: f64| {
        move |on: Day| match measured(on, scale) {
            _ if is_gap(on) => None,
            Some(PointValue::Measured(value)) if on == day(NEWEST) => {
                Some(PointValue::Partial((value / 2.0).round()))
            }
            value => value,
        }
    };
    let before = |on: Day| Some(PointValue::Measured(traffic(on.plus(-30), 380.0)));
    let layers = vec![
        layer(
            "views",
            Ink::Views,
            shape,
            points(range, Step::Day, value(412.0)),
        ),
        layer(
            "unique visitors",
            Ink::ViewsUniques,
            shape,
            points(range, Step::Day, value(130.0)),
        ),
        layer(
            "views, 30 days before",
            Ink::Before,
            Shape::Dashed,
            points(range, Step::Day, before),
        ),
    ];
    let mut chart = chart("month", "Views of octo/engine", range, Step::Day, layers);
    chart.marks = vec![
        mark("v1.2.0", ChartMarkKind::Release, "2026-10-28"),
        mark("v1.2.1", ChartMarkKind::Release, "2026-10-29"),
        mark(
            "blog post about the new engine",
            ChartMarkKind::Note,
            "2026-11-08",
        ),
        mark("3.2 times as usual", ChartMarkKind::Spike, "2026-11-13"),
        mark("v1.3.0-rc.1", ChartMarkKind::Tag, "2026-11-18"),
    ];
    chart
}

/// A year of clones by week, with many releases.
pub(crate) fn year() -> TimeChart {
    let range = ending(365);
    let layers = vec![
        layer(
            "clones",
            Ink::Clones,
            Shape::Area,
            points(range, Step::Week, |on| measured(on, 90.0)),
        ),
        layer(
            "unique cloners on the busiest day",
            Ink::ClonesUniques,
            Shape::Line,
            points(range, Step::Week, |on| measured(on, 25.0)),
        ),
    ];
    let mut chart = chart("year", "Clones of octo/engine", range, Step::Week, layers);
    chart.unit = "clones".to_owned();
    chart.marks = (0..26)
        .map(|at| ChartMark {
            day: range.first().plus(at * 14 + at % 3),
            kind: ChartMarkKind::Release,
            text: format!("v0.{at}.0"),
            href: None,
        })
        .collect();
    chart
}

/// Stars of ten years by month.
pub(crate) fn decade() -> TimeChart {
    let range = ending(3_650);
    let stars = |on: Day| {
        let age = on.days_since(range.first()) as f64;
        (12.0 * age + 900.0 * (age / 200.0).sin()).max(0.0).round()
    };
    let points = Step::Month.of(range).into_iter().map(|period| Point {
        range: period,
        value: Some(PointValue::Measured(stars(period.last()))),
    });
    let layers = vec![layer("stars", Ink::Stars, Shape::Area, points.collect())];
    let mut chart = chart("decade", "Stars of octo/engine", range, Step::Month, layers);
    chart.unit = "stars".to_owned();
    chart
}

/// Eight repositories from a handful to millions, on a logarithmic axis.
pub(crate) fn compared() -> TimeChart {
    let range = ending(90);
    let layers = (0..8_u8).map(|number| {
        let scale = 3.0 * 6.5_f64.powi(i32::from(number));
        let label = match number {
            3 => "a-very-long-organisation/with-a-very-long-repository-name".to_owned(),
            _ => format!("octo/part-{number}"),
        };
        let values = points(range, Step::Day, |on| {
            measured(on.plus(i64::from(number)), scale)
        });
        layer(&label, Ink::Series(number), Shape::Line, values)
    });
    let mut chart = chart(
        "compared",
        "Views of eight repositories",
        range,
        Step::Day,
        layers.collect(),
    );
    chart.scale = Scale::Log;
    chart
}

/// Views of a path known as bounds.
pub(crate) fn bounds() -> TimeChart {
    let range = ending(30);
    let value = |on: Day| {
        let low = traffic(on, 40.0);
        let width = (on.epoch_days() % 5) as f64 * 9.0;
        (on <= day(NEWEST)).then_some(PointValue::Bounds {
            at_least: low,
            at_most: low + width,
        })
    };
    let layers = vec![layer(
        "/octo/engine",
        Ink::Views,
        Shape::Band,
        points(range, Step::Day, value),
    )];
    chart("bounds", "Views of one page", range, Step::Day, layers)
}

/// Stars won and lost, around zero.
pub(crate) fn lost() -> TimeChart {
    let range = ending(60);
    let won = points(range, Step::Day, |on| measured(on, 14.0));
    let lost = points(range, Step::Day, |on| {
        (on <= day(NEWEST)).then(|| PointValue::Measured(-((on.epoch_days() * 7 % 5) as f64)))
    });
    let layers = vec![
        layer("new stars", Ink::Stars, Shape::Bars, won),
        layer("stars lost", Ink::Lost, Shape::Bars, lost),
    ];
    let mut chart = chart("lost", "Stars by day", range, Step::Day, layers);
    chart.unit = "stars".to_owned();
    chart
}

/// Twenty years of days that nobody folded.
pub(crate) fn unfolded() -> TimeChart {
    let range = ending(7_305);
    let layers = vec![layer(
        "views",
        Ink::Views,
        Shape::Bars,
        points(range, Step::Day, |on| measured(on, 800.0)),
    )];
    chart(
        "unfolded",
        "Views of twenty years",
        range,
        Step::Day,
        layers,
    )
}

/// Charts of nearly nothing and of far too much.
pub(crate) fn extremes() -> Vec<TimeChart> {
    let one = DayRange::ending(day("2026-11-17"), 1);
    let month = DayRange::ending(day(NEWEST), 30);
    let with = |id: &str, range: DayRange, value: fn(Day) -> Option<PointValue>| {
        let values = points(range, Step::Day, value);
        let layers = vec![layer("views", Ink::Views, Shape::Area, values)];
        chart(id, id, range, Step::Day, layers)
    };
    vec![
        with("one day", one, |_| Some(PointValue::Measured(42.0))),
        with("nothing known", month, |_| None),
        with("all zeros", month, |_| Some(PointValue::Measured(0.0))),
        with("a single known day", month, |on| {
            (on == day("2026-11-01")).then_some(PointValue::Measured(7.0))
        }),
        with("a trillion", month, |on| {
            Some(PointValue::Measured(traffic(on, 1e12)))
        }),
        with("thousandths", month, |on| {
            Some(PointValue::Measured(traffic(on, 100.0) / 1e5))
        }),
    ]
}

/// A calendar of so many days.
pub(crate) fn calendar(days: u32) -> Calendar {
    let range = ending(days);
    let cell = |on: Day| match on {
        on if on > day(NEWEST) => Cell::Unpublished,
        on if on == day(NEWEST) => Cell::Partial(2),
        on if on.days_since(range.first()) < i64::from(days) / 8 => Cell::Outside,
        on if on.epoch_days() % 83 < 3 => Cell::Gap,
        on if on.epoch_days() % 29 == 0 => Cell::Measured(0),
        on => Cell::Measured(Cell::level(traffic(on, 100.0), 250.0)),
    };
    let days = range.iter().map(|on| CalendarDay {
        day: on,
        cell: cell(on),
        text: format!("{} views", traffic(on, 100.0)),
    });
    Calendar {
        id: format!("calendar-{}", range.days()),
        title: "Views of each day".to_owned(),
        description: "How many views each day had.".to_owned(),
        range,
        ink: Ink::Views,
        days: days.collect(),
        least: "none".to_owned(),
        most: "most".to_owned(),
    }
}

/// Weekdays, one of which is not known.
pub(crate) fn weekdays() -> WeekdayChart {
    let value = |at: usize| WeekdayValue {
        median: [410.0, 432.0, 440.0, 428.0, 390.0, 210.0, 190.0][at],
        spread: Some((150.0 + at as f64 * 4.0, 520.0 - at as f64 * 30.0)),
    };
    WeekdayChart {
        id: "weekdays".to_owned(),
        title: "Views by weekday".to_owned(),
        description: "The median of views on each weekday.".to_owned(),
        unit: "views".to_owned(),
        ink: Ink::Views,
        days: [0, 1, 2, 3, 4, 5, 6].map(|at| (at != 5).then(|| value(at))),
    }
}

/// Values of a sparkline with a hole.
pub(crate) fn sparks() -> Vec<Option<f64>> {
    let days = ending(30).iter();
    days.map(|on| (on.epoch_days() % 13 != 4).then(|| traffic(on, 50.0)))
        .collect()
}
