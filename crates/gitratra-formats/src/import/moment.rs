//! Days and times as tools spell them, read strictly: what is not a day or a moment in one of the
//! known spellings is none.

use gitratra_core::{Day, Timestamp};

/// Reads a day: `2026-01-02`, `2026/01/02`, either with midnight UTC after it in any spelling of
/// ISO 8601, or the seconds or milliseconds since 1970 at which it begins.
pub(super) fn day(text: &str) -> Option<Day> {
    let date = text.get(..10).filter(|date| date.is_ascii())?;
    if text.len() == 10 {
        return plain_day(date).or_else(|| epoch_day(text));
    }
    if plain_day(date).is_none() {
        return epoch_day(text);
    }
    Day::beginning_at(moment(text)?)
}

/// The same of a number in JSON.
pub(super) fn day_of_number(number: u64) -> Option<Day> {
    epoch_day(&number.to_string())
}

fn plain_day(date: &str) -> Option<Day> {
    date.replace('/', "-").parse().ok()
}

fn epoch_day(text: &str) -> Option<Day> {
    let number: i64 = text
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()?;
    let moment = match text.len() {
        9 | 10 => Timestamp::from_second(number),
        12 | 13 => Timestamp::from_millisecond(number),
        _ => return None,
    };
    Day::beginning_at(moment.ok()?)
}

/// Reads a moment of ISO 8601, with `T` or a blank between date and time. Without an offset it is
/// taken as UTC, in which every tool that is read here writes.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    if !text.is_ascii() || text.len() < 16 {
        return None;
    }
    let text = text.strip_suffix(" UTC").unwrap_or(text);
    let (date, time) = (text.get(..10)?, text.get(11..)?);
    if !matches!(text.as_bytes()[10], b'T' | b't' | b' ') {
        return None;
    }
    let day = plain_day(date)?;
    let has_offset = time.ends_with(['Z', 'z']) || time.contains(['+', '-']);
    let zone = if has_offset { "" } else { "Z" };
    format!("{day}T{time}{zone}").parse().ok()
}

/// When something was read, as a name of a file or folder tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named {
    /// The moment; where the name has only a day, the last second of it.
    pub(super) read_at: Timestamp,
    /// Where in the name it begins and ends, in bytes.
    pub(super) place: (usize, usize),
}

/// Finds the first time in a name: `20260108_171815`, `2026-01-08T12:00:00Z`, `2026-01-08_120000`,
/// `20260108`. It is taken as UTC.
pub(super) fn in_name(name: &str) -> Option<Named> {
    let bytes = name.as_bytes();
    (0..bytes.len())
        .filter(|at| bytes[*at].is_ascii_digit())
        .filter(|at| *at == 0 || !bytes[*at - 1].is_ascii_digit())
        .find_map(|at| {
            let (read_at, length) = time_at(&bytes[at..])?;
            let place = (at, at + length);
            Some(Named { read_at, place })
        })
}

fn time_at(bytes: &[u8]) -> Option<(Timestamp, usize)> {
    let mut rest = Digits { bytes, at: 0 };
    let year = i16::try_from(rest.number(4)?).ok()?;
    rest.skip(b"-_.");
    let month = i8::try_from(rest.number(2)?).ok()?;
    rest.skip(b"-_.");
    let of_month = i8::try_from(rest.number(2)?).ok()?;
    let day = Day::from_ymd(year, month, of_month).filter(|_| (2008..=2200).contains(&year))?;
    let date_end = rest.at;
    if rest.is_digit() {
        return None;
    }
    match rest.clock() {
        Some(secs) => {
            let read_at = Timestamp::from_second(day.start().as_second() + secs).ok()?;
            Some((read_at, rest.at))
        }
        None => Some((day.last_second(), date_end)),
    }
}

/// Walks over digits of a name.
struct Digits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Digits<'_> {
    fn is_digit(&self) -> bool {
        self.bytes.get(self.at).is_some_and(u8::is_ascii_digit)
    }

    fn number(&mut self, digits: usize) -> Option<u32> {
        let part = self.bytes.get(self.at..self.at + digits)?;
        if !part.iter().all(u8::is_ascii_digit) {
            return None;
        }
        self.at += digits;
        std::str::from_utf8(part).ok()?.parse().ok()
    }

    fn skip(&mut self, any: &[u8]) -> bool {
        let is_there = self.bytes.get(self.at).is_some_and(|b| any.contains(b));
        self.at += usize::from(is_there);
        is_there
    }

    /// Hours, minutes and perhaps seconds, as seconds of the day.
    fn clock(&mut self) -> Option<i64> {
        const BETWEEN: &[u8] = b":-_.";
        if !self.skip(b"T_- t") {
            return None;
        }
        let hours = self.number(2).filter(|hours| *hours < 24)?;
        self.skip(BETWEEN);
        let minutes = self.number(2).filter(|minutes| *minutes < 60)?;
        let before = self.at;
        self.skip(BETWEEN);
        let secs = self.number(2).filter(|secs| *secs < 60);
        if secs.is_none() {
            self.at = before;
        }
        if self.is_digit() {
            return None;
        }
        self.skip(b"Zz");
        let all = hours * 3600 + minutes * 60 + secs.unwrap_or(0);
        Some(i64::from(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_known_in_every_spelling_of_a_tool() {
        for text in [
            "2026-01-02",
            "2026/01/02",
            "2026-01-02T00:00:00Z",
            "2026-01-02 00:00:00+00:00",
            "2026-01-02 00:00:00",
            "2026-01-02T00:00:00.000Z",
            "2026-01-02 00:00:00 UTC",
            "2026-01-02T01:00:00+01:00",
            "2026-01-02T00:00",
            "1767312000",
            "1767312000000",
        ] {
            let found = day(text).map(|day| day.to_string());
            assert_eq!(found.as_deref(), Some("2026-01-02"), "{text}");
        }
    }

    #[test]
    fn what_is_no_day_or_not_its_beginning_is_none() {
        for text in [
            "",
            "2026-01",
            "2026-01-0",
            "2026-02-30",
            "01/02/2026",
            "2026-01-02T",
            "2026-01-02T13:00:00Z",
            "2026-01-02T00:00:00+01:00",
            "2026-01-02x00:00:00Z",
            "1767312001",
            "17673120000",
            "-1767312000",
            "２026-01-02",
            "2026-01-02 00:00:00 é",
        ] {
            assert_eq!(day(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_time_is_found_in_a_name() {
        let check = |name: &str, expected: Option<&str>| {
            let found = in_name(name).map(|named| named.read_at.to_string());
            assert_eq!(found.as_deref(), expected, "{name}");
        };
        let noon = Some("2026-01-08T12:00:00Z");
        check("gh_traffic_data_20260108_120000", noon);
        check("2026-01-08T12:00:00Z.json", noon);
        check("2026-01-08_120000_top_paths_snapshot.csv", noon);
        check("views-20260108-1200.json", noon);
        check("views_20260108.json", Some("2026-01-08T23:59:59Z"));
        check("2026-01-08", Some("2026-01-08T23:59:59Z"));
        check("repo-1234-views.json", None);
        check("20261399", None);
        check("120260108", None);
        check("202601081200001", None);
        check("", None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_day_a_moment_or_none(text in ".{0,40}") {
            let _ = (day(&text), moment(&text), in_name(&text));
        }
    }
}
