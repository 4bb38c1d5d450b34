//! Bodies of answers to core values. The shapes on the wire stay in here.
//!
//! An answer is taken whole or not at all: one wrong row makes all of it wrong. Fields that are
//! not used are passed over, whatever they hold.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use gitratra_core::{
    Count, Day, Metric, Ranked, RankedReading, Ranking, Reading, RepoId, Repository, Rolling,
    Timestamp,
};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::error::Category;

use crate::failure::one_line;
use crate::limit::Rate;

mod counts;
mod many;
mod releases;
mod runs;
mod stars;
mod weeks;

pub(crate) use counts::Counts;
use counts::WireCounts;
pub(crate) use many::{Many, QueryError, many, query_error};
pub(crate) use releases::{ReleasePage, releases};
pub(crate) use runs::runs;
pub(crate) use stars::stars;
pub(crate) use weeks::weeks;

/// Why a body is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Bad {
    /// It ends before it is complete, so asking again may help.
    CutShort,
    /// It says something that cannot be; this is what.
    Wrong(String),
}

/// GitHub gives ten lines; more than this are not kept.
const MOST_LINES: usize = 100;
/// Bytes of a name or a title that are kept; the longest path seen has 135 characters. A row of an
/// index takes 2704 bytes in PostgreSQL
/// (<https://www.postgresql.org/docs/current/btree.html#BTREE-STRUCTURE>, a third of a page).
const LONGEST_NAME: usize = 2000;

/// Daily views or clones.
pub(crate) fn traffic(metric: Metric, body: &[u8], at: Timestamp) -> Result<Reading, Bad> {
    let Traffic {
        count,
        uniques,
        rows,
    } = wire(metric, body)?;
    let total = Count::new(count, uniques).map_err(|error| wrong("the total", error))?;
    let rows: Result<Vec<_>, Bad> = rows.iter().map(|Object(row)| row.fact()).collect();
    Reading::new(metric, at, rows?, total).map_err(|error| Bad::Wrong(error.to_string()))
}

/// Views or clones as they come.
fn wire(metric: Metric, body: &[u8]) -> Result<Traffic<'_>, Bad> {
    Ok(match metric {
        Metric::Views => parse::<Views<'_>>(body)?.into(),
        Metric::Clones => parse::<Clones<'_>>(body)?.into(),
    })
}

/// Referrers or popular paths. Names that are too long are shortened, so that the rest is kept.
pub(crate) fn ranked(ranking: Ranking, body: &[u8], at: Timestamp) -> Result<RankedReading, Bad> {
    let mut lines = match ranking {
        Ranking::Referrers => lines::<Referrer>(body)?,
        Ranking::Paths => lines::<Path>(body)?,
    };
    lines.truncate(MOST_LINES);
    let mut names: Vec<&str> = lines.iter().map(|line| &*line.name).collect();
    names.sort_unstable();
    if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Bad::Wrong(format!("{} is there twice", quote(pair[0]))));
    }
    Ok(RankedReading {
        ranking,
        read_at: at,
        lines: shortened(lines),
    })
}

/// Cuts what is too long. Of lines whose names become the same the largest stays.
fn shortened(lines: Vec<Ranked>) -> Vec<Ranked> {
    let mut kept: Vec<Ranked> = Vec::with_capacity(lines.len());
    for mut line in lines {
        line.name = short(line.name);
        line.title = line.title.map(short);
        let size = |line: &Ranked| (line.total.0.count(), line.total.0.uniques());
        match kept.iter_mut().find(|other| other.name == line.name) {
            Some(other) if size(other) < size(&line) => *other = line,
            Some(_) => {}
            None => kept.push(line),
        }
    }
    kept
}

fn short(text: String) -> String {
    short_to(text, LONGEST_NAME)
}

/// A text of at most so many bytes; an ellipsis stands for what was cut off.
fn short_to(text: String, longest: usize) -> String {
    const ELLIPSIS: char = '…';
    if text.len() <= longest {
        return text;
    }
    let end = text.floor_char_boundary(longest - ELLIPSIS.len_utf8());
    format!("{}{ELLIPSIS}", &text[..end])
}

/// What a repository is.
pub(crate) fn repository(body: &[u8]) -> Result<Repository, Bad> {
    parse::<WireRepository>(body)?.try_into()
}

/// What the JSON of a repository counts beside.
pub(crate) fn counts(body: &[u8]) -> Option<Counts> {
    parse::<WireCounts>(body).ok()?.counts()
}

/// One page of a list, each repository with what its JSON counts beside.
pub(crate) fn counted_page(body: &[u8]) -> Result<Vec<(Repository, Option<Counts>)>, Bad> {
    let repositories = page(body)?;
    let counts: Vec<Object<WireCounts>> = match first_byte(body) {
        None => Vec::new(),
        Some(b'{') => parse::<InstallationPage<WireCounts>>(body)?.repositories,
        Some(_) => parse_any(body)?,
    };
    let counts = counts.into_iter().map(|Object(wire)| wire.counts());
    Ok(repositories.into_iter().zip(counts).collect())
}

/// One page of a list; some lists answer nothing at all for none.
pub(crate) fn page(body: &[u8]) -> Result<Vec<Repository>, Bad> {
    let list: Vec<Object<WireRepository>> = match first_byte(body) {
        None => return Ok(Vec::new()),
        Some(b'{') => parse::<InstallationPage<WireRepository>>(body)?.repositories,
        Some(_) => parse_any(body)?,
    };
    list.into_iter()
        .map(|Object(repository)| repository.try_into())
        .collect()
}

/// Whose credential it is.
pub(crate) fn login(body: &[u8]) -> Result<String, Bad> {
    let User { login } = parse(body)?;
    gitratra_core::repo::check_owner(login.trim_end_matches("[bot]"))
        .map_err(|error| wrong(&quote(&login), error))?;
    Ok(login)
}

/// The state of the hourly limit; nothing where the server has no limits.
pub(crate) fn rate_limit(body: &[u8]) -> Result<Option<Rate>, Bad> {
    if first_byte(body).is_none() {
        return Ok(None);
    }
    let limits: RateLimits = parse(body)?;
    let core = limits
        .resources
        .and_then(|Object(resources)| resources.core);
    let Some(Object(rate)) = core.or(limits.rate) else {
        return Err(Bad::Wrong("missing field `resources.core`".to_owned()));
    };
    let reset_at = Timestamp::from_second(rate.reset)
        .map_err(|_| Bad::Wrong(format!("reset {} is no time", rate.reset)))?;
    Ok(Some(Rate {
        limit: rate.limit,
        remaining: rate.remaining,
        reset_at,
    }))
}

fn first_byte(body: &[u8]) -> Option<u8> {
    body.iter().copied().find(|b| !b.is_ascii_whitespace())
}

pub(crate) fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Bad> {
    parse_any(body).map(|Object(value)| value)
}

pub(crate) fn parse_any<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Bad> {
    if first_byte(body) == Some(b'<') {
        return Err(Bad::Wrong("it is HTML or XML and not JSON".to_owned()));
    }
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        Category::Eof => Bad::CutShort,
        _ => {
            // The message may quote a text of any length; line and column come last.
            let (line, column) = (error.line(), error.column());
            let text = error.to_string();
            let place = format!(" at line {line} column {column}");
            let what = text.strip_suffix(&place).unwrap_or(&text);
            Bad::Wrong(format!("{}{place}", one_line(what, 120)))
        }
    })
}

fn wrong(place: &str, error: impl fmt::Display) -> Bad {
    Bad::Wrong(format!("{place}: {error}"))
}

/// Whether a text can be an id of GraphQL.
pub(crate) fn is_node_id(text: &str) -> bool {
    (1..=200).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

/// A short excerpt of a text out of an answer.
fn quote(text: &str) -> String {
    format!("\"{}\"", one_line(text, 60))
}

/// A text as it can be kept: control characters, which one of the stores cannot hold, are replaced.
fn printable(text: String) -> String {
    if text.chars().any(char::is_control) {
        return text.replace(char::is_control, "\u{fffd}");
    }
    text
}

/// A JSON object and nothing else. Left to itself serde also takes an array, by position.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_map(Fields(PhantomData)).map(Self)
    }
}

#[derive(serde::Deserialize)]
struct Views<'a> {
    count: u64,
    uniques: u64,
    #[serde(borrow)]
    views: Vec<Object<Row<'a>>>,
}

#[derive(serde::Deserialize)]
struct Clones<'a> {
    count: u64,
    uniques: u64,
    #[serde(borrow)]
    clones: Vec<Object<Row<'a>>>,
}

struct Traffic<'a> {
    count: u64,
    uniques: u64,
    rows: Vec<Object<Row<'a>>>,
}

impl<'a> From<Views<'a>> for Traffic<'a> {
    fn from(wire: Views<'a>) -> Self {
        Self {
            count: wire.count,
            uniques: wire.uniques,
            rows: wire.views,
        }
    }
}

impl<'a> From<Clones<'a>> for Traffic<'a> {
    fn from(wire: Clones<'a>) -> Self {
        Self {
            count: wire.count,
            uniques: wire.uniques,
            rows: wire.clones,
        }
    }
}

#[derive(serde::Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    timestamp: Cow<'a, str>,
    count: u64,
    uniques: u64,
}

impl Row<'_> {
    fn fact(&self) -> Result<(Day, Count), Bad> {
        let place = || quote(&self.timestamp);
        let moment: Timestamp = self
            .timestamp
            .parse()
            .map_err(|_| wrong(&place(), "is no time"))?;
        let day =
            Day::beginning_at(moment).ok_or_else(|| wrong(&place(), "is not midnight UTC"))?;
        let count = Count::new(self.count, self.uniques).map_err(|error| wrong(&place(), error))?;
        Ok((day, count))
    }
}

/// One line of a ranked list as it comes.
struct Line {
    name: String,
    title: Option<String>,
    count: u64,
    uniques: u64,
}

#[derive(serde::Deserialize)]
struct Referrer {
    referrer: String,
    count: u64,
    uniques: u64,
}

#[derive(serde::Deserialize)]
struct Path {
    path: String,
    title: Option<String>,
    count: u64,
    uniques: u64,
}

impl From<Referrer> for Line {
    fn from(wire: Referrer) -> Self {
        Self {
            name: wire.referrer,
            title: None,
            count: wire.count,
            uniques: wire.uniques,
        }
    }
}

impl From<Path> for Line {
    fn from(wire: Path) -> Self {
        Self {
            name: wire.path,
            title: wire.title,
            count: wire.count,
            uniques: wire.uniques,
        }
    }
}

fn lines<'a, T: Deserialize<'a> + Into<Line>>(body: &'a [u8]) -> Result<Vec<Ranked>, Bad> {
    let lines: Vec<Object<T>> = parse_any(body)?;
    lines
        .into_iter()
        .map(|Object(wire)| {
            let line: Line = wire.into();
            let count = Count::new(line.count, line.uniques)
                .map_err(|error| wrong(&quote(&line.name), error))?;
            Ok(Ranked {
                name: printable(line.name),
                title: line.title.map(printable),
                total: Rolling(count),
            })
        })
        .collect()
}

#[derive(serde::Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
struct InstallationPage<T> {
    repositories: Vec<Object<T>>,
}

#[derive(serde::Deserialize)]
struct WireRepository {
    id: u64,
    node_id: Option<String>,
    full_name: String,
    private: bool,
    fork: bool,
    /// Not in all lists.
    archived: Option<bool>,
    permissions: Option<Object<Permissions>>,
}

#[derive(serde::Deserialize)]
struct Permissions {
    push: Option<bool>,
}

impl TryFrom<WireRepository> for Repository {
    type Error = Bad;

    fn try_from(wire: WireRepository) -> Result<Self, Bad> {
        if wire.id == 0 || i64::try_from(wire.id).is_err() {
            return Err(Bad::Wrong(format!(
                "id {} is no number of a repository",
                wire.id
            )));
        }
        let name = wire
            .full_name
            .parse()
            .map_err(|_| wrong(&quote(&wire.full_name), "is no repository name"))?;
        Ok(Self {
            id: RepoId(wire.id),
            node_id: wire.node_id.filter(|id| is_node_id(id)),
            name,
            is_private: wire.private,
            is_fork: wire.fork,
            is_archived: wire.archived.unwrap_or(false),
            can_push: wire.permissions.and_then(|Object(may)| may.push),
        })
    }
}

#[derive(serde::Deserialize)]
struct User {
    login: String,
}

#[derive(serde::Deserialize)]
struct RateLimits {
    resources: Option<Object<Resources>>,
    /// Dropped in version 2026-03-10.
    rate: Option<Object<WireRate>>,
}

#[derive(serde::Deserialize)]
struct Resources {
    core: Option<Object<WireRate>>,
}

#[derive(serde::Deserialize)]
struct WireRate {
    limit: u64,
    remaining: u64,
    reset: i64,
}

#[cfg(test)]
mod tests;
