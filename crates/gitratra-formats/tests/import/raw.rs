//! Folders of GitHub's own answers.

use std::fs;

use gitratra_core::import::Kind;

use super::{check, left_out, refused, sample, told, told_of};

#[test]
fn an_answer_with_its_time_is_a_reading() {
    let notes = told(Kind::Raw, &sample("raw")).unwrap();
    let name = "agent-lifecycle-toolkit";
    let has = |fact: &str| {
        let fact = format!("{name} {fact}");
        notes.facts.iter().any(|known| known.starts_with(&fact))
    };
    assert!(has("views 2025-12-25 42/11 at 2026-01-08T17:18:15Z"));
    assert!(has("clones 2025-12-25 28/11 at 2026-01-08T17:18:15Z"));
    assert!(has("views window 2026-01-07 133"));
    assert!(has("clones window 2026-01-07 50"));
    assert!(has(
        "referrers window 2026-01-07 at 2026-01-08T17:18:15Z: agenttoolkit.github.io 116/40"
    ));
    // A stale answer: the lists are of the window that the views beside them had.
    let stale = "2026-02-28T02:04:42Z";
    let newest = notes
        .facts
        .iter()
        .filter(|fact| fact.contains(" views ") && fact.ends_with(stale))
        .filter_map(|fact| fact.split(' ').nth(2))
        .max()
        .unwrap();
    assert!(newest < "2026-02-27");
    assert!(has(&format!("paths window {newest} at {stale}")));
}

#[test]
fn the_head_of_an_answer_tells_its_time_and_whether_it_is_one() {
    let notes = check(
        Kind::Raw,
        "raw-heads",
        &[
            "? clones 2026-01-05 2/1 at 2026-01-08T17:18:15Z",
            "? clones 2026-01-06 0/0 at 2026-01-08T17:18:15Z",
            "? clones 2026-01-07 3/2 at 2026-01-08T17:18:15Z",
        ],
    );
    left_out(&notes, "errors");
    left_out(&notes, "time is not known");
}

const VIEWS: &str = r#"{"count":5,"uniques":3,"views":[
  {"timestamp":"2026-01-07T00:00:00Z","count":2,"uniques":1},
  {"timestamp":"2026-01-05T00:00:00Z","count":3,"uniques":2}]}"#;

#[test]
fn without_a_time_rows_are_told_and_lists_are_not() {
    let notes = told_of(Kind::Raw, VIEWS.as_bytes(), "views.json").unwrap();
    let expected = [
        "? views 2026-01-05 3/2",
        "? views 2026-01-06 0/0",
        "? views 2026-01-07 2/1",
    ];
    assert_eq!(notes.facts, expected);
    let list = r#"[{"referrer":"Google","count":2,"uniques":1}]"#;
    let notes = told_of(Kind::Raw, list.as_bytes(), "referrers.json").unwrap();
    assert!(notes.facts.is_empty());
    left_out(&notes, "time is not known");
}

#[test]
fn weeks_are_not_taken_for_days() {
    let text = VIEWS.replace("01-07T", "01-12T");
    let notes = told_of(Kind::Raw, text.as_bytes(), "views.json").unwrap();
    assert!(notes.facts.is_empty());
    left_out(&notes, "by week");
}

#[test]
fn an_answer_that_is_older_than_its_days_is_refused() {
    refused(
        Kind::Raw,
        VIEWS,
        "views_20260106.json",
        "\"views_20260106.json\" line 1, column 1: day 2026-01-07 is in the future, the answer was \
         made on 2026-01-06, expected one answer and its time",
    );
}

#[test]
fn histories_without_names_are_not_joined() {
    let root = tempfile::tempdir().unwrap();
    let put = |name: &str| {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, VIEWS).unwrap();
    };
    put("octo/alpha/2026-01-08/views.json");
    put("octo/beta/2026-01-08/views.json");
    let notes = told(Kind::Raw, root.path()).unwrap();
    assert_eq!(notes.facts.len(), 6);
    assert_eq!(
        notes.facts[0],
        "octo/alpha? views 2026-01-05 3/2 at 2026-01-08T23:59:59Z"
    );
    assert_eq!(
        notes.facts[3],
        "octo/beta? views 2026-01-05 3/2 at 2026-01-08T23:59:59Z"
    );
    put("first part/views.json");
    put("second part/views.json");
    let error = told(Kind::Raw, root.path()).err().unwrap().to_string();
    assert!(error.contains("--repo OWNER/NAME"), "{error}");
}

#[test]
fn other_files_of_a_folder_are_passed_over_and_a_cut_answer_is_not() {
    let root = tempfile::tempdir().unwrap();
    fs::write(
        root.path().join("package.json"),
        "{\"name\":\"x\",\"count\":1}",
    )
    .unwrap();
    fs::write(root.path().join("notes.md"), "# Notes\n").unwrap();
    let error = told(Kind::Raw, root.path()).err().unwrap().to_string();
    assert!(error.contains("nothing of the kind \"raw\""), "{error}");
    fs::write(root.path().join("views.json"), &VIEWS[..VIEWS.len() - 20]).unwrap();
    let error = told(Kind::Raw, root.path()).err().unwrap().to_string();
    assert!(error.contains("views.json\" line 3, column"), "{error}");
}
