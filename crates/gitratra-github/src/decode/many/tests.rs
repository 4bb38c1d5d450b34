//! Which GraphQL answers are answers, and what of them is kept.

use super::*;

const NOW: &str = "2026-01-08T17:18:15Z";

const NODE: &str = r#"{"databaseId":7,"stargazerCount":80,"forkCount":9,
    "watchers":{"totalCount":42},"issues":{"totalCount":5},"pullRequests":{"totalCount":2},
    "releases":{"totalCount":3},"diskUsage":108,"isArchived":false,"visibility":"PUBLIC",
    "description":"Tool\u0007 ","primaryLanguage":{"name":"Rust"},
    "licenseInfo":{"spdxId":"MIT"},
    "repositoryTopics":{"nodes":[{"topic":{"name":"b"}},{"topic":{"name":"a"}},{"topic":null}]},
    "refs":{"nodes":[
        {"name":"v2","target":{"__typename":"Tag","tagger":{"date":"2026-01-03T01:00:00+02:00"},
            "target":{"committedDate":"2025-12-01T00:00:00Z"}}},
        {"name":"v1","target":{"__typename":"Commit","committedDate":"2026-01-01T10:00:00Z"}}]}}"#;

fn at() -> Timestamp {
    NOW.parse().unwrap()
}

fn answer(nodes: &str, errors: &str) -> String {
    format!(r#"{{"data":{{"nodes":[{nodes}],"rateLimit":{{"cost":4}}}}{errors}}}"#)
}

fn read(nodes: &str) -> Many {
    many(answer(nodes, "").as_bytes(), at()).unwrap()
}

/// The one repository of an answer whose text was changed.
fn changed(from: &str, to: &str) -> Option<CountersReading> {
    assert!(NODE.contains(from), "{from}");
    read(&NODE.replace(from, to)).readings.pop()
}

fn tags(refs: &str) -> Vec<(String, String)> {
    let start = NODE.find(r#""refs""#).unwrap();
    let node = format!(r#"{}"refs":{{"nodes":[{refs}]}}}}"#, &NODE[..start]);
    let reading = read(&node).readings.pop().unwrap();
    let tags = reading.tags.unwrap().into_iter();
    tags.map(|tag| (tag.name, tag.day.to_string())).collect()
}

#[test]
fn a_repository_is_counted_with_issues_and_pull_requests_apart() {
    let found = read(NODE);
    let expected = CountersReading {
        repo: RepoId(7),
        read_at: at(),
        counters: Counters {
            stars: 80,
            forks: 9,
            watchers: Some(42),
            open_issues: Some(5),
            open_pulls: Some(2),
            open_both: None,
            size_kib: Some(108),
            releases: Some(3),
        },
        profile: Profile {
            description: Some("Tool\u{fffd}".to_owned()),
            language: Some("Rust".to_owned()),
            licence: Some("MIT".to_owned()),
            topics: vec!["a".to_owned(), "b".to_owned()],
            is_archived: false,
            visibility: Visibility::Public,
        },
        tags: Some(vec![
            Tag {
                day: "2026-01-01".parse().unwrap(),
                name: "v1".to_owned(),
            },
            Tag {
                day: "2026-01-02".parse().unwrap(),
                name: "v2".to_owned(),
            },
        ]),
    };
    assert_eq!(found.readings, [expected]);
    assert_eq!((found.is_partial, found.cost), (false, Some(4)));
}

#[test]
fn one_that_cannot_be_costs_the_others_nothing() {
    let second = NODE.replace("\"databaseId\":7", "\"databaseId\":8");
    for (from, to) in [
        ("\"databaseId\":7", "\"databaseId\":0"),
        ("\"databaseId\":7", "\"databaseId\":null"),
        ("\"databaseId\":7", "\"databaseId\":9223372036854775808"),
        ("\"stargazerCount\":80", "\"stargazerCount\":-80"),
        ("\"stargazerCount\":80", "\"stargazerCount\":1000000000000"),
        ("\"forkCount\":9", "\"forkCount\":\"9\""),
        ("\"isArchived\":false", "\"isArchived\":null"),
        // What nobody knows to be public must not be taken for it.
        ("\"PUBLIC\"", "\"SECRET\""),
        ("\"PUBLIC\"", "null"),
    ] {
        let first = NODE.replace(from, to);
        let found = read(&format!("{first},{second}"));
        let repos: Vec<_> = found.readings.iter().map(|it| it.repo.0).collect();
        assert_eq!((repos, found.is_partial), (vec![8], true), "{to}");
    }
    for odd in ["{}", "[]", "7", "\"x\""] {
        let found = read(&format!("{odd},{second}"));
        assert_eq!((found.readings.len(), found.is_partial), (1, true), "{odd}");
    }
}

#[test]
fn what_is_beside_is_left_out_where_it_cannot_be() {
    let reading = changed(r#""watchers":{"totalCount":42}"#, r#""watchers":null"#).unwrap();
    assert_eq!(reading.counters.watchers, None);
    let reading = changed(
        r#""issues":{"totalCount":5}"#,
        r#""issues":{"totalCount":-5}"#,
    );
    assert_eq!(reading.unwrap().counters.open_issues, None);
    let reading = changed(r#"{"name":"Rust"}"#, "null").unwrap();
    assert_eq!(reading.profile.language, None);
    let reading = changed("\"diskUsage\":108", "\"diskUsage\":null").unwrap();
    assert_eq!(reading.counters.size_kib, None);
    let reading = changed("\"refs\":", "\"other\":").unwrap();
    assert_eq!(reading.tags, None, "nothing was said of tags");
}

#[test]
fn a_tag_has_the_day_of_the_tag_or_of_its_commit_and_never_one_to_come() {
    let nested = |tagger: &str| {
        tags(&format!(
            r#"{{"name":"v1","target":{{"__typename":"Tag","tagger":{tagger},
                "target":{{"committedDate":"2025-12-01T00:00:00Z"}}}}}}"#
        ))
    };
    let on = |day: &str| vec![("v1".to_owned(), day.to_owned())];
    assert_eq!(
        nested(r#"{"date":"2026-01-05T00:00:00Z"}"#),
        on("2026-01-05")
    );
    assert_eq!(nested("null"), on("2025-12-01"));
    assert_eq!(
        nested(r#"{"date":"2099-01-05T00:00:00Z"}"#),
        on("2025-12-01")
    );
    assert_eq!(
        nested(r#"{"date":"1960-01-05T00:00:00Z"}"#),
        on("2025-12-01")
    );
    for none in [
        "null",
        "{}",
        r#"{"name":"v1","target":null}"#,
        r#"{"name":"v1","target":{"committedDate":"soon"}}"#,
        r#"{"name":"","target":{"committedDate":"2025-12-01T00:00:00Z"}}"#,
    ] {
        assert_eq!(tags(none), [], "{none}");
    }
    let one = |n: usize| {
        format!(r#"{{"name":"v{n}","target":{{"committedDate":"2025-12-01T00:00:00Z"}}}}"#)
    };
    let many: Vec<_> = (0..50).map(one).collect();
    assert_eq!(tags(&many.join(",")).len(), TAGS);
    assert_eq!(tags(&format!("{},{}", one(1), one(1))).len(), 1);
}

#[test]
fn only_other_errors_than_absence_make_an_answer_partial() {
    let absent = r#","errors":[{"type":"NOT_FOUND","message":"Could not resolve to a node"}]"#;
    let body = answer(&format!("null,{NODE}"), absent);
    let found = many(body.as_bytes(), at()).unwrap();
    assert_eq!((found.readings.len(), found.is_partial), (1, false));
    assert_eq!(query_error(body.as_bytes()), None);
    for grave in [
        r#","errors":[{"type":"RESOURCE_LIMITS_EXCEEDED","message":"x"}]"#,
        r#","errors":[{"type":"NOT_FOUND"},{"message":"Something went wrong"}]"#,
    ] {
        let body = answer(&format!("null,{NODE}"), grave);
        let found = many(body.as_bytes(), at()).unwrap();
        assert_eq!((found.readings.len(), found.is_partial), (1, true));
        assert_eq!(query_error(body.as_bytes()), None, "something is there");
    }
    let body = answer("null,null", absent);
    assert_eq!(query_error(body.as_bytes()), None);
    let found = many(body.as_bytes(), at()).unwrap();
    assert_eq!((found.readings.len(), found.is_partial), (0, false));
}

#[test]
fn an_answer_of_nothing_but_errors_is_its_error() {
    let limit = r#"{"type":"RATE_LIMITED","message":"API rate limit exceeded for user ID 1"}"#;
    for body in [
        format!(r#"{{"errors":[{limit}]}}"#),
        format!(r#"{{"data":null,"errors":[{limit}]}}"#),
        answer(
            "null",
            &format!(r#","errors":[{{"type":"NOT_FOUND"}},{limit}]"#),
        ),
    ] {
        let error = query_error(body.as_bytes()).unwrap();
        assert_eq!(error.word, "RATE_LIMITED", "{body}");
        assert!(error.message.starts_with("API rate limit"));
    }
    let odd = query_error(br#"{"errors":[{"type":7}]}"#).unwrap();
    assert_eq!((&*odd.word, &*odd.message), ("", ""));
}

#[test]
fn what_is_no_answer_is_refused() {
    for (body, expected) in [
        ("{}", "missing field `data.nodes`"),
        (r#"{"data":{}}"#, "missing field `data.nodes`"),
        (r#"{"data":{"nodes":{}}}"#, "expected a sequence"),
        (r#"{"data":[]}"#, "expected an object"),
        (
            r#"{"data":{"nodes":[]},"errors":{}}"#,
            "expected a sequence",
        ),
        ("<html>", "HTML"),
        ("[]", "expected an object"),
    ] {
        match many(body.as_bytes(), at()) {
            Err(Bad::Wrong(what)) => assert!(what.contains(expected), "{what}"),
            found => panic!("{body} gives {found:?}"),
        }
        assert_eq!(query_error(body.as_bytes()), None, "{body}");
    }
    let whole = answer(NODE, "");
    for cut in 1..whole.len() {
        let found = many(&whole.as_bytes()[..cut], at());
        assert_eq!(found, Err(Bad::CutShort), "cut at {cut}");
    }
}
