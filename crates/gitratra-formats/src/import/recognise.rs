//! What a file or folder is, by what is in it. Names decide only where tools put the same text into
//! files of different names.

use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, Read};
use std::path::Path;

use gitratra_core::import::Kind;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use zip::ZipArchive;

use super::{
    ImportError, folder, github_repo_stats, moment, repohistory, repository_traffic_action,
};

/// How much of a file is looked at, in bytes.
const LOOKED_AT: u64 = 64 << 10;

/// How many files of a folder are looked at.
const FILES: usize = 2000;

/// What decides where files of several kinds lie in one folder, the most telling first.
const ORDER: [Kind; 8] = [
    Kind::GithubRepoStats,
    Kind::TrafficArchive,
    Kind::RepositoryTrafficAction,
    Kind::GithubTrafficTracker,
    Kind::Repohistory,
    Kind::Raw,
    Kind::Daily,
    Kind::Gitratra,
];

/// What a file or folder is, or nothing where it is none of the texts that are read here.
///
/// A table with a day in it is [`Kind::Csv`], which [`super::read`] takes only with a mapping.
///
/// # Errors
/// What the system says.
pub fn recognise(path: &Path) -> io::Result<Option<Kind>> {
    recognise_any(path).map_err(|error| match error {
        ImportError::Io { source, .. } => source,
        other => io::Error::other(other.to_string()),
    })
}

fn recognise_any(path: &Path) -> Result<Option<Kind>, ImportError> {
    if !folder::is_folder(path)? {
        return file(path);
    }
    let mut kinds = Vec::new();
    for found in folder::first_files(path, FILES)? {
        if let Some(kind) = file(&found.path)?
            && !kinds.contains(&kind)
        {
            kinds.push(kind);
        }
    }
    Ok(ORDER.into_iter().find(|kind| kinds.contains(kind)))
}

/// What a file is.
pub(super) fn file(path: &Path) -> Result<Option<Kind>, ImportError> {
    let mut bytes = Vec::new();
    folder::open(path)?
        .take(LOOKED_AT)
        .read_to_end(&mut bytes)
        .map_err(ImportError::io(path))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if bytes.starts_with(b"PK\x03\x04") {
        return Ok(of_zip(path, &name));
    }
    Ok(recognise_bytes(&bytes, &name))
}

/// What a text is, of which this is the beginning and the file's name, or nothing where it is none
/// of those that are read here.
#[must_use]
pub fn recognise_bytes(bytes: &[u8], name: &str) -> Option<Kind> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = bytes.trim_ascii_start();
    if text.starts_with(b"HTTP/") {
        return Some(Kind::Raw);
    }
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line == b"gitratra_v1" {
        return Some(Kind::Gitratra);
    }
    match text.first()? {
        b'{' | b'[' => of_json(text, name),
        _ => of_table(std::str::from_utf8(line).ok()?, text, name),
    }
}

fn of_json(text: &[u8], name: &str) -> Option<Kind> {
    let is_array = text.starts_with(b"[");
    let keys = keys(text);
    let has = |all: &[&str]| all.iter().all(|key| keys.contains(*key));
    let is_row = has(&["timestamp", "count", "uniques"]);
    let is_line = has(&["referrer", "count", "uniques"]) || has(&["path", "count", "uniques"]);
    let is_answer = !has(&["repo"]) && (has(&["views"]) || has(&["clones"]));
    let is_named = matches!(name, "views.json" | "clones.json");
    if has(&["repo", "day", "state"]) {
        Some(Kind::Daily)
    } else if is_array && (has(&["taken_on", "rows"]) || is_row && is_named) {
        Some(Kind::TrafficArchive)
    } else if is_array && is_line {
        Some(Kind::Raw)
    } else if has(&["totalClones", "lastSeenDates"]) || has(&["dailyHistory"]) {
        Some(Kind::GithubTrafficTracker)
    } else if !is_array && is_answer && has(&["count", "uniques"]) {
        Some(Kind::Raw)
    } else {
        None
    }
}

fn of_table(header: &str, text: &[u8], name: &str) -> Option<Kind> {
    let lower = header.to_ascii_lowercase();
    let names: Vec<String> = lower
        .split([',', ';', '\t'])
        .map(|name| name.trim().trim_matches('"').to_owned())
        .collect();
    let has = |all: &[&str]| {
        all.iter()
            .all(|name| names.iter().any(|known| known == name))
    };
    let is_of_archive = matches!(name, "views.csv" | "clones.csv");
    if has(&["repo", "day", "views", "views_uniques", "state"]) {
        Some(Kind::Daily)
    } else if github_repo_stats::is_header(header) {
        Some(Kind::GithubRepoStats)
    } else if repository_traffic_action::is_header(header) {
        Some(Kind::RepositoryTrafficAction)
    } else if repohistory::metric_of(&names).is_some() {
        Some(Kind::Repohistory)
    } else if names == ["date", "count", "uniques"] && is_of_archive {
        Some(Kind::TrafficArchive)
    } else if names.len() > 1 && has_day(text) {
        Some(Kind::Csv)
    } else {
        None
    }
}

/// Whether one of the first rows has a day.
fn has_day(text: &[u8]) -> bool {
    const ROWS: usize = 3;
    let rows = text.split(|byte| *byte == b'\n').take(ROWS);
    rows.filter_map(|row| std::str::from_utf8(row).ok())
        .flat_map(|row| row.split([',', ';', '\t']))
        .any(|field| {
            let field = field.trim().trim_matches('"');
            field.contains(['-', '/']) && moment::day(field).is_some()
        })
}

fn of_zip(path: &Path, name: &str) -> Option<Kind> {
    let file = folder::open(path).ok()?;
    let zip = ZipArchive::new(file).ok()?;
    let inside: BTreeSet<&str> = zip
        .file_names()
        .filter_map(|name| name.rsplit(['/', '\\']).next())
        .collect();
    if inside.contains("views.csv") || inside.contains("clones.csv") {
        return Some(Kind::Repohistory);
    }
    let is_snapshot = name.ends_with("_snapshot.zip")
        && inside
            .iter()
            .any(|name| name.starts_with("views_") || name.starts_with("clones_"));
    is_snapshot.then_some(Kind::RepositoryTrafficAction)
}

/// The keys of an object, or of the first object of an array, also where the text is cut.
fn keys(text: &[u8]) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut json = serde_json::Deserializer::from_slice(text);
    // A text that is cut ends in an error; the keys up to there are known.
    let _ = json.deserialize_any(Keys {
        found: &mut keys,
        is_inside: false,
    });
    keys
}

struct Keys<'a> {
    found: &'a mut BTreeSet<String>,
    is_inside: bool,
}

impl<'de> Visitor<'de> for Keys<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            self.found.insert(key);
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        if !self.is_inside {
            elements.next_element_seed(First(self.found))?;
        }
        Ok(())
    }
}

struct First<'a>(&'a mut BTreeSet<String>);

impl<'de> serde::de::DeserializeSeed<'de> for First<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(Keys {
            found: self.0,
            is_inside: true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, name: &str, expected: Option<Kind>) {
        assert_eq!(recognise_bytes(text.as_bytes(), name), expected, "{text}");
        let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
        assert_eq!(
            recognise_bytes(windows.as_bytes(), name),
            expected,
            "{windows}"
        );
    }

    #[test]
    fn a_text_is_known_by_what_is_in_it() {
        check("gitratra_v1\n>a\n", "x.csv", Some(Kind::Gitratra));
        check("HTTP/2.0 200 OK\n\n{", "x", Some(Kind::Raw));
        let daily = "{\"repo\":\"o/a\",\"day\":\"2026-01-01\",\"views\":1,\"state\":\"gap\"}";
        check(daily, "x", Some(Kind::Daily));
        check(&format!("[{daily},"), "x", Some(Kind::Daily));
        check(
            "repo,day,views,views_uniques,clones,clones_uniques,state\n",
            "x",
            Some(Kind::Daily),
        );
        check(
            "{\"count\":1,\"uniques\":1,\"views\":[{",
            "x",
            Some(Kind::Raw),
        );
        check(
            "[{\"referrer\":\"a\",\"count\":1,\"uniques\":1}]",
            "x",
            Some(Kind::Raw),
        );
        let row = "[{\"timestamp\":\"2026-01-01T00:00:00Z\",\"count\":1,\"uniques\":1}]";
        check(row, "views.json", Some(Kind::TrafficArchive));
        check(row, "x.json", None);
        check(
            "[{\"taken_on\":\"2026-01-01\",\"rows\":[",
            "x",
            Some(Kind::TrafficArchive),
        );
        check(
            "{\"totalClones\":1,\"lastSeenDates\":[],\"ciCheckouts\":{",
            "x",
            Some(Kind::GithubTrafficTracker),
        );
        check(
            "{\"schemaVersion\":1,\"label\":\"views\"}",
            "views.json",
            None,
        );
        check(
            "time_iso8601,stars_cumulative\n",
            "x",
            Some(Kind::GithubRepoStats),
        );
        check(
            "_date,total_views,unique_views\n",
            "x",
            Some(Kind::RepositoryTrafficAction),
        );
        check(
            "Date,Total Views,Unique Views\n",
            "x",
            Some(Kind::Repohistory),
        );
        check(
            "date,count,uniques\n2026-01-01,1,1\n",
            "views.csv",
            Some(Kind::TrafficArchive),
        );
        check(
            "date,count,uniques\n2026-01-01,1,1\n",
            "x.csv",
            Some(Kind::Csv),
        );
        check("Tag;Aufrufe\n2026-01-01;7\n", "x.csv", Some(Kind::Csv));
        check("name,price\ntea,3\n", "x.csv", None);
        check("", "x", None);
        check("[]", "x", None);
        check("{", "x", None);
        check("# Notes\n2026-01-01\n", "README.md", None);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_something_or_nothing(
            bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)
        ) {
            let _ = recognise_bytes(&bytes, "views.csv");
        }
    }
}
