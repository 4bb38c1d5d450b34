//! The original tool's text and our own export.

use gitratra_core::import::Kind;

use super::{check, left_out, refused, told_of};

#[test]
fn the_original_text_names_repositories_as_it_spells_them() {
    check(
        Kind::Gitratra,
        "gitratra",
        &[
            "alpha clones 2019-10-01 12/3",
            "alpha views 2019-10-01 90/14",
            "alpha views 2019-10-02 0/0",
            "octo/gone@7 views 2019-10-01 1/1",
        ],
    );
}

#[test]
fn a_half_written_line_of_the_original_text_is_refused() {
    refused(
        Kind::Gitratra,
        "gitratra_v1\n>a\n#views\n2019-10-01 90",
        "out.txt",
        "\"out.txt\" line 4, column 14: the line ends, expected uniques in digits",
    );
}

#[test]
fn our_export_says_the_same_in_all_its_formats() {
    for name in ["daily/daily.csv", "daily/daily.json", "daily/daily.jsonl"] {
        let notes = check(
            Kind::Daily,
            name,
            &[
                "octo/alpha views 2026-01-01 90/14 at 2026-01-02T00:00:00Z",
                "octo/alpha clones 2026-01-01 12/3 at 2026-01-02T00:00:00Z",
                "octo/alpha views 2026-01-02 0/0 at 2026-01-03T00:00:00Z",
                "octo/alpha views 2026-01-07 5/5 at 2026-01-07T23:59:59Z",
                "octo/alpha@7 clones 2026-01-01 1/1 at 2026-01-02T00:00:00Z",
            ],
        );
        left_out(&notes, "suspect");
    }
}

#[test]
fn rows_of_an_export_may_come_in_any_order_of_columns() {
    let text = "state,clones_uniques,clones,views_uniques,views,day,repo\n\
                measured,,,2,3,2026-01-01,octo/a\n";
    let notes = told_of(Kind::Daily, text.as_bytes(), "x.csv").unwrap();
    assert_eq!(
        notes.facts,
        ["octo/a views 2026-01-01 3/2 at 2026-01-02T00:00:00Z"]
    );
}

#[test]
fn a_row_of_an_export_that_cannot_be_is_refused_where_it_stands() {
    let header = "repo,day,views,views_uniques,clones,clones_uniques,state\n";
    refused(
        Kind::Daily,
        format!("{header}octo/a,2026-01-01,3,2,,,sure\n"),
        "x.csv",
        "\"x.csv\" line 2, column 25: \"sure\" is no state, expected measured, partial, suspect, \
         doubted or gap",
    );
    refused(
        Kind::Daily,
        format!("{header}octo a,2026-01-01,3,2,,,gap\n"),
        "x.csv",
        "\"x.csv\" line 2, column 1: \"octo a\" is no repository: a name has only letters, digits, \
         \"-\", \"_\" and \".\", expected owner/name",
    );
    let row = |views: &str| {
        format!(
            "{{\"repo\":\"o/a\",\"day\":\"2026-01-01\",{views},\"clones\":null,\
             \"clones_uniques\":null,\"state\":\"measured\"}}\n"
        )
    };
    let lines = row("\"views\":1,\"views_uniques\":1") + &row("\"views\":1,\"views_uniques\":null");
    let error = told_of(Kind::Daily, lines.as_bytes(), "x.jsonl")
        .err()
        .unwrap();
    let error = error.to_string();
    assert!(error.starts_with("\"x.jsonl\" line 2, column "), "{error}");
    assert!(
        error.contains("views and views_uniques are not both there"),
        "{error}"
    );
}
