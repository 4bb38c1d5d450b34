//! Which bodies are answers and which are not.

use super::*;
use proptest::prelude::*;

const NOW: &str = "2026-01-08T17:18:15Z";
const VIEWS: &[u8] = include_bytes!("../../tests/data/views.json");
const PATHS: &[u8] = include_bytes!("../../tests/data/paths.json");

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// Decodes views and compares what is wrong with them; an empty text expects a reading.
fn check_views(body: &str, expected: &str) {
    let found = traffic(Metric::Views, body.as_bytes(), now());
    check(body, found.map(|_| ()), expected);
}

fn check(body: &str, found: Result<(), Bad>, expected: &str) {
    match (found, expected) {
        (Ok(()), "") => {}
        (Err(Bad::CutShort), "cut short") => {}
        (Err(Bad::Wrong(what)), part) if !part.is_empty() && what.contains(part) => {}
        (found, _) => panic!("{body} gives {found:?} and not {expected:?}"),
    }
}

fn row(timestamp: &str, count: &str, uniques: &str) -> String {
    format!(
        r#"{{"count":5,"uniques":3,"views":[{{"timestamp":"{timestamp}","count":{count},"uniques":{uniques}}}]}}"#
    )
}

#[test]
fn a_real_answer_about_views_is_read_whole() {
    let reading = traffic(Metric::Views, VIEWS, now()).unwrap();
    assert_eq!(reading.rows().len(), 14);
    assert_eq!(reading.total(), Count::new(577, 133).unwrap());
    let (day, count) = reading.rows()[13];
    assert_eq!(day.to_string(), "2026-01-07");
    assert_eq!(count, Count::new(97, 23).unwrap());
    assert_eq!(reading.read_at(), now());
}

#[test]
fn a_real_answer_about_paths_is_read_whole() {
    let reading = ranked(Ranking::Paths, PATHS, now()).unwrap();
    assert_eq!(reading.lines.len(), 10);
    let first = &reading.lines[0];
    assert_eq!(first.name, "/AgentToolkit/agent-lifecycle-toolkit");
    assert_eq!(first.total, Rolling(Count::new(212, 107).unwrap()));
    assert!(first.title.as_deref().unwrap().starts_with("GitHub - "));
}

#[test]
fn every_real_answer_cut_anywhere_is_cut_short() {
    for cut in 1..VIEWS.trim_ascii_end().len() {
        let found = traffic(Metric::Views, &VIEWS[..cut], now());
        assert_eq!(found, Err(Bad::CutShort), "cut at {cut}");
    }
}

#[test]
fn good_answers_are_taken() {
    check_views(&row("2026-01-07T00:00:00Z", "5", "3"), "");
    check_views(&row("2026-01-08T00:00:00Z", "5", "3"), "");
    check_views(&row("2026-01-07T00:00:00Z", "0", "0"), "");
    check_views(r#"{"count":0,"uniques":0,"views":[]}"#, "");
    check_views(
        r#" {"new":{"a":[1]},"count":0,"uniques":0,"views":[],"views_by_hour":null} "#,
        "",
    );
}

#[test]
fn numbers_that_cannot_be_are_refused() {
    let day = "2026-01-07T00:00:00Z";
    check_views(&row(day, "-1", "0"), "invalid value: integer `-1`");
    check_views(&row(day, "5", "-3"), "invalid value: integer `-3`");
    check_views(&row(day, "5.0", "3"), "invalid type: floating point `5.0`");
    check_views(&row(day, "5e0", "3"), "invalid type: floating point");
    check_views(&row(day, "\"5\"", "3"), "invalid type: string \"5\"");
    check_views(&row(day, "null", "3"), "invalid type: null");
    check_views(&row(day, "true", "3"), "invalid type: boolean");
    check_views(&row(day, "[5]", "3"), "invalid type: sequence");
    check_views(&row(day, "2", "3"), "uniques 3 are more than the count 2");
    check_views(&row(day, "1000000000000", "3"), "is absurd");
    check_views(&row(day, "99999999999999999999", "3"), "floating point");
    check_views(
        r#"{"count":2,"uniques":3,"views":[]}"#,
        "the total: uniques 3 are more",
    );
    check_views(
        r#"{"count":1000000000000,"uniques":3,"views":[]}"#,
        "the total: count 1000000000000 is absurd",
    );
    check_views(
        r#"{"count":-5,"uniques":0,"views":[]}"#,
        "invalid value: integer `-5`",
    );
}

#[test]
fn days_that_cannot_be_are_refused() {
    let one = |timestamp| row(timestamp, "5", "3");
    check_views(&one("2026-01-07T00:00:01Z"), "is not midnight UTC");
    check_views(&one("2026-01-07T12:00:00Z"), "is not midnight UTC");
    check_views(&one("2026-01-07T00:00:00+02:00"), "is not midnight UTC");
    check_views(&one("2026-01-07T00:00:00.5Z"), "is not midnight UTC");
    check_views(&one("1969-12-31T00:00:00Z"), "is not midnight UTC");
    check_views(&one("2026-01-09T00:00:00Z"), "is in the future");
    check_views(&one("2026-01-32T00:00:00Z"), "is no time");
    check_views(&one("2026-01-07"), "is no time");
    check_views(&one("yesterday"), "is no time");
    check_views(
        r#"{"count":5,"uniques":3,"views":[
            {"timestamp":"2026-01-07T00:00:00Z","count":1,"uniques":1},
            {"timestamp":"2026-01-07T00:00:00Z","count":2,"uniques":1}]}"#,
        "is there twice",
    );
    check_views(
        r#"{"count":5,"uniques":3,"views":[
            {"timestamp":"2025-11-07T00:00:00Z","count":1,"uniques":1},
            {"timestamp":"2026-01-07T00:00:00Z","count":2,"uniques":1}]}"#,
        "more than GitHub keeps",
    );
}

#[test]
fn missing_and_misplaced_fields_are_refused() {
    check_views(r#"{"uniques":0,"views":[]}"#, "missing field `count`");
    check_views(r#"{"count":0,"views":[]}"#, "missing field `uniques`");
    check_views(r#"{"count":0,"uniques":0}"#, "missing field `views`");
    check_views(
        r#"{"count":0,"uniques":0,"clones":[]}"#,
        "missing field `views`",
    );
    check_views(
        r#"{"count":0,"uniques":0,"views":[{"count":1,"uniques":1}]}"#,
        "missing field `timestamp` at line 1 column",
    );
    check_views(r#"{"count":0,"uniques":0,"views":null}"#, "invalid type");
    check_views(r#"{"count":0,"uniques":0,"views":{}}"#, "invalid type");
    check_views(
        r#"{"count":1,"count":0,"uniques":0,"views":[]}"#,
        "duplicate field",
    );
    check_views(r#"{"message":"Not Found"}"#, "missing field");
    check_views("[]", "expected an object");
    check_views("[5,3,[]]", "expected an object");
    check_views(
        r#"{"count":5,"uniques":3,"views":[["2026-01-07T00:00:00Z",5,3]]}"#,
        "expected an object",
    );
    check_views("{}", "missing field `count`");
    check_views("null", "expected an object");
}

#[test]
fn what_is_no_json_is_refused() {
    check_views("<!DOCTYPE html><html></html>", "HTML");
    check_views("  <html>", "HTML");
    check_views("Unicorn!", "expected value at line 1 column 1");
    check_views("", "cut short");
    check_views(" \n", "cut short");
    check_views(r#"{"count":0,"uniques":0,"views":[]} x"#, "trailing");
    let latin1 = b"[{\"referrer\":\"caf\xe9\",\"count\":1,\"uniques\":1}]";
    assert!(ranked(Ranking::Referrers, latin1, now()).is_err());
}

#[test]
fn a_message_shows_only_a_short_excerpt() {
    let long = "x".repeat(100_000);
    for body in [
        row(&long, "5", "3"),
        row("2026-01-07T00:00:00Z", &format!("\"{long}\""), "3"),
    ] {
        let Err(Bad::Wrong(what)) = traffic(Metric::Views, body.as_bytes(), now()) else {
            panic!("taken");
        };
        assert!(what.chars().count() < 250, "{what}");
    }
}

fn check_ranked(ranking: Ranking, body: &str, expected: &str) {
    let found = ranked(ranking, body.as_bytes(), now());
    check(body, found.map(|_| ()), expected);
}

#[test]
fn ranked_lists_need_names_and_numbers() {
    use Ranking::{Paths, Referrers};
    check_ranked(Referrers, "[]", "");
    check_ranked(
        Referrers,
        r#"[{"referrer":"Google","count":4,"uniques":3}]"#,
        "",
    );
    check_ranked(Paths, r#"[{"path":"/o/r","count":4,"uniques":3}]"#, "");
    check_ranked(
        Paths,
        r#"[{"path":"/o/r","title":null,"count":4,"uniques":3}]"#,
        "",
    );
    check_ranked(Paths, "{}", "invalid type: map, expected a sequence");
    check_ranked(Paths, "[[\"/o/r\",null,4,3]]", "expected an object");
    check_ranked(
        Paths,
        r#"[{"referrer":"Google","count":4,"uniques":3}]"#,
        "missing field `path`",
    );
    check_ranked(
        Referrers,
        r#"[{"referrer":"Google","count":4}]"#,
        "missing field `uniques`",
    );
    check_ranked(
        Referrers,
        r#"[{"referrer":7,"count":4,"uniques":3}]"#,
        "invalid type",
    );
    check_ranked(
        Referrers,
        r#"[{"referrer":"Google","count":3,"uniques":4}]"#,
        "\"Google\": uniques 4 are more than the count 3",
    );
    let twice = r#"{"referrer":"Google","count":4,"uniques":3}"#;
    check_ranked(
        Referrers,
        &format!("[{twice},{twice}]"),
        "\"Google\" is there twice",
    );
}

#[test]
fn a_name_that_is_too_long_is_shortened_and_the_rest_is_kept() {
    let line = |name: &str, n| format!(r#"{{"path":"{name}","count":{n},"uniques":{n}}}"#);
    let long = format!("/o/r/{}", "ü".repeat(5000));
    let lines = [
        line(&format!("{long}/a"), 4),
        line("/o/r", 9),
        line(&format!("{long}/b"), 6),
        line(&format!("{long}/c"), 5),
    ];
    let body = format!("[{}]", lines.join(","));
    let reading = ranked(Ranking::Paths, body.as_bytes(), now()).unwrap();
    let name = format!("/o/r/{}…", "ü".repeat(996));
    assert_eq!(name.len(), LONGEST_NAME);
    let found: Vec<_> = reading
        .lines
        .iter()
        .map(|line| (&*line.name, line.total.0.count()))
        .collect();
    assert_eq!(found, [(&*name, 6), ("/o/r", 9)]);
    let whole = "x".repeat(LONGEST_NAME);
    let body = format!(r#"[{{"path":"{whole}","title":"{whole}x","count":1,"uniques":1}}]"#);
    let reading = ranked(Ranking::Paths, body.as_bytes(), now()).unwrap();
    assert_eq!(reading.lines[0].name, whole);
    let title = reading.lines[0].title.as_deref().unwrap();
    assert_eq!(title, format!("{}…", "x".repeat(LONGEST_NAME - 3)));
}

#[test]
fn no_more_than_a_hundred_lines_are_kept() {
    let lines: Vec<_> = (0..150)
        .map(|n| format!(r#"{{"path":"/o/r/{n}","count":1,"uniques":1}}"#))
        .collect();
    let body = format!("[{}]", lines.join(","));
    let reading = ranked(Ranking::Paths, body.as_bytes(), now()).unwrap();
    assert_eq!(reading.lines.len(), 100);
}

#[test]
fn names_keep_case_and_lose_control_characters() {
    let body =
        r#"[{"path":"/O/r","count":2,"uniques":1},{"path":"/o/r\u0000","count":1,"uniques":1}]"#;
    let reading = ranked(Ranking::Paths, body.as_bytes(), now()).unwrap();
    let names: Vec<_> = reading.lines.iter().map(|line| &*line.name).collect();
    assert_eq!(names, ["/O/r", "/o/r\u{fffd}"]);
}

const REPOSITORY: &str = r#"{"id":1296269,"node_id":"R_x","name":"Alpha","full_name":"octo/Alpha",
    "owner":{"login":"octo"},"private":true,"fork":false,"archived":true,
    "permissions":{"admin":false,"push":true,"pull":true}}"#;

#[test]
fn a_repository_is_what_github_says() {
    let found = repository(REPOSITORY.as_bytes()).unwrap();
    let expected = Repository {
        id: RepoId(1_296_269),
        node_id: Some("R_x".to_owned()),
        name: "octo/Alpha".parse().unwrap(),
        is_private: true,
        is_fork: false,
        is_archived: true,
        can_push: Some(true),
    };
    assert_eq!(found, expected);
    assert_eq!(found.name.to_string(), "octo/Alpha");
}

#[test]
fn what_decides_about_privacy_must_be_there() {
    let without = |field: &str| REPOSITORY.replace(&format!("\"{field}\""), "\"other\"");
    for field in ["id", "full_name", "private", "fork"] {
        let found = repository(without(field).as_bytes());
        check(
            field,
            found.map(|_| ()),
            &format!("missing field `{field}`"),
        );
    }
    for field in ["node_id", "archived", "permissions"] {
        assert!(repository(without(field).as_bytes()).is_ok(), "{field}");
    }
    for (from, to) in [
        ("1296269", "0"),
        ("1296269", "18446744073709551615"),
        ("octo/Alpha", "../etc"),
        ("octo/Alpha", "octo"),
        ("true,\"fork\"", "\"yes\",\"fork\""),
    ] {
        let body = REPOSITORY.replace(from, to);
        assert!(repository(body.as_bytes()).is_err(), "{body}");
    }
}

#[test]
fn pages_are_lists_or_an_installations_object() {
    let list = format!("[{REPOSITORY}]");
    let object = format!(
        r#"{{"total_count":1,"repository_selection":"all","repositories":[{REPOSITORY}]}}"#
    );
    for body in [list, object] {
        assert_eq!(page(body.as_bytes()).unwrap().len(), 1);
    }
    assert_eq!(page(b""), Ok(vec![]));
    assert_eq!(page(b"[]"), Ok(vec![]));
    assert!(page(b"{}").is_err());
    assert_eq!(page(b"[{"), Err(Bad::CutShort));
}

#[test]
fn the_limit_is_that_of_core() {
    let both =
        br#"{"resources":{"core":{"limit":5000,"used":1,"remaining":4999,"reset":1790000000},
        "search":{"limit":30,"remaining":18,"reset":1790000000}},
        "rate":{"limit":60,"remaining":0,"reset":1790000000}}"#;
    let rate = rate_limit(both).unwrap().unwrap();
    assert_eq!((rate.limit, rate.remaining), (5000, 4999));
    let old = br#"{"rate":{"limit":60,"remaining":0,"reset":1790000000}}"#;
    assert_eq!(rate_limit(old).unwrap().unwrap().limit, 60);
    assert_eq!(rate_limit(b""), Ok(None));
    assert!(rate_limit(b"{}").is_err());
    assert!(rate_limit(br#"{"rate":{"limit":60,"remaining":-1,"reset":1}}"#).is_err());
}

#[test]
fn a_login_is_a_name() {
    assert_eq!(
        login(br#"{"login":"octo-cat","id":1}"#).unwrap(),
        "octo-cat"
    );
    assert_eq!(login(br#"{"login":"octo[bot]"}"#).unwrap(), "octo[bot]");
    assert!(login(br#"{"login":"\u001b[31m"}"#).is_err());
    assert!(login(br#"{"id":1}"#).is_err());
}

/// JSON-like text that reaches deep into the decoders.
fn nearly_json() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"count\"",
        "\"uniques\"",
        "\"views\"",
        "\"timestamp\"",
        "\"path\"",
        "\"2026-01-07T00:00:00Z\"",
        "5",
        "-1",
        "1e400",
        "null",
        "\"\\ud800\"",
        "\"",
        "{\"count\":5,\"uniques\":3,\"views\":[",
        "{\"timestamp\":\"",
        "\"repositories\"",
        "\"week\":1767484800",
        "\"days\":[0,0,0,0,0,0,1]",
        "{\"data\":{\"nodes\":[",
        "\"databaseId\":7",
        "\"errors\"",
        "\"total_count\"",
        "<",
        " ",
    ]);
    prop::collection::vec(token, 0..40).prop_map(|tokens| tokens.concat())
}

fn decode_all(body: &[u8]) {
    let _ = traffic(Metric::Views, body, now());
    let _ = traffic(Metric::Clones, body, now());
    let _ = ranked(Ranking::Paths, body, now());
    let _ = ranked(Ranking::Referrers, body, now());
    let _ = repository(body);
    let _ = page(body);
    let _ = counted_page(body);
    let _ = weeks(Metric::Views, body, now());
    let _ = stars(body, now());
    let _ = releases(body);
    let _ = runs(body);
    let _ = many(body, now());
    let _ = query_error(body);
    let _ = login(body);
    let _ = rate_limit(body);
}

proptest! {
    #[test]
    fn no_bytes_make_a_decoder_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        decode_all(&body);
    }

    #[test]
    fn no_text_makes_a_decoder_panic(body in nearly_json()) {
        decode_all(body.as_bytes());
    }

    #[test]
    fn a_changed_byte_never_panics_and_never_breaks_a_promise(
        at in 0..VIEWS.len(),
        byte in any::<u8>(),
    ) {
        let mut body = VIEWS.to_vec();
        body[at] = byte;
        if let Ok(reading) = traffic(Metric::Views, &body, now()) {
            prop_assert!(reading.rows().iter().all(|(day, _)| *day <= Day::of(now())));
        }
        decode_all(&body);
    }
}
