//! Days and times as other tools spell them, read strictly.

use gitratra_core::{Day, Timestamp};

/// How days may be spelled, for errors.
pub(crate) const DAY: &str = "a UTC day as YYYY-MM-DD, or its midnight as YYYY-MM-DDT00:00:00Z";
/// How times may be spelled, for errors.
pub(crate) const TIME: &str = "a time as YYYY-MM-DD HH:MM:SS in UTC, or with Z or an offset";

/// A day: by itself, or as its midnight in UTC. The last day of the calendar has no midnight that
/// could be computed with, and is none.
pub(crate) fn day(text: &str) -> Option<Day> {
    let day = if text.len() == 10 {
        text.parse().ok()
    } else {
        Day::beginning_at(time(text)?)
    };
    day.filter(|day| *day < Day::MAX)
}

/// A time: date and clock with `T` or a blank between, perhaps a fraction of up to nine digits,
/// perhaps `Z` or an offset. All of these tools mean UTC where they write none.
pub(crate) fn time(text: &str) -> Option<Timestamp> {
    let (date, clock) = (text.get(..10)?, text.get(11..19)?);
    date.parse::<Day>().ok()?;
    let is_clock = clock.bytes().enumerate().all(|(at, byte)| match at {
        2 | 5 => byte == b':',
        _ => byte.is_ascii_digit(),
    });
    // Leap seconds are not in the clocks of these tools.
    if !is_clock || &clock[6..] > "59" || !matches!(&text[10..11], "T" | " ") {
        return None;
    }
    let rest = &text[19..];
    let zone_at = rest
        .find(|c: char| c != '.' && !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (fraction, zone) = rest.split_at(zone_at);
    if !is_fraction(fraction) || !is_zone(zone) {
        return None;
    }
    let zone = if zone.is_empty() { "Z" } else { zone };
    format!("{date}T{clock}{fraction}{zone}").parse().ok()
}

fn is_fraction(text: &str) -> bool {
    text.is_empty()
        || text.strip_prefix('.').is_some_and(|digits| {
            (1..=9).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
        })
}

fn is_zone(text: &str) -> bool {
    let is_offset = |text: &str| {
        text.len() == 6
            && text.bytes().enumerate().all(|(at, byte)| match at {
                0 => matches!(byte, b'+' | b'-'),
                3 => byte == b':',
                _ => byte.is_ascii_digit(),
            })
    };
    text.is_empty() || text == "Z" || is_offset(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_day_is_read_in_every_form_that_the_tools_write() {
        for text in [
            "2026-03-01",
            "2026-03-01T00:00:00Z",
            "2026-03-01 00:00:00",
            "2026-03-01T00:00:00+00:00",
            "2026-03-01 00:00:00.000000",
            "2026-03-01T02:00:00+02:00",
        ] {
            assert_eq!(day(text), "2026-03-01".parse().ok(), "{text}");
        }
    }

    #[test]
    fn what_is_no_midnight_is_no_day() {
        for text in [
            "",
            "2026-3-1",
            "2026-02-30",
            "2026-03-01T00:00:01Z",
            "2026-03-01T00:00:00.5Z",
            "2026-03-01T00:00:00+02:00",
            "2026-03-01x00:00:00Z",
            "2026-03-01T00:00:00z",
            "2026-03-01T00:00",
            "2026-03-01T00:00:00ZZ",
            "2026-03-01T00:00:00.Z",
            "2026-03-01T24:00:00Z",
            " 2026-03-01",
            "2026-03-01\0",
            "9999-12-31",
            "01.03.2026",
            "1772323200",
            "2026-03-0１",
        ] {
            assert_eq!(day(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_time_without_a_zone_is_utc() {
        let expected = "2026-03-01T06:00:03.123456Z".parse().ok();
        assert_eq!(time("2026-03-01 06:00:03.123456"), expected);
        assert_eq!(time("2026-03-01T06:00:03.123456+00:00"), expected);
        assert_eq!(time("2026-03-01T07:00:03.123456+01:00"), expected);
        assert_eq!(time("2026-03-01T06:00:60Z"), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}", near in "[0-9]{4}-[0-9]{2}-[0-9]{2}[T x][0-9:]{8}[.0-9Z+:-]{0,8}") {
            let _ = (day(&text), time(&text), day(&near), time(&near));
        }
    }
}
