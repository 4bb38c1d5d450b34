//! Views and clones by week: rows that begin on Mondays, of which no two are of the same week.

use gitratra_core::{Count, Day, Metric, Reading, Timestamp, Week, WeeklyReading};

use super::{Bad, Object, Row, Traffic, quote, wire, wrong};

/// Weekly views or clones. Whether a week is whole cannot be seen here.
pub(crate) fn weeks(metric: Metric, body: &[u8], at: Timestamp) -> Result<WeeklyReading, Bad> {
    let Traffic {
        count,
        uniques,
        rows,
    } = wire(metric, body)?;
    Count::new(count, uniques).map_err(|error| wrong("the total", error))?;
    let weeks: Result<Vec<_>, Bad> = rows.iter().map(|Object(row)| week(row, at)).collect();
    let mut weeks = weeks?;
    weeks.sort_unstable();
    if let Some(pair) = weeks.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(wrong(&pair[0].0.monday().to_string(), "is there twice"));
    }
    // With no week twice this bounds the number of rows as well.
    let ends = weeks.first().zip(weeks.last());
    let span = ends.map_or(0, |(first, last)| {
        last.0.monday().days_since(first.0.monday())
    });
    if span > Reading::WIDEST {
        let what = format!("from first to last Monday are {span} days, more than GitHub keeps");
        return Err(Bad::Wrong(what));
    }
    Ok(WeeklyReading {
        metric,
        read_at: at,
        rows: weeks,
    })
}

fn week(row: &Row<'_>, at: Timestamp) -> Result<(Week, Count), Bad> {
    let (day, count) = row.fact()?;
    let place = || quote(&row.timestamp);
    let week = Week::beginning(day).ok_or_else(|| wrong(&place(), "is no Monday"))?;
    if day > Day::of(at) {
        return Err(wrong(&place(), "is in the future"));
    }
    Ok((week, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Thursday.
    const NOW: &str = "2026-01-08T17:18:15Z";

    fn read(rows: &[(&str, u64, u64)]) -> Result<WeeklyReading, Bad> {
        let row = |(day, count, uniques): &(&str, u64, u64)| {
            format!(r#"{{"timestamp":"{day}T00:00:00Z","count":{count},"uniques":{uniques}}}"#)
        };
        let rows: Vec<_> = rows.iter().map(row).collect();
        let body = format!(r#"{{"count":9,"uniques":4,"views":[{}]}}"#, rows.join(","));
        weeks(Metric::Views, body.as_bytes(), NOW.parse().unwrap())
    }

    fn check(rows: &[(&str, u64, u64)], expected: &str) {
        match read(rows) {
            Err(Bad::Wrong(what)) => assert!(what.contains(expected), "{what}"),
            found => panic!("{rows:?} gives {found:?}"),
        }
    }

    #[test]
    fn weeks_come_ascending_and_the_running_one_is_a_row_as_well() {
        let found = read(&[("2026-01-05", 2, 1), ("2025-12-29", 7, 3)]).unwrap();
        let found: Vec<_> = found
            .rows
            .iter()
            .map(|(week, count)| (week.monday().to_string(), count.count()))
            .collect();
        let expected = [("2025-12-29".to_owned(), 7), ("2026-01-05".to_owned(), 2)];
        assert_eq!(found, expected);
        assert!(read(&[]).unwrap().rows.is_empty());
    }

    #[test]
    fn rows_that_cannot_be_weeks_are_refused() {
        check(&[("2026-01-04", 1, 1)], "is no Monday");
        check(&[("2026-01-12", 1, 1)], "is in the future");
        check(
            &[("2026-01-05", 1, 1), ("2026-01-05", 2, 1)],
            "2026-01-05: is there twice",
        );
        check(
            &[("2025-12-01", 1, 1), ("2026-01-05", 2, 1)],
            "more than GitHub keeps",
        );
        check(&[("2026-01-05", 1, 2)], "uniques 2 are more");
    }

    #[test]
    fn a_daily_answer_is_none_about_weeks() {
        let body = include_bytes!("../../tests/data/views.json");
        let found = weeks(Metric::Views, body, NOW.parse().unwrap());
        assert!(matches!(found, Err(Bad::Wrong(what)) if what.contains("is no Monday")));
        let clones = br#"{"count":0,"uniques":0,"clones":[]}"#;
        assert!(weeks(Metric::Views, clones, NOW.parse().unwrap()).is_err());
    }
}
