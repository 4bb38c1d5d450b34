//! Files that are cut, changed or none at all.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

use gitratra_core::import::Kind;
use gitratra_formats::import::{ImportError, Options, read, read_bytes};
use proptest::prelude::*;

use super::{Notes, sample, told, told_of};

/// Every kind with the names under which its files are read.
const NAMES: [(Kind, &[&str]); 9] = [
    (Kind::Gitratra, &["gitratra/out.txt"]),
    (
        Kind::Daily,
        &["daily/daily.csv", "daily/daily.json", "daily/daily.jsonl"],
    ),
    (Kind::Csv, &["csv/semicolons.csv", "csv/plain.tsv"]),
    (
        Kind::GithubRepoStats,
        &[
            "github-repo-stats/jgehrcke/github-repo-stats/ghrs-data/snapshots/2021-10-18_230141_views_clones_series_fragment.csv",
            "github-repo-stats/jgehrcke/github-repo-stats/ghrs-data/snapshots/2024-10-10_231823_top_paths_snapshot.csv",
            "github-repo-stats/jgehrcke/github-repo-stats/ghrs-data/views_clones_aggregate.csv",
            "github-repo-stats/jgehrcke/github-repo-stats/ghrs-data/stargazers.csv",
        ],
    ),
    (
        Kind::RepositoryTrafficAction,
        &[
            "repository-traffic-action/traffic/views.csv",
            "repository-traffic-action/plus/traffic/2026-01-08/views_2026-01-08.csv",
            "repository-traffic-action/plus/traffic/2026-01-08/referral_paths_2026-01-08.csv",
        ],
    ),
    (
        Kind::GithubTrafficTracker,
        &[
            "github-traffic-tracker/state.json",
            "github-traffic-tracker/archive-2026-01.json",
        ],
    ),
    (
        Kind::TrafficArchive,
        &[
            "traffic-archive/octo__alpha/views.json",
            "traffic-archive/octo__alpha/clones.csv",
            "traffic-archive/octo__alpha/paths.json",
        ],
    ),
    (
        Kind::Repohistory,
        &[
            "repohistory/views.csv",
            "repohistory/octo-alpha-data-csv.zip",
        ],
    ),
    (
        Kind::Raw,
        &[
            "raw-heads/clones.txt",
            "raw/gh_traffic_data_20260108_171815/agent-lifecycle-toolkit_traffic_views.json",
            "raw/gh_traffic_data_20260108_171815/agent-lifecycle-toolkit_traffic_popular_paths.json",
        ],
    ),
];

/// Kinds of which the last line may lack its end, so that a cut in it cannot be seen.
fn is_lenient(kind: Kind, name: &str) -> bool {
    let is_table = !name.ends_with(".zip");
    matches!(kind, Kind::Gitratra | Kind::Csv) || kind == Kind::Repohistory && is_table
}

fn options() -> Options {
    let columns = "day=1,views=2,views_uniques=none".parse().unwrap();
    Options {
        columns: Some(columns),
    }
}

fn facts(kind: Kind, bytes: &[u8], name: &str) -> Result<Vec<String>, ImportError> {
    let mut notes = Notes::default();
    read_bytes(kind, bytes, name, &options(), &mut notes)?;
    Ok(notes.facts)
}

fn any_sample() -> impl Strategy<Value = (Kind, &'static str)> {
    let all: Vec<_> = NAMES
        .iter()
        .flat_map(|(kind, names)| names.iter().map(|name| (*kind, *name)))
        .collect();
    prop::sample::select(all)
}

#[test]
fn a_file_that_is_cut_anywhere_is_an_error_or_tells_less() {
    for (kind, names) in NAMES {
        for name in names {
            let bytes = fs::read(sample(name)).unwrap();
            let whole: BTreeSet<String> = facts(kind, &bytes, name)
                .unwrap_or_default()
                .into_iter()
                .collect();
            for at in 0..bytes.len() {
                let Ok(mut cut) = facts(kind, &bytes[..at], name) else {
                    continue;
                };
                if is_lenient(kind, name) {
                    cut.pop();
                }
                for fact in cut {
                    // A list that is cut between two lines is a shorter one.
                    let is_part = |of: &String| {
                        of == &fact || fact.contains(" window ") && of.starts_with(fact.trim_end())
                    };
                    assert!(whole.iter().any(is_part), "{name} cut at {at}: {fact}");
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_facts_or_an_error(
        (kind, name) in any_sample(),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let _ = facts(kind, &bytes, name);
    }

    #[test]
    fn a_sample_with_bytes_changed_is_facts_or_an_error(
        (kind, name) in any_sample(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = fs::read(sample(name)).unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = facts(kind, &bytes, name);
    }

    #[test]
    fn line_ends_marks_and_blank_lines_change_no_fact((kind, name) in any_sample()) {
        let bytes = fs::read(sample(name)).unwrap();
        if let Ok(text) = String::from_utf8(bytes.clone()) && !text.starts_with("HTTP/") {
            let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
            let windows = format!("\u{feff}{}\r\n\r\n", text.replace('\n', "\r\n"));
            prop_assert_eq!(
                facts(kind, windows.as_bytes(), name).map_err(|error| error.to_string()),
                facts(kind, &bytes, name).map_err(|error| error.to_string())
            );
        }
    }
}

#[test]
fn reading_ends_when_nobody_wants_to_hear_more() {
    for (kind, names) in NAMES {
        for name in names {
            let bytes = fs::read(sample(name)).unwrap();
            if facts(kind, &bytes, name).map_or(true, |facts| facts.is_empty()) {
                continue;
            }
            let mut notes = Notes {
                patience: Some(0),
                ..Notes::default()
            };
            let read = read_bytes(kind, bytes.as_slice(), name, &options(), &mut notes);
            assert!(matches!(read, Err(ImportError::Enough(_))), "{name}");
        }
    }
}

#[test]
fn kinds_that_are_read_elsewhere_say_so() {
    let mut notes = Notes::default();
    let options = Options::default();
    let error = read(Kind::Ghstats, &sample("raw"), &options, &mut notes).unwrap_err();
    assert!(
        error.to_string().contains("of the kind \"ghstats\""),
        "{error}"
    );
}

/// Makes a zip with one file in it.
fn zip(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file(name, options).unwrap();
    zip.write_all(bytes).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_zip_is_kept_within_bounds() {
    let refused = |bytes: Vec<u8>, expected: &str| {
        let error = told_of(Kind::Repohistory, &bytes, "x.zip").err().unwrap();
        assert!(error.to_string().contains(expected), "{error}");
    };
    let mut outward = zip("xx/views.csv", b"");
    for at in 0..outward.len() - 3 {
        if outward[at..].starts_with(b"xx/") {
            outward[at..at + 2].copy_from_slice(b"..");
        }
    }
    refused(outward, "leads out of it");
    refused(zip("other.csv", b""), "neither views.csv nor clones.csv");
    refused(zip("large.txt", &vec![b'\n'; 65 << 20]), "at most 64 MiB");
    let mut changed = zip(
        "views.csv",
        b"Date,Total Views,Unique Views\n2026-01-01,3,2\n",
    );
    // The checksum in the list of files at the end of the zip.
    let mut pairs = changed.windows(4);
    let at = pairs.position(|four| four == b"PK\x01\x02").unwrap() + 16;
    changed[at] ^= 1;
    refused(changed, "views.csv");
}

#[test]
fn a_json_text_that_cannot_be_held_is_refused() {
    let mut bytes = vec![b' '; (16 << 20) + 1];
    bytes[0] = b'{';
    let error = told_of(Kind::Raw, &bytes, "views.json").err().unwrap();
    assert!(error.to_string().contains("at most 16 MiB"), "{error}");
}

#[test]
fn what_is_not_there_is_an_error_of_the_system() {
    let error = told(Kind::Raw, &PathBuf::from("/no/such/folder"))
        .err()
        .unwrap();
    assert!(matches!(error, ImportError::Io { .. }));
    assert_eq!(error.to_string(), "cannot read \"/no/such/folder\"");
}
