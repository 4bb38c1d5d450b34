//! The history of stars: weeks from Sunday, as numbers. It names no stargazers, and none are read.

use gitratra_core::{Count, Day, StarHistory, StarWeek, Timestamp};

use super::{Bad, Object, parse_any, wrong};

const DAY_SECS: i64 = 86_400;
const WEEK_SECS: i64 = 7 * DAY_SECS;
/// 1970-01-04, the first Sunday of the epoch.
const SUNDAY_SECS: i64 = 3 * DAY_SECS;
/// How far a week may begin from midnight UTC: no place on earth has a clock further off.
const FARTHEST_SECS: i64 = 14 * 3600;

#[derive(serde::Deserialize)]
struct WireWeek {
    week: i64,
    days: Vec<u64>,
}

/// One page of the history.
pub(crate) fn stars(body: &[u8], at: Timestamp) -> Result<StarHistory, Bad> {
    let wire: Vec<Object<WireWeek>> = parse_any(body)?;
    if wire.len() > StarHistory::PAGE as usize {
        let what = format!("{} weeks are more than a page holds", wire.len());
        return Err(Bad::Wrong(what));
    }
    let weeks: Result<Vec<_>, Bad> = wire.iter().map(|Object(wire)| week(wire, at)).collect();
    let mut weeks = weeks?;
    weeks.sort_unstable_by_key(|week| week.first);
    if let Some(pair) = weeks.windows(2).find(|pair| pair[0].first == pair[1].first) {
        return Err(wrong(&pair[0].first.to_string(), "is there twice"));
    }
    Ok(StarHistory { read_at: at, weeks })
}

fn week(wire: &WireWeek, at: Timestamp) -> Result<StarWeek, Bad> {
    let place = || format!("week {}", wire.week);
    let first = sunday(wire.week).ok_or_else(|| wrong(&place(), "does not begin on a Sunday"))?;
    // West of Greenwich a week begins later than in UTC, in the east up to a day before.
    if first > Day::of(at).plus(1) {
        return Err(wrong(&place(), "is in the future"));
    }
    let days: [u64; 7] = wire.days[..]
        .try_into()
        .map_err(|_| wrong(&place(), format!("has {} days", wire.days.len())))?;
    if let Some(stars) = days.iter().find(|stars| **stars >= Count::LIMIT) {
        return Err(wrong(&place(), format!("{stars} stars are absurd")));
    }
    Ok(StarWeek { first, days })
}

/// The Sunday that begins nearest to this moment; nothing where none is near.
fn sunday(secs: i64) -> Option<Day> {
    let shifted = secs.checked_sub(SUNDAY_SECS)?.checked_add(FARTHEST_SECS)?;
    if shifted.rem_euclid(WEEK_SECS) > 2 * FARTHEST_SECS {
        return None;
    }
    let weeks = shifted.div_euclid(WEEK_SECS);
    Day::from_epoch_days(weeks * 7 + SUNDAY_SECS / DAY_SECS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A Thursday.
    const NOW: &str = "2026-01-08T17:18:15Z";
    /// Midnight of Sunday, 2026-01-04.
    const SUNDAY: i64 = 1_767_484_800;

    fn read(body: &str) -> Result<StarHistory, Bad> {
        stars(body.as_bytes(), NOW.parse().unwrap())
    }

    fn row(week: i64, days: &str) -> String {
        format!(r#"{{"week":{week},"total":9,"days":[{days}]}}"#)
    }

    fn check(body: &str, expected: &str) {
        match read(body) {
            Err(Bad::Wrong(what)) => assert!(what.contains(expected), "{what}"),
            found => panic!("{body} gives {found:?}"),
        }
    }

    #[test]
    fn weeks_come_ascending_and_empty_ones_stay() {
        let newest = row(SUNDAY, "1,0,2,0,3,0,0");
        let before = row(SUNDAY - WEEK_SECS, "0,0,0,0,0,0,0");
        let found = read(&format!("[{newest},{before}]")).unwrap();
        let days: Vec<_> = found
            .weeks
            .iter()
            .map(|week| (week.first.to_string(), week.days))
            .collect();
        let expected = [
            ("2025-12-28".to_owned(), [0; 7]),
            ("2026-01-04".to_owned(), [1, 0, 2, 0, 3, 0, 0]),
        ];
        assert_eq!(days, expected);
        assert!(read("[]").unwrap().weeks.is_empty());
    }

    #[test]
    fn a_week_that_begins_elsewhere_on_earth_is_that_of_its_sunday() {
        for hours in [-14, -1, 0, 8, 14] {
            let found = read(&format!(
                "[{}]",
                row(SUNDAY + hours * 3600, "0,0,0,0,0,0,1")
            ));
            assert_eq!(found.unwrap().weeks[0].first.to_string(), "2026-01-04");
        }
        for secs in [-15 * 3600, 15 * 3600, DAY_SECS, 3 * DAY_SECS] {
            let body = format!("[{}]", row(SUNDAY + secs, "0,0,0,0,0,0,1"));
            check(&body, "does not begin on a Sunday");
        }
    }

    #[test]
    fn weeks_that_cannot_be_are_refused() {
        let one = |days| format!("[{}]", row(SUNDAY, days));
        check(&one("1,2,3,4,5,6"), "has 6 days");
        check(&one("1,2,3,4,5,6,7,8"), "has 8 days");
        check(&one("1,2,3,4,5,6,-7"), "invalid value: integer `-7`");
        check(&one("0,0,0,0,0,0,1000000000000"), "absurd");
        check(&one("0,0,0,0,0,0,0.5"), "floating point");
        check(r#"[{"week":1767484800}]"#, "missing field `days`");
        check(r#"{"message":"x"}"#, "expected a sequence");
        check("<html>", "HTML");
        let future = row(SUNDAY + WEEK_SECS, "0,0,0,0,0,0,0");
        check(&format!("[{future}]"), "is in the future");
        let twice = row(SUNDAY, "0,0,0,0,0,0,0");
        let shifted = row(SUNDAY + 3600, "0,0,0,0,0,0,0");
        check(&format!("[{twice},{shifted}]"), "is there twice");
        assert_eq!(read("[{"), Err(Bad::CutShort));
        let many: Vec<_> = (0..31)
            .map(|n| row(SUNDAY - n * WEEK_SECS, "0,0,0,0,0,0,0"))
            .collect();
        check(&format!("[{}]", many.join(",")), "more than a page holds");
    }

    proptest! {
        #[test]
        fn the_sunday_is_the_nearest_or_none(secs in any::<i64>()) {
            if let Some(day) = sunday(secs) {
                prop_assert_eq!(day.weekday(), 6);
                prop_assert!((day.epoch_days() * DAY_SECS - secs).abs() <= FARTHEST_SECS);
            }
        }
    }
}
