//! Long answers: their rows come by COPY, which costs the server and us less for each of them than
//! rows that are described one by one.

use std::fmt::Write as _;

use futures_util::StreamExt;
use tokio_postgres::Client;

use crate::engine::Cells;
use crate::error::Fault;
use crate::sql::Sql;
use crate::value::Value;

/// What a stream begins with, and after it flags and the length of what nobody sends yet
/// (<https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.55.9.4>).
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// Shows the rows that answer a question to `each`.
pub(crate) async fn query_each(
    client: &Client,
    sql: &Sql,
    params: &[Value],
    mut each: impl FnMut(&Cells<'_>) -> Result<(), Fault> + Send,
) -> Result<(), Fault> {
    let question = with_values(sql.for_postgres(), params);
    let copy = format!("copy ({question}) to stdout (format binary)");
    let stream = client.copy_out(copy.as_str()).await?;
    let mut stream = std::pin::pin!(stream);
    let mut rows = Rows::default();
    while let Some(part) = stream.next().await {
        rows.read(&part?, &mut each)?;
    }
    rows.end()
}

/// COPY takes no parameters. Numbers and texts are written so that they can be nothing else.
fn with_values(text: &str, params: &[Value]) -> String {
    // No statement has a `$` anywhere but before the number of a parameter.
    let mut parts = text.split('$');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_digit());
        let (number, rest) = part.split_at(end.unwrap_or(part.len()));
        let place = number
            .parse::<usize>()
            .ok()
            .and_then(|number| number.checked_sub(1));
        match place.and_then(|place| params.get(place)) {
            Some(Value::Int(number)) => {
                let _ = write!(filled, "cast('{number}' as bigint)");
            }
            Some(Value::Text(words)) => {
                let words = words.replace('\\', "\\\\").replace('\'', "''");
                let _ = write!(filled, "E'{words}'");
            }
            Some(Value::Null) | None => filled.push_str("null"),
        }
        filled.push_str(rest);
    }
    filled
}

/// Rows out of a stream, wherever it is cut.
#[derive(Default)]
struct Rows {
    /// What was received of the next row.
    begun: Vec<u8>,
    has_begun: bool,
    has_ended: bool,
    /// Where each cell of a row is.
    places: Vec<Option<(usize, usize)>>,
}

impl Rows {
    fn read(
        &mut self,
        part: &[u8],
        each: &mut impl FnMut(&Cells<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if self.begun.is_empty() {
            let read = self.rows(part, each)?;
            self.begun.extend_from_slice(&part[read..]);
            return Ok(());
        }
        let mut begun = std::mem::take(&mut self.begun);
        begun.extend_from_slice(part);
        let read = self.rows(&begun, each)?;
        begun.drain(..read);
        self.begun = begun;
        Ok(())
    }

    /// Reads whole rows and says how many bytes they had.
    fn rows(
        &mut self,
        bytes: &[u8],
        each: &mut impl FnMut(&Cells<'_>) -> Result<(), Fault>,
    ) -> Result<usize, Fault> {
        let mut at = 0;
        if !self.has_begun {
            let Some(header) = header(bytes)? else {
                return Ok(0);
            };
            at = header;
            self.has_begun = true;
        }
        while !self.has_ended {
            let Some(count) = number::<2>(bytes, at).map(i16::from_be_bytes) else {
                break;
            };
            let mut next = at + 2;
            self.has_ended = count < 0;
            if self.has_ended {
                return Ok(next);
            }
            self.places.clear();
            for _ in 0..count {
                let Some(length) = number::<4>(bytes, next).map(i32::from_be_bytes) else {
                    return Ok(at);
                };
                next += 4;
                let Ok(length) = usize::try_from(length) else {
                    self.places.push(None);
                    continue;
                };
                if bytes.len() < next + length {
                    return Ok(at);
                }
                self.places.push(Some((next, length)));
                next += length;
            }
            each(&Cells::Copied(bytes, &self.places))?;
            at = next;
        }
        Ok(at)
    }

    fn end(self) -> Result<(), Fault> {
        match self.has_ended && self.begun.is_empty() {
            true => Ok(()),
            false => Err(Fault::corrupt("an answer that ends in the middle".into())),
        }
    }
}

/// The length of what comes before the rows, once all of it is there.
fn header(bytes: &[u8]) -> Result<Option<usize>, Fault> {
    let flags = SIGNATURE.len();
    let Some(more) = number::<4>(bytes, flags + 4).map(u32::from_be_bytes) else {
        return Ok(None);
    };
    if !bytes.starts_with(SIGNATURE) {
        return Err(Fault::corrupt("an answer that is no COPY".into()));
    }
    let length = flags + 8 + usize::try_from(more).unwrap_or(usize::MAX);
    Ok((bytes.len() >= length).then_some(length))
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_for_themselves() {
        let params = [Value::Int(-1), Value::Text(r"o'clock \ $1".into())];
        let text = with_values("day > $1 and name = $2", &params);
        assert_eq!(
            text,
            r"day > cast('-1' as bigint) and name = E'o''clock \\ $1'"
        );
    }

    fn stream() -> Vec<u8> {
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend([0; 8]);
        for (day, name) in [(5_i32, Some("one")), (-7, None)] {
            bytes.extend(3_i16.to_be_bytes());
            bytes.extend(4_i32.to_be_bytes());
            bytes.extend(day.to_be_bytes());
            bytes.extend([0, 0, 0, 1, 1]);
            match name {
                Some(name) => {
                    bytes.extend(i32::try_from(name.len()).unwrap().to_be_bytes());
                    bytes.extend(name.bytes());
                }
                None => bytes.extend((-1_i32).to_be_bytes()),
            }
        }
        bytes.extend((-1_i16).to_be_bytes());
        bytes
    }

    #[test]
    fn rows_are_read_wherever_the_stream_is_cut() {
        let stream = stream();
        for size in 1..=stream.len() {
            let mut rows = Rows::default();
            let mut read = Vec::new();
            for part in stream.chunks(size) {
                rows.read(part, &mut |cells| {
                    let name = match cells.opt_int(2) {
                        Ok(None) => None,
                        _ => Some(cells.parsed::<String>(2)?),
                    };
                    read.push((cells.int(0)?, cells.is(1)?, name));
                    Ok(())
                })
                .unwrap();
            }
            rows.end().unwrap();
            assert_eq!(
                read,
                [(5, true, Some("one".into())), (-7, true, None)],
                "{size}"
            );
        }
    }

    #[test]
    fn a_stream_that_ends_early_is_no_answer() {
        let stream = stream();
        let mut rows = Rows::default();
        rows.read(&stream[..stream.len() - 1], &mut |_| Ok(()))
            .unwrap();
        assert!(rows.end().is_err());
        assert!(Rows::default().read(&[b'x'; 40], &mut |_| Ok(())).is_err());
    }
}
