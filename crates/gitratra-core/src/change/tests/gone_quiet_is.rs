//! When a repository is said to have gone quiet, and when not.

use super::*;

#[test]
fn told_of_a_fortnight_far_below_the_past() {
    let told = quiet(&[run(84, Known(10)), run(14, Known(2))].concat()).unwrap();
    assert_eq!(told.range, ending(14));
    assert_eq!((told.count, told.usual), (28, 140.0));
    assert_eq!((told.days, told.of_days), (14, 14));
    assert_eq!(
        (told.past, told.past_days, told.of_past_days),
        (DayRange::ending(last().plus(-14), 84), 84, 84)
    );
}

#[test]
fn told_as_long_as_it_is_news() {
    for days in 14..=56 {
        let told = quiet(&[run(200, Known(10)), run(days, Known(1))].concat());
        assert!(told.is_some(), "after {days} days");
        let length = usize::try_from(told.unwrap().of_days).unwrap();
        assert!(length.abs_diff(days) < 14, "{length} of {days}");
    }
    assert_eq!(
        quiet(&[run(200, Known(10)), run(120, Known(1))].concat()),
        None
    );
}

#[test]
fn said_with_the_days_behind_it() {
    let mut cells = [run(84, Known(10)), run(14, Known(0))].concat();
    cells[5] = Unseen;
    cells[90] = Unseen;
    cells[91] = Doubted;
    cells[97] = Running(0);
    let told = quiet(&cells).unwrap();
    assert_eq!((told.days, told.of_days, told.usual), (11, 14, 110.0));
    assert_eq!((told.past_days, told.of_past_days), (83, 84));
}

#[test]
fn not_said_of_days_that_were_not_measured() {
    for cell in [Unseen, Doubted, Running(0)] {
        assert_eq!(quiet(&[run(84, Known(10)), run(14, cell)].concat()), None);
        let five = [run(84, Known(10)), run(9, Known(0)), run(5, cell)].concat();
        assert_eq!(quiet(&five), None);
        let four = [run(84, Known(10)), run(10, Known(0)), run(4, cell)].concat();
        assert!(quiet(&four).is_some());
    }
}

#[test]
fn not_said_of_a_day_that_has_not_come_to_be_measured_for_months() {
    let old = series(&[run(84, Known(10)), run(14, Known(0))].concat());
    assert!(gone_quiet(&old, last(), Metric::Views).is_some());
    assert_eq!(gone_quiet(&old, last().plus(60), Metric::Views), None);
    assert_eq!(gone_quiet(&old, last(), Metric::Clones), None);
}

#[test]
fn not_said_of_a_short_history() {
    assert_eq!(
        quiet(&[run(48, Known(10)), run(14, Known(0))].concat()),
        None
    );
    assert!(quiet(&[run(49, Known(10)), run(14, Known(0))].concat()).is_some());
}

#[test]
fn not_said_of_a_few_events() {
    assert_eq!(
        quiet(&[run(84, Known(1)), run(14, Known(0))].concat()),
        None
    );
    assert!(quiet(&[run(84, Known(2)), run(14, Known(0))].concat()).is_some());
}

#[test]
fn not_said_of_bursts_nor_of_the_end_of_a_spike() {
    let bursts: Vec<_> = (0..140)
        .map(|day| Known(if day % 20 == 0 { 500 } else { 0 }))
        .collect();
    let spike = [run(40, Known(10)), run(20, Known(4000)), run(54, Known(10))].concat();
    for (cells, name) in [(bursts, "bursts"), (spike, "spike")] {
        for end in 70..cells.len() {
            assert_eq!(quiet(&cells[..end]), None, "{name} until {end}");
        }
    }
}

#[test]
fn not_said_where_a_few_visits_fell_on_one_weekday_by_chance() {
    let mut cells = run(140, Known(0));
    for (day, count) in [(0, 1), (4, 10), (11, 10), (32, 10), (46, 10), (53, 10)] {
        cells[day] = Known(count);
    }
    for end in 70..=140 {
        assert_eq!(quiet(&cells[..end]), None, "until {end}");
    }
}

#[test]
fn not_said_where_the_past_was_as_quiet_before() {
    let lull = [
        run(42, Known(10)),
        run(14, Known(1)),
        run(28, Known(10)),
        run(14, Known(1)),
    ];
    assert_eq!(quiet(&lull.concat()), None);
}

/// Page loads come in bunches: visitors by chance, each loading some pages, in weeks that differ
/// twofold by themselves.
#[test]
fn hardly_ever_said_of_noise() {
    let mut state = 7_u64;
    let mut below = |limit: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % limit
    };
    let mut alarms = 0;
    for visitors in [1, 2, 4, 8, 32] {
        for _ in 0..400 {
            let mut week = 0;
            let cells: Vec<_> = (0..140)
                .map(|day| {
                    if day % 7 == 0 {
                        week = 50 + below(51);
                    }
                    let mut count = 0;
                    for _ in 0..visitors * 4 {
                        if below(400) < week {
                            count += 1 + below(6);
                        }
                    }
                    Known(count)
                })
                .collect();
            alarms += usize::from(quiet(&cells).is_some());
        }
    }
    assert!(alarms <= 2, "{alarms} of 2000");
}
