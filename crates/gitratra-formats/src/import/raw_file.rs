//! One answer of GitHub's as somebody kept it: the body, perhaps with the head of the answer before
//! it, and what the names around it say.

use gitratra_core::import::Subject;
use gitratra_core::repo::check_name;
use gitratra_core::{Count, Day, Metric, Ranking, Timestamp};
use serde::Deserialize;

use super::json::{self, DayCount, Whole};
use super::subject::{of_folders, of_slug};
use super::traffic_archive::Line;
use super::{ImportError, moment, whole};

/// What an answer says.
pub(super) enum Body {
    /// Rows of views or clones, and the top level.
    Days(Metric, Vec<DayCount>, Count),
    /// Referrers or paths.
    Lines(Ranking, Vec<Line>),
    /// Nothing that could be taken, and why.
    LeftOut(&'static str),
}

/// An answer.
pub(super) struct Answer {
    pub(super) body: Body,
    /// GitHub's time, where the head of the answer was kept.
    pub(super) date: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Loose {
    count: Option<Whole>,
    uniques: Option<Whole>,
    views: Option<Vec<DayCount>>,
    clones: Option<Vec<DayCount>>,
}

#[derive(Deserialize)]
struct LooseLine {
    referrer: Option<String>,
    path: Option<String>,
    title: Option<String>,
    count: Whole,
    uniques: Whole,
}

/// Reads an answer. `name` is that of the file: an empty list says by no other means what it is.
pub(super) fn parse(text: &[u8], name: &str, label: &str) -> Result<Answer, ImportError> {
    let (head, body, first_line) = head_of(text);
    let date = head.date;
    let answer = |body| Ok(Answer { body, date });
    if head.status.is_some_and(|status| status != 200) {
        return answer(Body::LeftOut("answers that are errors"));
    }
    match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => {
            let loose: Loose = json::parse(body, label, first_line)?;
            let (metric, rows) = match (loose.views, loose.clones) {
                (Some(rows), None) => (Metric::Views, rows),
                (None, Some(rows)) => (Metric::Clones, rows),
                _ => return answer(Body::LeftOut("answers about something else than traffic")),
            };
            let (Some(count), Some(uniques)) = (loose.count, loose.uniques) else {
                let expected = "\"count\" and \"uniques\" beside the rows";
                return Err(whole(label, "the top level of the answer is cut", expected).into());
            };
            let total = json::pair(count, uniques).map_err(|why| whole(label, why, "an answer"))?;
            if are_weeks(&rows) {
                return answer(Body::LeftOut(
                    "answers by week: ask for days, or import days from elsewhere",
                ));
            }
            answer(Body::Days(metric, rows, total))
        }
        Some(b'[') => {
            let loose: Vec<LooseLine> = json::parse(body, label, first_line)?;
            let Some(ranking) = ranking_of(&loose, name) else {
                return answer(Body::LeftOut("lists that are not of referrers or paths"));
            };
            let mut lines = Vec::with_capacity(loose.len());
            for line in loose {
                let (Some(referrer), None) = (match ranking {
                    Ranking::Referrers => (line.referrer, line.path),
                    Ranking::Paths => (line.path, line.referrer),
                }) else {
                    let expected = format!("a list of {ranking} alone");
                    return Err(whole(label, "a line has another name", expected).into());
                };
                lines.push(Line {
                    referrer,
                    title: line.title,
                    count: line.count,
                    uniques: line.uniques,
                });
            }
            answer(Body::Lines(ranking, lines))
        }
        Some(_) => Err(whole(label, "this is no JSON", "the body of an answer").into()),
        None => answer(Body::LeftOut("empty files")),
    }
}

fn ranking_of(lines: &[LooseLine], name: &str) -> Option<Ranking> {
    match lines.first() {
        Some(line) if line.referrer.is_some() => Some(Ranking::Referrers),
        Some(line) if line.path.is_some() => Some(Ranking::Paths),
        Some(_) => None,
        None => {
            let name = name.to_ascii_lowercase();
            let is = |word| name.contains(word);
            match (is("referrer"), is("path")) {
                (true, false) => Some(Ranking::Referrers),
                (false, true) => Some(Ranking::Paths),
                _ => None,
            }
        }
    }
}

/// Whether rows are weeks: all of them Mondays, and more than one. GitHub's rows of days have other
/// days among them, but for two lonely Mondays before zeros were given.
fn are_weeks(rows: &[DayCount]) -> bool {
    rows.len() > 1 && rows.iter().all(|row| row.day.weekday() == 0)
}

#[derive(Default)]
struct Head {
    status: Option<u16>,
    date: Option<Timestamp>,
}

/// Takes off the heads of an answer, of which the last one counts, and says on which line the body
/// begins.
fn head_of(text: &[u8]) -> (Head, &[u8], usize) {
    let mut head = Head::default();
    let (mut rest, mut line) = (text, 1);
    while rest.starts_with(b"HTTP/") {
        head = Head::default();
        let mut is_first = true;
        loop {
            let end = rest.iter().position(|byte| *byte == b'\n');
            let raw = &rest[..end.unwrap_or(rest.len())];
            rest = end.map_or(&[][..], |end| &rest[end + 1..]);
            line += usize::from(end.is_some());
            let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
            let text = String::from_utf8_lossy(raw);
            if std::mem::take(&mut is_first) {
                let status = text.split(' ').nth(1);
                head.status = status.and_then(|status| status.parse().ok());
            } else if let Some((name, value)) = text.split_once(':')
                && name.eq_ignore_ascii_case("date")
            {
                head.date = http_date(value.trim());
            }
            if raw.is_empty() || end.is_none() {
                break;
            }
        }
    }
    (head, rest, line)
}

/// *Source*: <https://www.rfc-editor.org/rfc/rfc9110#name-date-time-formats>; its preferred form is
/// one of RFC 2822's.
fn http_date(text: &str) -> Option<Timestamp> {
    let parser = jiff::fmt::rfc2822::DateTimeParser::new();
    parser.parse_timestamp(text).ok()
}

/// Words of names that say what a file is, and not whose.
const METRIC_WORDS: [&str; 6] = ["views", "clones", "referrers", "referrer", "paths", "path"];
const OTHER_WORDS: [&str; 12] = [
    "traffic",
    "popular",
    "top",
    "data",
    "raw",
    "stats",
    "snapshots",
    "json",
    "github",
    "gh",
    "archive",
    "history",
];

/// What the names around a file say about it.
pub(super) struct Names {
    /// The repository.
    pub(super) about: Subject,
    /// When it was read, where a name tells.
    pub(super) read_at: Option<Timestamp>,
    /// The folders that may belong to a repository.
    pub(super) folders: Vec<String>,
}

/// Reads the names of a file, of the folders above it and of the folder that was given.
pub(super) fn names(name: &str, folders: &[String], root: &str) -> Names {
    let own = moment::in_name(name);
    let above = || folders.iter().rev().map(String::as_str).chain([root]);
    let read_at = own.or_else(|| above().find_map(moment::in_name));
    let stem = match own {
        Some(own) => [&name[..own.place.0], &name[own.place.1..]].join("_"),
        None => name.to_owned(),
    };
    let folders: Vec<String> = folders
        .iter()
        .filter(|folder| !is_of_runs(folder))
        .cloned()
        .collect();
    let by_folders = of_folders(folders.iter().map(String::as_str));
    let about = match of_stem(&stem) {
        Some(Subject::Bare(own)) if folders.last() == Some(&own) => by_folders,
        Some(subject) => subject,
        None => by_folders,
    };
    Names {
        about,
        read_at: read_at.map(|named| named.read_at),
        folders,
    }
}

/// Whether a folder is one of a run or of a kind, and of no repository.
fn is_of_runs(folder: &str) -> bool {
    let lower = folder.to_ascii_lowercase();
    moment::in_name(folder).is_some()
        || lower.bytes().all(|byte| byte.is_ascii_digit())
        || OTHER_WORDS.contains(&lower.as_str())
        || METRIC_WORDS.contains(&lower.as_str())
}

/// The repository in a name such as `alpha_traffic_popular_paths.json`, `octo__alpha-views.json`.
fn of_stem(name: &str) -> Option<Subject> {
    const BETWEEN: [char; 4] = ['_', '-', '.', ' '];
    let stem = match name.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= 5 => stem,
        _ => name,
    };
    let stem = stem.trim_matches(BETWEEN);
    let (mut rest, between) = match stem.rsplit_once(BETWEEN) {
        Some((rest, last)) if METRIC_WORDS.contains(&last.to_ascii_lowercase().as_str()) => {
            (rest, &stem[rest.len()..=rest.len()])
        }
        _ => match stem.split_once(BETWEEN) {
            Some((first, rest)) if METRIC_WORDS.contains(&first.to_ascii_lowercase().as_str()) => {
                (rest, "")
            }
            _ => return None,
        },
    };
    while !between.is_empty()
        && let (before, last) = rest.rsplit_once(between).unwrap_or(("", rest))
        && OTHER_WORDS.contains(&last.to_ascii_lowercase().as_str())
    {
        rest = before;
    }
    let rest = rest.trim_matches(BETWEEN);
    let is_word = OTHER_WORDS.contains(&rest.to_ascii_lowercase().as_str());
    if rest.is_empty() || is_word {
        return None;
    }
    let bare = || {
        check_name(rest)
            .is_ok()
            .then(|| Subject::Bare(rest.to_owned()))
    };
    of_slug(rest).or_else(bare)
}

/// The day on which an answer without a time may have been given, so that its rows can be a
/// reading: the first one on which nothing of it was running.
pub(super) fn some_time_after(rows: &[DayCount]) -> Timestamp {
    let newest = rows.iter().map(|row| row.day).max().unwrap_or(Day::MIN);
    newest.plus(1).start()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_whose_a_file_is_where_they_can() {
        let check = |name: &str, folders: &[&str], expected: &str| {
            let folders: Vec<String> = folders.iter().map(|name| (*name).to_owned()).collect();
            let about = match names(name, &folders, "root").about {
                Subject::Named { name, .. } | Subject::Guessed(name) => name.to_string(),
                Subject::Bare(name) => name,
                Subject::Unnamed => "?".to_owned(),
            };
            assert_eq!(about, expected, "{name} {folders:?}");
        };
        check("views.json", &[], "?");
        check("traffic_views.json", &["2026-01-08"], "?");
        check(
            "agent-kit_traffic_views.json",
            &["gh_traffic_data_20260121_015912"],
            "agent-kit",
        );
        check("agent-kit_traffic_popular_paths.json", &[], "agent-kit");
        check("octo__alpha-views.json", &[], "octo/alpha");
        check("views-octo__alpha.json", &[], "octo/alpha");
        check("views_20260108.json", &["octo", "alpha"], "octo/alpha");
        check("alpha_clones.json", &["octo", "alpha", "raw"], "octo/alpha");
        check("foo-traffic_views.json", &[], "foo-traffic");
        check("traffic-tool_views.json", &[], "traffic-tool");
        check("popular.txt", &["octo__alpha", "2026", "01"], "octo/alpha");
    }

    #[test]
    fn the_last_head_counts() {
        let text = b"HTTP/1.1 200 Connection established\r\n\r\nHTTP/2.0 404 Not Found\r\n\
            Date: Thu, 08 Jan 2026 17:18:15 GMT\r\n\r\n{}";
        let (head, body, line) = head_of(text);
        assert_eq!(head.status, Some(404));
        assert_eq!(head.date.unwrap().to_string(), "2026-01-08T17:18:15Z");
        assert_eq!((body, line), (&b"{}"[..], 6));
        let (head, body, line) = head_of(b"HTTP/2");
        assert_eq!((head.date, body, line), (None, &b""[..], 1));
    }
}
