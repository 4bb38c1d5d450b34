//! Archives: what is written comes back, files that did not change are left alone, and what cannot
//! be read is told with its place.

use std::collections::BTreeMap;

use gitratra_core::history::{
    AssetFacts, GoneFact, Label, NameSpan, ReleaseFacts, SourceName, Told, place,
};
use gitratra_core::{
    Count, Counters, Day, DayRange, Endpoint, GroupRule, Metric, Profile, Ranking, Seen, StarDay,
    Timestamp, Uniques, Visibility, Week, Window,
};

use gitratra_core::import::Tally;

use super::*;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    format!("{text}:00Z").parse().unwrap()
}

fn count(events: u64, people: u64) -> Count {
    Count::new(events, people).unwrap()
}

fn told(text: &str, metric: Metric, events: u64, seen: &str) -> Told {
    Told {
        day: day(text),
        metric,
        count: count(events, events / 2),
        seen: Seen::once(at(seen)),
        source: SourceName::github(),
        is_doubted: false,
    }
}

/// A repository with something of everything, and texts that no field can hold as they are.
fn everything() -> History {
    let mut history = History::new(RepoId(7));
    history.label = Some(Label {
        named_at: at("2026-03-01T06:00"),
        name: "Octo/Alpha".parse().unwrap(),
        node_id: Some("R_kg".into()),
        is_private: true,
        is_fork: false,
        is_archived: false,
    });
    history.first_seen = Some(at("2025-01-01T06:00"));
    history.gone = Some(GoneFact {
        since: at("2026-03-02T06:00"),
        status: 404,
    });
    for name in ["octo/before", "Octo/Alpha"] {
        let span = NameSpan {
            spelled: name.into(),
            first_seen: at("2025-01-01T06:00"),
            last_seen: at("2026-03-01T06:00"),
        };
        history.names.insert(name.to_ascii_lowercase(), span);
    }
    history.reach(
        Endpoint::Views,
        Some(day("2026-03-02")),
        at("2026-03-03T09:00"),
    );
    history.reach(Endpoint::Repository, None, at("2026-03-03T09:00"));
    let foreign = Told {
        source: SourceName {
            kind: "csv".into(),
            label: "a\tb.csv".into(),
        },
        is_doubted: true,
        ..told("2025-12-31", Metric::Clones, 0, "2026-01-05T00:00")
    };
    history.tell(&[
        told("2025-12-31", Metric::Views, 9, "2026-01-02T09:00"),
        told("2025-12-31", Metric::Views, 7, "2026-01-03T09:00"),
        // More while it ran than afterwards, and a day that nobody saw after its end.
        told("2026-03-01", Metric::Views, 8, "2026-03-01T20:00"),
        told("2026-03-01", Metric::Views, 6, "2026-03-02T20:00"),
        told("2026-03-02", Metric::Views, 3, "2026-03-02T20:00"),
        foreign,
    ]);
    let known = history.days.entry(day("2026-03-01")).or_default();
    known[place(Metric::Clones)].window_uniques = Some(Uniques::new(5));
    history
        .weeks
        .insert(Week::of(day("2026-02-02")), [None, Some(count(5, 2))]);
    more(&mut history);
    history
}

fn more(history: &mut History) {
    let window = Window {
        last: day("2026-03-01"),
    };
    let read_at = at("2026-03-02T09:00");
    history.rankings.read(Ranking::Referrers, window, read_at);
    let list = (Ranking::Paths, window);
    history
        .rankings
        .tell(list, read_at, "/a\\b".into(), count(4, 1));
    history
        .rankings
        .tell(list, read_at, "-".into(), count(3, 1));
    let titles = &mut history.rankings.titles;
    titles.insert(
        (Ranking::Paths, "-".into()),
        "a\u{1b}[31m \u{2028}title\r".into(),
    );
    let days = DayRange::new(day("2025-12-30"), day("2026-01-02")).unwrap();
    let counters = Counters {
        stars: 3,
        open_both: Some(1),
        ..Counters::default()
    };
    history.counters.put(days, counters);
    history.counted = Some((days.last(), at("2026-01-02T11:00")));
    let profile = Profile {
        description: Some("-".into()),
        language: None,
        licence: Some(String::new()),
        topics: vec!["one".into(), "two".into()],
        is_archived: true,
        visibility: Visibility::Internal,
    };
    history.profiles.insert(at("2026-01-02T11:00"), profile);
    history.tags.insert("v1".into(), day("2026-01-02"));
    let (given, still) = (4, 3);
    history
        .stars
        .days
        .insert(day("2026-01-02"), StarDay { given, still });
    let begin = DayRange::new(Day::MIN, day("2026-01-09")).unwrap();
    history.stars.read.put(begin, at("2026-01-09T12:00"));
    let release = ReleaseFacts {
        seen_at: at("2026-01-02T11:00"),
        tag: "v1".into(),
        name: None,
        published_at: None,
        is_prerelease: true,
        gone_since: Some(at("2026-02-02T11:00")),
    };
    history.releases.insert(11, release);
    let asset = AssetFacts {
        release: 11,
        name: "tool.zip".into(),
        size: 99,
        created_at: Some(at("2026-01-02T11:00")),
        gone_since: None,
    };
    history.assets.insert(12, asset);
    let downloads = DayRange::new(day("2025-11-20"), day("2026-01-02")).unwrap();
    history.downloads.entry(12).or_default().put(downloads, 40);
    let note = (day("2026-01-02"), "on the \\ front page".parse().unwrap());
    history.notes.insert(note, at("2026-01-03T11:00"));
    history.workflow_days.insert(day("2026-01-02"), 0);
    history.totals.insert((Tally::Stars, day("2026-01-02")), 40);
    history.totals.insert((Tally::Forks, day("2026-01-03")), 2);
}

fn house() -> House {
    let mut house = House::default();
    for rule in ["octo/*", "!fork", "octo/alpha"] {
        house.add_rule(&rule.parse().unwrap());
    }
    house.bindings.insert(("octo/alpha".into(), RepoId(7)));
    let group = house.add_group(&"Web team".parse().unwrap());
    let rule = GroupRule::new("octo/alpha".parse().unwrap(), Some(RepoId(7))).unwrap();
    group.add(rule.pattern(), rule.repo());
    group.add(&"!octo/beta".parse().unwrap(), None);
    house.suspect(Metric::Clones, day("2026-03-01"), at("2026-03-02T09:00"));
    house
}

fn written(folder: &Path) -> Archive {
    let archive = Archive::begin(folder).unwrap();
    archive.write_repo(&everything()).unwrap();
    archive.write_house(&house()).unwrap();
    let name = "Octo/Alpha".parse().unwrap();
    archive
        .write_index(std::iter::once((RepoId(7), &name)))
        .unwrap();
    archive
}

/// All files of a folder with what is in them.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (name, path) in entries(folder).unwrap() {
        if path.is_dir() {
            let inner = files(&path).into_iter();
            found.extend(inner.map(|(inner, text)| (format!("{name}/{inner}"), text)));
        } else {
            found.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
    found
}

#[test]
fn what_is_written_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let archive = written(folder.path());
    assert_eq!(archive.repositories().unwrap(), [RepoId(7)]);
    assert_eq!(archive.read_repo(RepoId(7)).unwrap(), everything());
    assert_eq!(archive.read_house().unwrap(), house());
    let names: Vec<String> = files(folder.path()).into_keys().collect();
    let expected = [
        "7/2025.txt",
        "7/2026.txt",
        "7/repository.txt",
        "gitratra-archive.txt",
        "house.txt",
        "repositories.txt",
    ];
    assert_eq!(names, expected);
}

#[test]
fn a_year_reads_as_facts_by_day() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path());
    let expected = "\
#gitratra_archive 1
2025-11-20\tdownloads\t12\t2025-11-30\t40
2025-12-01\tdownloads\t12\t2025-12-31\t40
2025-12-30\tcounters\t3\t0\t-\t-\t-\t1\t-\t-
2025-12-31\tclones_doubted\t0\t0\t2026-01-05T00:00:00Z\t2026-01-05T00:00:00Z\tcsv\ta\\tb.csv
2025-12-31\tcounters\t3\t0\t-\t-\t-\t1\t-\t-
2025-12-31\tviews\t7\t3\t2026-01-03T09:00:00Z\t2026-01-03T09:00:00Z\tgithub
2025-12-31\tviews\t9\t4\t2026-01-02T09:00:00Z\t2026-01-02T09:00:00Z\tgithub
";
    assert_eq!(files(folder.path())["7/2025.txt"], expected);
}

#[test]
fn lines_in_any_order_and_twice_are_the_same_facts() {
    let folder = tempfile::tempdir().unwrap();
    let archive = written(folder.path());
    for (name, text) in files(folder.path()) {
        let mut lines: Vec<&str> = text.lines().chain(text.lines()).collect();
        lines.reverse();
        fs::write(folder.path().join(name), lines.join("\r\n")).unwrap();
    }
    assert_eq!(archive.read_repo(RepoId(7)).unwrap(), everything());
    assert_eq!(archive.read_house().unwrap(), house());
}

#[test]
fn two_archives_whose_lines_are_put_together_are_joined() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut left = everything();
    let mut right = History::new(RepoId(7));
    right.tell(&[
        told("2026-03-02", Metric::Views, 2, "2026-03-04T20:00"),
        told("2026-03-03", Metric::Views, 1, "2026-03-04T20:00"),
    ]);
    right.reach(
        Endpoint::Views,
        Some(day("2026-03-03")),
        at("2026-03-04T20:00"),
    );
    let archive = Archive::begin(one.path()).unwrap();
    archive.write_repo(&left).unwrap();
    Archive::begin(other.path())
        .unwrap()
        .write_repo(&right)
        .unwrap();
    for (name, text) in files(other.path()) {
        let path = one.path().join(&name);
        let own = fs::read_to_string(&path).unwrap_or_default();
        fs::write(path, own + &text).unwrap();
    }
    left.join(&right);
    assert_eq!(archive.read_repo(RepoId(7)).unwrap(), left);
}

#[test]
fn what_did_not_change_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let archive = written(folder.path());
    let again = archive.write_repo(&everything()).unwrap();
    assert_eq!((again.written, again.unchanged, again.removed), (0, 3, 0));
    let before = files(folder.path());
    let mut history = everything();
    history.tell(&[told("2026-03-03", Metric::Views, 1, "2026-03-04T20:00")]);
    let again = archive.write_repo(&history).unwrap();
    assert_eq!((again.written, again.unchanged), (1, 2));
    let after = files(folder.path());
    let new: Vec<&str> = after["7/2026.txt"]
        .lines()
        .filter(|line| !before["7/2026.txt"].contains(line))
        .collect();
    assert_eq!(new.len(), 1, "a new day is a new line: {new:?}");
    let lost = before["7/2026.txt"].lines();
    assert!(
        lost.into_iter()
            .all(|line| after["7/2026.txt"].contains(line))
    );
}

#[test]
fn only_files_of_ours_are_removed_or_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let archive = written(folder.path());
    let path = |name: &str| folder.path().join(name);
    fs::write(path("7/1999.txt"), "my own notes").unwrap();
    fs::write(path("7/2019.txt"), format!("{HEADER}\n")).unwrap();
    assert_eq!(archive.write_repo(&everything()).unwrap().removed, 1);
    assert!(path("7/1999.txt").exists() && !path("7/2019.txt").exists());
    assert_eq!(archive.remove_repo(RepoId(7)).unwrap().removed, 3);
    assert_eq!(
        fs::read_to_string(path("7/1999.txt")).unwrap(),
        "my own notes"
    );
    assert_eq!(archive.repositories().unwrap(), []);
    fs::write(path("house.txt"), "my house").unwrap();
    let error = archive.write_house(&house()).unwrap_err();
    assert!(error.to_string().contains("not ours"), "{error}");
    assert_eq!(fs::read_to_string(path("house.txt")).unwrap(), "my house");
}

/// Reads a year with one more line.
fn refused(line: &str, expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    let archive = written(folder.path());
    let path = folder.path().join("7/2025.txt");
    fs::write(&path, format!("{HEADER}\n{line}\n")).unwrap();
    let error = archive.read_repo(RepoId(7)).unwrap_err().to_string();
    let place = format!("\"{}\" line 2, column ", path.display());
    let told = error.strip_prefix(&place);
    assert_eq!(told, Some(expected), "{error}");
}

#[test]
fn what_is_no_fact_is_told_with_its_place() {
    refused(
        "2025-02-30\tviews",
        "1: \"2025-02-30\" is not a day as YYYY-MM-DD, expected a day as YYYY-MM-DD",
    );
    refused(
        "2025-02-01\thits\t3",
        "12: \"hits\" is nothing that a day has, expected a fact that this program knows",
    );
    refused(
        "2025-02-01\tviews\t3",
        "19: the line ends, expected uniques in digits",
    );
    refused(
        "2025-02-01\tviews\t3\t4\t-\t-\tgithub",
        "20: \"4\" cannot be: uniques 4 are more than the count 3, expected uniques of at most the count",
    );
    refused(
        "2025-02-01\tviews\t3\t2\t2025-02-02 09:00\tx\tgithub",
        "22: \"2025-02-02 09:00\" is no time, expected a time as 2026-03-01T09:00:00Z",
    );
    refused(
        "2025-02-01\tworkflow_runs\t3\t4",
        "28: \"4\" is too much, expected the end of the line",
    );
    refused(
        "2025-02-01\tworkflow_runs\t+3",
        "26: \"+3\" is no number, expected runs",
    );
    refused(
        "<<<<<<< HEAD",
        "1: \"<<<<<<< HEAD\" is what git leaves of a merge that was not ended, \
         expected facts: keep the lines of both sides, take the markers out",
    );
    refused(
        "#gitratra_archive 2",
        "1: \"#gitratra_archive 2\" is of a newer program, \
         expected \"#gitratra_archive 1\": update gitratra to read it",
    );
}

#[test]
fn a_folder_without_an_archive_and_a_file_without_our_first_line_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let error = Archive::open(folder.path()).unwrap_err();
    assert!(matches!(error, ArchiveError::None { .. }), "{error}");
    let archive = written(folder.path());
    fs::write(folder.path().join("7/2025.txt"), "").unwrap();
    let error = archive.read_repo(RepoId(7)).unwrap_err();
    assert!(
        error.to_string().contains("no file of an archive"),
        "{error}"
    );
}

#[test]
fn a_line_without_an_end_is_read_no_further_than_its_bound() {
    let line = format!(
        "2025-02-01\tnote\t2025-02-02T09:00:00Z\t{}",
        "x".repeat(70_000)
    );
    let folder = tempfile::tempdir().unwrap();
    let archive = written(folder.path());
    fs::write(
        folder.path().join("7/2025.txt"),
        format!("{HEADER}\n{line}"),
    )
    .unwrap();
    let error = archive.read_repo(RepoId(7)).unwrap_err();
    assert!(error.to_string().contains("too long"), "{error}");
}
