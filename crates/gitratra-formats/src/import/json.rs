//! JSON with its places: whole texts within bounds, arrays element by element, and the values that
//! every tool has.

use std::cell::RefCell;
use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::marker::PhantomData;

use gitratra_core::{Count, Day, Timestamp};
use serde::Deserialize;
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, SeqAccess, Visitor};

use super::guard::{AHEAD, Guarded, TooLong};
use super::{ImportError, LARGEST_JSON, moment, whole};
use crate::FormatError;

const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads a whole text.
///
/// # Errors
/// [`FormatError`] where it is larger than 16 MiB.
pub(super) fn text(input: &mut dyn BufRead, label: &str) -> Result<Vec<u8>, ImportError> {
    let mut bytes = Vec::new();
    input
        .take(LARGEST_JSON + 1)
        .read_to_end(&mut bytes)
        .map_err(ImportError::io(label))?;
    if bytes.len() as u64 > LARGEST_JSON {
        let expected = "at most 16 MiB of JSON in one file";
        return Err(whole(label, "the file is larger than that", expected).into());
    }
    if bytes.starts_with(MARK) {
        bytes.drain(..MARK.len());
    }
    Ok(bytes)
}

/// Reads a value out of a whole text. The first line of it is `first_line` of the file.
///
/// # Errors
/// [`FormatError`] where it is no JSON or says something else.
pub(super) fn parse<T: DeserializeOwned>(
    text: &[u8],
    label: &str,
    first_line: usize,
) -> Result<T, FormatError> {
    serde_json::from_slice(text).map_err(|error| wrong(&error, label, first_line))
}

/// Reads an array, element by element, and holds none of them.
///
/// # Errors
/// [`FormatError`] where it is no array, an element is wrong, or a line of a large file is longer
/// than 1 MiB; and what `each` says.
pub(super) fn each<T: DeserializeOwned>(
    input: &mut dyn BufRead,
    label: &str,
    each: &mut dyn FnMut(T) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    skip_mark(input).map_err(ImportError::io(label))?;
    let guarded = Guarded::of_lines(input, LARGEST_JSON);
    let reader = BufReader::with_capacity(AHEAD, guarded);
    let failed = RefCell::new(None);
    let elements = Elements {
        each: RefCell::new(each),
        failed: &failed,
        of: PhantomData,
    };
    let mut json = serde_json::Deserializer::from_reader(reader);
    let read = elements.deserialize(&mut json).and_then(|()| json.end());
    let Err(error) = read else { return Ok(()) };
    if let Some(failed) = failed.take() {
        return Err(failed);
    }
    if error.is_io() {
        let (line, source) = (error.line(), std::io::Error::from(error));
        if !TooLong::is(&source) {
            return Err(ImportError::io(label)(source));
        }
        return Err(FormatError {
            file: label.to_owned(),
            line,
            column: 1,
            found: "the line does not end within 1 MiB".to_owned(),
            expected: "a large array with one element a line".to_owned(),
        }
        .into());
    }
    Err(wrong(&error, label, 1).into())
}

fn skip_mark(input: &mut dyn BufRead) -> std::io::Result<()> {
    if input.fill_buf()?.starts_with(MARK) {
        input.consume(MARK.len());
    }
    Ok(())
}

/// What goes wrong, with its place.
pub(super) fn wrong(error: &serde_json::Error, label: &str, first_line: usize) -> FormatError {
    let text = error.to_string();
    let at = format!(" at line {} column {}", error.line(), error.column());
    let text = text.strip_suffix(&at).unwrap_or(&text);
    let (found, expected) = match text.split_once(", expected ") {
        Some((found, expected)) => (found, expected),
        None if error.is_data() => (text, "what the tool writes"),
        None => (text, "JSON to the end of the file"),
    };
    FormatError {
        file: label.to_owned(),
        line: error.line().max(1) + first_line - 1,
        column: error.column().max(1),
        found: found.to_owned(),
        expected: expected.to_owned(),
    }
}

type Each<'a, T> = &'a mut dyn FnMut(T) -> Result<(), ImportError>;

struct Elements<'a, 'f, T> {
    each: RefCell<Each<'a, T>>,
    failed: &'f RefCell<Option<ImportError>>,
    of: PhantomData<T>,
}

impl<'de, T: DeserializeOwned> DeserializeSeed<'de> for Elements<'_, '_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de, T: DeserializeOwned> Visitor<'de> for Elements<'_, '_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let mut each = self.each.borrow_mut();
        while let Some(element) = elements.next_element()? {
            if let Err(error) = each(element) {
                *self.failed.borrow_mut() = Some(error);
                return Err(de::Error::custom("ended"));
            }
        }
        Ok(())
    }
}

/// A day in any of the known spellings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct JsonDay(pub(super) Day);

impl<'de> Deserialize<'de> for JsonDay {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Days;
        impl Visitor<'_> for Days {
            type Value = JsonDay;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a UTC day as YYYY-MM-DD")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<JsonDay, E> {
                let wrong = || E::invalid_value(de::Unexpected::Str(text), &self);
                moment::day(text).map(JsonDay).ok_or_else(wrong)
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<JsonDay, E> {
                let wrong = || E::invalid_value(de::Unexpected::Unsigned(number), &self);
                moment::day_of_number(number).map(JsonDay).ok_or_else(wrong)
            }
        }
        json.deserialize_any(Days)
    }
}

/// A moment of ISO 8601.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct JsonMoment(pub(super) Timestamp);

impl<'de> Deserialize<'de> for JsonMoment {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Moments;
        impl Visitor<'_> for Moments {
            type Value = JsonMoment;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time such as 2026-01-02T03:04:05Z")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<JsonMoment, E> {
                let wrong = || E::invalid_value(de::Unexpected::Str(text), &self);
                moment::moment(text).map(JsonMoment).ok_or_else(wrong)
            }
        }
        json.deserialize_str(Moments)
    }
}

/// A day, or the day of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct JsonDate(pub(super) Day);

impl<'de> Deserialize<'de> for JsonDate {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Dates;
        impl Visitor<'_> for Dates {
            type Value = JsonDate;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a UTC day as YYYY-MM-DD, or a time on it")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<JsonDate, E> {
                let wrong = || E::invalid_value(de::Unexpected::Str(text), &self);
                let day = moment::day(text).or_else(|| moment::moment(text).map(Day::of));
                day.map(JsonDate).ok_or_else(wrong)
            }
        }
        json.deserialize_str(Dates)
    }
}

/// A number without sign below [`Count::LIMIT`]; `12.0` is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Whole(pub(super) u64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Wholes;
        impl Visitor<'_> for Wholes {
            type Value = Whole;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a whole number below {}", Count::LIMIT)
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Whole, E> {
                if number < Count::LIMIT {
                    return Ok(Whole(number));
                }
                Err(E::invalid_value(de::Unexpected::Unsigned(number), &self))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Whole, E> {
                Err(E::invalid_value(de::Unexpected::Signed(number), &self))
            }

            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "the limit is far below what a float counts exactly"
            )]
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Whole, E> {
                if number >= 0.0 && number < Count::LIMIT as f64 && number.fract() == 0.0 {
                    return Ok(Whole(number as u64));
                }
                Err(E::invalid_value(de::Unexpected::Float(number), &self))
            }
        }
        json.deserialize_any(Wholes)
    }
}

/// A row as GitHub gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "LooseRow")]
pub(super) struct DayCount {
    pub(super) day: Day,
    pub(super) count: Count,
}

#[derive(Deserialize)]
struct LooseRow {
    timestamp: JsonDay,
    count: Whole,
    uniques: Whole,
}

impl TryFrom<LooseRow> for DayCount {
    type Error = String;

    fn try_from(row: LooseRow) -> Result<Self, String> {
        let day = row.timestamp.0;
        let count = pair(row.count, row.uniques)?;
        Ok(Self { day, count })
    }
}

/// Checks a count and its uniques.
///
/// # Errors
/// A sentence that says what is wrong, with what is expected after it.
pub(super) fn pair(count: Whole, uniques: Whole) -> Result<Count, String> {
    Count::new(count.0, uniques.0)
        .map_err(|error| format!("{error}, expected uniques of at most the count"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Adds the counts of an array up, or tells the error.
    fn check(text: &str, expected: &str) {
        let mut sum = 0;
        let mut bytes = text.as_bytes();
        let read = each(&mut bytes, "f.json", &mut |row: DayCount| {
            sum += row.count.count();
            Ok(())
        });
        let told = read.map_or_else(|error| error.to_string(), |()| sum.to_string());
        assert_eq!(told, expected, "{text}");
    }

    #[test]
    fn elements_are_read_one_by_one() {
        check("[]", "0");
        check(
            "\u{feff}[{\"timestamp\":\"2026-01-02T00:00:00Z\",\"count\":3.0,\"uniques\":1,\"x\":[]}]\r\n",
            "3",
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let row = |count: &str| {
            format!("[\n{{\"timestamp\": \"2026-01-02\", \"count\": {count}, \"uniques\": 2}}]")
        };
        check(
            &row("-1"),
            "\"f.json\" line 2, column 40: invalid value: integer `-1`, expected a whole number below 1000000000000",
        );
        check(
            &row("1"),
            "\"f.json\" line 2, column 54: uniques 2 are more than the count 1, expected uniques of at most the count",
        );
        check(
            &row("1e12"),
            "\"f.json\" line 2, column 42: invalid value: floating point `1000000000000.0`, expected a whole number below 1000000000000",
        );
        check(
            "[{\"timestamp\": \"2026-02-30\"",
            "\"f.json\" line 1, column 27: invalid value: string \"2026-02-30\", expected a UTC day as YYYY-MM-DD",
        );
        check(
            "{}",
            "\"f.json\" line 1, column 1: invalid type: map, expected an array",
        );
        check(
            "[",
            "\"f.json\" line 1, column 1: EOF while parsing a list, expected JSON to the end of the file",
        );
        check(
            "[] []",
            "\"f.json\" line 1, column 4: trailing characters, expected JSON to the end of the file",
        );
    }

    #[test]
    fn an_array_that_is_one_endless_line_is_refused() {
        struct Endless(bool);
        impl Read for Endless {
            fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
                bytes.fill(b' ');
                if !std::mem::replace(&mut self.0, true) {
                    bytes[0] = b'[';
                }
                Ok(bytes.len())
            }
        }
        let mut endless = BufReader::new(Endless(false));
        let error = each(&mut endless, "f.json", &mut |_: DayCount| Ok(())).unwrap_err();
        assert!(error.to_string().contains("within 1 MiB"), "{error}");
    }
}
