//! What comparisons promise: gaps, partial and suspect days bend nothing, small numbers lead no
//! list, and silence is told only where there was traffic before.

use proptest::prelude::*;

use super::*;
use crate::{Count, DayRow, DayState, Value};

/// A Thursday; the newest published day in these tests.
const LAST: &str = "2026-11-26";

/// A day as a test writes it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Cell {
    Known(u64),
    Running(u64),
    Doubted,
    Unseen,
}

use Cell::{Doubted, Known, Running, Unseen};

fn last() -> Day {
    LAST.parse().unwrap()
}

/// Days of views of which the last one is [`LAST`].
fn series(cells: &[Cell]) -> Series {
    let ago = i64::try_from(cells.len()).unwrap();
    let days = (1 - ago..).zip(cells).map(|(later, cell)| {
        let value = |count, state| {
            let count = Count::new(count, 0).unwrap();
            Some(Value { count, state })
        };
        let views = match *cell {
            Known(count) => value(count, DayState::Measured),
            Running(count) => value(count, DayState::Partial),
            Doubted => value(0, DayState::Suspect),
            Unseen => None,
        };
        DayRow {
            views,
            ..DayRow::gap(last().plus(later))
        }
    });
    Series::new(days)
}

fn known(counts: impl IntoIterator<Item = u64>) -> Series {
    series(&counts.into_iter().map(Known).collect::<Vec<_>>())
}

fn ending(days: u32) -> DayRange {
    DayRange::ending(last(), days)
}

fn quiet(cells: &[Cell]) -> Option<Quiet> {
    gone_quiet(&series(cells), last(), Metric::Views)
}

/// `n` equal days.
fn run(n: usize, cell: Cell) -> Vec<Cell> {
    vec![cell; n]
}

mod momentum_tells {
    use super::*;

    #[test]
    fn the_last_weeks_against_the_weeks_before() {
        let days = (0..56).map(|day| {
            if day < 28 {
                10
            } else if day < 49 {
                20
            } else {
                5
            }
        });
        let momentum = momentum(&known(days), last(), Metric::Views);
        let told = |comparison: Comparison| {
            (
                comparison.before,
                comparison.now,
                comparison.days,
                comparison.of_days,
            )
        };
        assert_eq!(told(momentum.week), (140, 35, 7, 7));
        assert_eq!(told(momentum.four_weeks), (280, 455, 28, 28));
        assert_eq!(momentum.week.percent(), Some(-75.0));
    }

    #[test]
    fn how_many_pairs_stand_behind_it() {
        let mut cells = run(14, Known(10));
        cells[2] = Unseen;
        cells[9] = Running(1);
        cells[12] = Doubted;
        cells[13] = Running(3);
        let week = momentum(&series(&cells), last(), Metric::Views).week;
        assert_eq!(
            (week.before, week.now, week.days, week.of_days),
            (40, 40, 4, 7)
        );
    }

    #[test]
    fn nothing_of_a_repository_that_was_never_seen() {
        let momentum = momentum(&Series::default(), last(), Metric::Views);
        assert_eq!(momentum.week.change(), None);
        assert_eq!(momentum.four_weeks.percent(), None);
    }
}

mod a_weekday_pattern {
    use super::*;

    #[test]
    fn gives_each_weekday_its_own_number() {
        // The last day is a Thursday, so the first of 56 is a Friday.
        let days = (0..56).map(|day| (day + 4) % 7 * 10);
        let pattern = weekday_pattern(&known(days), ending(56), Metric::Views);
        for figure in pattern.weekdays {
            let expected = f64::from(figure.weekday) * 10.0;
            let typical = figure.typical.unwrap();
            assert_eq!((typical.median, typical.middle_mean), (expected, expected));
            assert_eq!((figure.days, figure.of_days), (8, 8));
        }
        assert_eq!(pattern.relative(0), Some(0.0));
        assert_eq!(pattern.relative(3), Some(1.0));
        assert_eq!(pattern.relative(6), Some(2.0));
        assert_eq!(pattern.relative(7), None);
    }

    #[test]
    fn says_nothing_of_a_weekday_that_was_measured_three_times() {
        let mut cells = run(28, Known(10));
        cells[0] = Unseen;
        let pattern = weekday_pattern(&series(&cells), ending(28), Metric::Views);
        let friday = pattern.weekdays[4];
        assert_eq!((friday.typical, friday.days, friday.of_days), (None, 3, 4));
        assert!(pattern.weekdays[3].typical.is_some());
        assert_eq!(pattern.relative(3), None);
    }

    #[test]
    fn is_not_bent_by_a_day_on_a_front_page() {
        let mut cells = run(56, Known(10));
        cells[10] = Known(90_000);
        let pattern = weekday_pattern(&series(&cells), ending(56), Metric::Views);
        for figure in pattern.weekdays {
            let typical = figure.typical.unwrap();
            assert_eq!((typical.median, typical.middle_mean), (10.0, 10.0));
        }
    }

    #[test]
    fn tells_quiet_weekdays_apart_by_the_middle_mean() {
        // Two events on two of five Thursdays and nothing else.
        let days = (0..35).map(|day| if day == 6 || day == 20 { 2 } else { 0 });
        let thursday = weekday_pattern(&known(days), ending(35), Metric::Views).weekdays[3];
        let typical = thursday.typical.unwrap();
        assert_eq!(typical.median, 0.0);
        assert!(typical.middle_mean > 0.6, "{typical:?}");
    }

    #[test]
    fn of_an_all_zero_repository_is_zero_and_has_no_relative() {
        let pattern = weekday_pattern(&known([0; 28]), ending(28), Metric::Views);
        assert_eq!(pattern.weekdays[0].typical.unwrap().median, 0.0);
        assert_eq!(pattern.relative(0), None);
    }
}

mod a_league_table {
    use super::*;

    fn check(
        fleet: &[(&'static str, Vec<Cell>)],
        order: LeagueOrder,
        expected: &[(&str, Option<u64>)],
    ) {
        let fleet: Vec<_> = fleet
            .iter()
            .map(|(name, cells)| (*name, series(cells)))
            .collect();
        let table = |reversed: bool| {
            let mut fleet: Vec<_> = fleet.iter().map(|(name, series)| (*name, series)).collect();
            if reversed {
                fleet.reverse();
            }
            league(fleet, ending(10), Metric::Views, order)
        };
        let told: Vec<_> = table(false)
            .iter()
            .map(|place| (place.repository, place.rank))
            .collect();
        assert_eq!(told, expected);
        assert_eq!(table(false), table(true));
    }

    #[test]
    fn orders_by_events_and_lets_equals_share_a_rank() {
        check(
            &[
                ("small", run(10, Known(1))),
                ("b-equal", run(10, Known(5))),
                ("a-equal", run(10, Known(5))),
                ("large", run(10, Known(9))),
            ],
            LeagueOrder::Count,
            &[
                ("large", Some(1)),
                ("a-equal", Some(2)),
                ("b-equal", Some(2)),
                ("small", Some(4)),
            ],
        );
    }

    #[test]
    fn has_no_place_for_what_was_not_measured_and_one_for_zero() {
        let fleet = [
            ("unseen", run(10, Unseen)),
            ("doubted", run(10, Doubted)),
            ("running", run(10, Running(900))),
            ("zero", run(10, Known(0))),
        ];
        let expected = [
            ("zero", Some(1)),
            ("doubted", None),
            ("running", None),
            ("unseen", None),
        ];
        check(&fleet, LeagueOrder::Count, &expected);
        let unseen = series(&run(10, Unseen));
        let place = league(
            [((), &unseen)],
            ending(10),
            Metric::Views,
            LeagueOrder::Count,
        )[0];
        assert_eq!(
            (place.count, place.count_per_day(), place.of_days),
            (None, None, 10)
        );
    }

    #[test]
    fn by_day_does_not_push_gaps_down_nor_trust_one_day() {
        let halfway = [run(5, Unseen), run(5, Known(8))].concat();
        let one_day = [run(9, Unseen), run(1, Known(100))].concat();
        let fleet = [
            ("halfway", halfway),
            ("one-day", one_day),
            ("steady", run(10, Known(7))),
        ];
        check(
            &fleet,
            LeagueOrder::Count,
            &[
                ("one-day", Some(1)),
                ("steady", Some(2)),
                ("halfway", Some(3)),
            ],
        );
        check(
            &fleet,
            LeagueOrder::CountPerDay,
            &[("halfway", Some(1)), ("steady", Some(2)), ("one-day", None)],
        );
    }
}

mod a_list_of_movers {
    use super::*;

    /// A week of `before` in all, then a week of `now` in all.
    fn weeks(before: u64, now: u64) -> Series {
        let week = |total: u64| [total, 0, 0, 0, 0, 0, 0];
        known([week(before), week(now)].concat())
    }

    fn check(moves: &[(u64, u64)], order: MoveOrder, up: &[(u64, u64)], down: &[(u64, u64)]) {
        let fleet: Vec<_> = moves
            .iter()
            .map(|(before, now)| weeks(*before, *now))
            .collect();
        let movers = movers(
            fleet.iter().enumerate(),
            ending(7),
            Metric::Views,
            order,
            FLOOR,
        );
        let told = |list: &[Move<usize>]| -> Vec<_> {
            let sides = |found: &Move<usize>| (found.comparison.before, found.comparison.now);
            list.iter().map(sides).collect()
        };
        assert_eq!(
            (told(&movers.up).as_slice(), told(&movers.down).as_slice()),
            (up, down)
        );
    }

    #[test]
    fn leaves_small_numbers_and_chance_out() {
        check(
            &[(1, 3), (0, 19), (19, 0), (100, 110), (20, 30)],
            MoveOrder::Relative,
            &[],
            &[],
        );
    }

    #[test]
    fn weighs_a_relative_move_by_the_floor() {
        check(
            &[
                (1000, 2000),
                (1, 40),
                (0, 21),
                (100, 900),
                (900, 100),
                (300, 0),
            ],
            MoveOrder::Relative,
            &[(100, 900), (1, 40), (0, 21), (1000, 2000)],
            &[(300, 0), (900, 100)],
        );
    }

    #[test]
    fn orders_an_absolute_move_by_events() {
        check(
            &[(1000, 2000), (1, 40), (100, 900), (900, 100), (300, 0)],
            MoveOrder::Absolute,
            &[(1000, 2000), (100, 900), (1, 40)],
            &[(900, 100), (300, 0)],
        );
    }

    #[test]
    fn compares_only_days_measured_on_both_sides_and_says_of_whom_it_cannot() {
        // The spike stands opposite a gap, so it moves nothing.
        let mut cells = run(14, Known(100));
        cells[3] = Unseen;
        cells[10] = Known(50_000);
        let spike = series(&cells);
        let lost = series(&[run(4, Unseen), run(3, Known(1)), run(7, Known(900))].concat());
        let half = series(&[run(3, Unseen), run(4, Known(1)), run(7, Known(900))].concat());
        let fleet = [("spike", &spike), ("lost", &lost), ("half", &half)];
        let movers = movers(fleet, ending(7), Metric::Views, MoveOrder::Absolute, FLOOR);
        assert_eq!(movers.not_compared, ["lost"]);
        assert_eq!((movers.up.len(), movers.up[0].repository), (1, "half"));
        assert_eq!(
            (
                movers.up[0].comparison.days,
                movers.up[0].comparison.of_days
            ),
            (4, 7)
        );
        assert!(movers.down.is_empty());
    }
}

mod gone_quiet_is;

fn cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        6 => (0_u64..200).prop_map(Known),
        1 => (0_u64..200).prop_map(Running),
        1 => Just(Doubted),
        2 => Just(Unseen),
    ]
}

fn cells() -> impl Strategy<Value = Vec<Cell>> {
    prop::collection::vec(cell(), 1..160)
}

/// The same days with everything that is not measured forgotten.
fn measured_only(cells: &[Cell]) -> Vec<Cell> {
    let keep = |cell: &Cell| {
        if matches!(cell, Known(_)) {
            *cell
        } else {
            Unseen
        }
    };
    cells.iter().map(keep).collect()
}

/// Everything that is said of one repository.
fn everything(series: &Series) -> impl PartialEq + std::fmt::Debug + use<> {
    let both = |days| {
        (
            league(
                [((), series)],
                ending(days),
                Metric::Views,
                LeagueOrder::CountPerDay,
            ),
            movers(
                [((), series)],
                ending(days),
                Metric::Views,
                MoveOrder::Relative,
                FLOOR,
            ),
        )
    };
    (
        momentum(series, last(), Metric::Views),
        weekday_pattern(series, ending(90), Metric::Views),
        both(7),
        both(45),
        gone_quiet(series, last(), Metric::Views),
    )
}

proptest! {
    #[test]
    fn partial_and_suspect_days_say_no_more_than_gaps(cells in cells()) {
        let (all, measured) = (series(&cells), series(&measured_only(&cells)));
        prop_assert_eq!(everything(&all), everything(&measured));
    }

    #[test]
    fn a_gap_on_one_side_is_a_gap_on_both(cells in prop::collection::vec(cell(), 56)) {
        let momentum_of = |cells: &[Cell]| momentum(&series(cells), last(), Metric::Views);
        let mut mirrored = cells.clone();
        for day in 0..28 {
            let is_pair = matches!((cells[day], cells[day + 28]), (Known(_), Known(_)));
            if !is_pair {
                (mirrored[day], mirrored[day + 28]) = (Unseen, Unseen);
            }
        }
        prop_assert_eq!(momentum_of(&cells).four_weeks, momentum_of(&mirrored).four_weeks);
    }

    #[test]
    fn a_steady_repository_has_no_momentum_whatever_is_missing(
        cells in cells(), week in prop::array::uniform7(0_u64..1000),
    ) {
        let steady = cyclic(&cells, week);
        let momentum = momentum(&steady, last(), Metric::Views);
        for comparison in [momentum.week, momentum.four_weeks] {
            prop_assert_eq!(comparison.now, comparison.before);
            prop_assert!(comparison.days <= comparison.of_days);
        }
        let movers = movers([((), &steady)], ending(28), Metric::Views, MoveOrder::Absolute, 0);
        prop_assert!(movers.up.is_empty() && movers.down.is_empty());
    }

    #[test]
    fn a_weekly_cycle_is_its_own_pattern_and_never_quiet(
        cells in cells(), week in prop::array::uniform7(0_u64..1000),
    ) {
        let steady = cyclic(&cells, week);
        prop_assert_eq!(gone_quiet(&steady, last(), Metric::Views), None);
        for figure in weekday_pattern(&steady, ending(160), Metric::Views).weekdays {
            prop_assert_eq!(figure.typical.is_some(), figure.days >= 4);
            if let Some(typical) = figure.typical {
                #[expect(clippy::cast_precision_loss, reason = "counts below a thousand")]
                let expected = week[usize::from(figure.weekday)] as f64;
                prop_assert_eq!((typical.median, typical.middle_mean), (expected, expected));
            }
        }
    }

    #[test]
    fn a_repository_that_is_mostly_silent_never_goes_quiet(
        busy in prop::collection::vec((0_usize..160, 1_u64..10_000), 0..12),
    ) {
        let mut cells = run(160, Known(0));
        for (day, count) in busy {
            cells[day] = Known(count);
        }
        for end in 70..=160 {
            prop_assert_eq!(quiet(&cells[..end]), None);
        }
    }

    #[test]
    fn what_is_quiet_is_a_third_of_usual_and_measured(cells in cells(), fall in 1_u64..50) {
        let fallen: Vec<Cell> = cells.iter().enumerate().map(|(at, cell)| match cell {
            Known(count) if at + 14 >= cells.len() => Known(count / fall),
            cell => *cell,
        }).collect();
        if let Some(told) = quiet(&fallen) {
            #[expect(clippy::cast_precision_loss, reason = "counts below a million")]
            let count = told.count as f64;
            prop_assert!(count * 3.0 <= told.usual);
            prop_assert!(told.days * 14 >= told.of_days * 10);
            prop_assert!(told.past.last().plus(1) == told.range.first());
        }
    }

    #[test]
    fn the_days_of_the_weekdays_are_the_days_of_the_range(
        cells in cells(), days in 1_u32..400, back in 0_i64..30,
    ) {
        let range = DayRange::ending(last().plus(-back), days);
        let pattern = weekday_pattern(&series(&cells), range, Metric::Views);
        for figure in pattern.weekdays {
            let of_days = range.iter().filter(|day| day.weekday() == figure.weekday).count();
            prop_assert_eq!(figure.of_days, u64::try_from(of_days).unwrap());
            prop_assert!(figure.days <= figure.of_days);
        }
    }

    #[test]
    fn the_order_of_the_fleet_does_not_matter(
        (fleet, shuffled) in prop::collection::vec(cells(), 1..8).prop_flat_map(|fleet| {
            let numbered: Vec<_> = fleet.iter().map(|cells| series(cells)).enumerate().collect();
            (Just(numbered.clone()), Just(numbered).prop_shuffle())
        }),
    ) {
        for order in [LeagueOrder::Count, LeagueOrder::CountPerDay] {
            let table = |fleet: &[(usize, Series)]| {
                let fleet = fleet.iter().map(|(key, series)| (*key, series));
                league(fleet, ending(28), Metric::Views, order)
            };
            prop_assert_eq!(table(&fleet), table(&shuffled));
        }
        for order in [MoveOrder::Absolute, MoveOrder::Relative] {
            let lists = |fleet: &[(usize, Series)]| {
                let fleet = fleet.iter().map(|(key, series)| (*key, series));
                movers(fleet, ending(28), Metric::Views, order, FLOOR)
            };
            prop_assert_eq!(lists(&fleet), lists(&shuffled));
        }
    }

    #[test]
    fn ranks_fall_with_the_figure_and_none_is_lost(fleet in prop::collection::vec(cells(), 1..12)) {
        let fleet: Vec<_> = fleet.iter().map(|cells| series(cells)).collect();
        let table = league(fleet.iter().enumerate(), ending(28), Metric::Views, LeagueOrder::Count);
        prop_assert_eq!(table.len(), fleet.len());
        let ranked: Vec<_> = table.iter().take_while(|place| place.rank.is_some()).collect();
        prop_assert!(table[ranked.len()..].iter().all(|place| place.count.is_none()));
        for place in &ranked {
            let larger = ranked.iter().filter(|other| other.count > place.count).count();
            prop_assert_eq!(place.rank, Some(u64::try_from(larger + 1).unwrap()));
        }
    }
}

/// `cells` with the number of its weekday in each known day.
fn cyclic(cells: &[Cell], week: [u64; 7]) -> Series {
    let ago = i64::try_from(cells.len()).unwrap();
    let days = (1 - ago..).zip(cells).map(|(later, cell)| match cell {
        Known(_) => Known(week[usize::from(last().plus(later).weekday())]),
        cell => *cell,
    });
    series(&days.collect::<Vec<_>>())
}
