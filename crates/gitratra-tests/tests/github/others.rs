//! Weeks, stars, releases and workflow runs: what is asked, and what answers become.

use gitratra_core::{Metric, ReleasesReading, RepoId, StarHistory};
use gitratra_github::{Answer, Client, Failure, FailureKind, Need, Target};

use crate::server::{DATE_SECS, NO_VIEWS, Reply, Server, repo};

fn seven() -> Target {
    Target::Id(RepoId(7))
}

/// A fresh answer's value and validator.
fn fresh<T>(answer: Answer<T>) -> (T, Option<String>) {
    match answer {
        Answer::Fresh { value, etag, .. } => (value, etag),
        Answer::Unchanged { .. } => panic!("unchanged"),
    }
}

/// A list of so many releases, each with one file.
fn releases(ids: std::ops::Range<u64>) -> String {
    let one = |id| {
        format!(
            r#"{{"id":{id},"tag_name":"v{id}","name":null,"draft":false,"prerelease":false,
                "published_at":"2026-01-02T12:00:00Z","assets":[{{"id":{id},"name":"a",
                "state":"uploaded","size":1,"download_count":{id},"created_at":null}}]}}"#
        )
    };
    let all: Vec<_> = ids.map(one).collect();
    format!("[{}]", all.join(","))
}

async fn read_releases(client: &Client) -> Result<(ReleasesReading, Option<String>), Failure> {
    let answer = client.releases(&repo("o/r"), None).await;
    answer.map(fresh)
}

#[tokio::test]
async fn weeks_are_asked_for_and_may_be_unchanged() {
    let week = r#"{"count":3,"uniques":2,"clones":[
        {"timestamp":"2026-01-05T00:00:00Z","count":3,"uniques":2}]}"#;
    let server =
        Server::in_turn([Reply::ok(week).with("etag", "W/\"1\""), Reply::new(304, "")]).await;
    let client = server.client();
    let answer = client.traffic_by_week(&seven(), Metric::Clones, None).await;
    let (reading, etag) = fresh(answer.unwrap());
    assert_eq!(reading.rows.len(), 1);
    assert_eq!(reading.read_at.as_second(), DATE_SECS);
    let answer = client
        .traffic_by_week(&seven(), Metric::Clones, etag.as_deref())
        .await;
    assert!(matches!(answer.unwrap(), Answer::Unchanged { .. }));
    assert_eq!(server.seen()[1].header("if-none-match"), Some("W/\"1\""));
    assert_eq!(
        server.paths(),
        ["/repositories/7/traffic/clones?per=week"; 2]
    );
}

#[tokio::test]
async fn a_full_page_of_stars_does_not_reach_back_and_a_shorter_one_does() {
    for (weeks, reaches_back) in [(0, true), (29, true), (30, false)] {
        let one = |n: i64| {
            let week = 1_767_484_800 - n * 7 * 86_400;
            format!(r#"{{"week":{week},"total":1,"days":[0,0,0,1,0,0,0]}}"#)
        };
        let all: Vec<_> = (0..weeks).map(one).collect();
        let body = format!("[{}]", all.join(","));
        let server = Server::always(Reply::ok(body).with("etag", "\"s\"")).await;
        let answer = server.client().star_history(&repo("o/r"), 2, None).await;
        let (page, etag) = fresh(answer.unwrap());
        assert_eq!(page.reaches_back, reaches_back, "{weeks}");
        assert_eq!(page.history.weeks.len(), usize::try_from(weeks).unwrap());
        assert_eq!(etag.as_deref(), Some("\"s\""));
        let path = format!(
            "/repos/o/r/stargazers/history?per_page={}&page=2",
            StarHistory::PAGE
        );
        assert_eq!(server.paths(), [path]);
    }
}

#[tokio::test]
async fn a_server_without_a_history_of_stars_says_that_there_is_none() {
    let server = Server::always(Reply::refusal(404, "Not Found")).await;
    let answer = server.client().star_history(&repo("o/r"), 1, None).await;
    let failure = answer.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert!(failure.action().contains("no history of stars"));
    assert_eq!(
        failure.to_string(),
        "cannot read stars of \"o/r\": 404 Not Found"
    );
    // The list of persons is no way out.
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn releases_of_one_page_keep_its_validator() {
    let server = Server::in_turn([
        Reply::ok(releases(1..100)).with("etag", "\"r\""),
        Reply::new(304, ""),
    ])
    .await;
    let client = server.client();
    let (reading, etag) = read_releases(&client).await.unwrap();
    assert_eq!((reading.releases.len(), reading.is_whole), (99, true));
    assert_eq!(etag.as_deref(), Some("\"r\""));
    let answer = client.releases(&repo("o/r"), etag.as_deref()).await;
    assert!(matches!(answer.unwrap(), Answer::Unchanged { .. }));
    assert_eq!(server.paths(), ["/repos/o/r/releases?per_page=100"; 2]);
}

#[tokio::test]
async fn a_full_page_has_no_validator_since_a_second_may_follow_unseen() {
    let reply = Reply::ok(releases(1..101)).with("etag", "\"r\"");
    let server = Server::always(reply).await;
    let (reading, etag) = read_releases(&server.client()).await.unwrap();
    assert_eq!((reading.releases.len(), reading.is_whole), (100, true));
    assert_eq!(etag, None);
}

#[tokio::test]
async fn all_pages_of_releases_are_read_and_none_keeps_a_validator() {
    let server = Server::start(|seen| match seen.path.contains("page=2") {
        true => Reply::ok(releases(100..150)).with("etag", "\"2\""),
        false => Reply::ok(releases(1..101))
            .with("etag", "\"1\"")
            .with("link", "</repositories/7/releases?page=2>; rel=\"next\""),
    })
    .await;
    let (reading, etag) = read_releases(&server.client()).await.unwrap();
    let ids: Vec<_> = reading.releases.iter().map(|release| release.id).collect();
    assert_eq!(ids, (1..150).collect::<Vec<_>>());
    assert!(reading.is_whole);
    assert_eq!(etag, None);
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[1].header("if-none-match"), None);
}

#[tokio::test]
async fn more_than_ten_pages_of_releases_are_not_whole() {
    let server = Server::start(|seen| {
        let first = 1 + 100 * u64::try_from(seen.before).unwrap();
        let link = format!("</releases?page={}>; rel=\"next\"", seen.before + 2);
        Reply::ok(releases(first..first + 100)).with("link", link)
    })
    .await;
    let (reading, etag) = read_releases(&server.client()).await.unwrap();
    assert_eq!((reading.releases.len(), reading.is_whole), (1000, false));
    assert_eq!((etag, server.seen().len()), (None, 10));
}

#[tokio::test]
async fn releases_that_lead_astray_are_not_read() {
    let other = Server::always(Reply::ok("[]")).await;
    let away = format!("<{}/releases?page=2>; rel=\"next\"", other.url());
    let back = "</repos/o/r/releases?per_page=100>; rel=\"next\"".to_owned();
    for (link, expected) in [(away, "other_host"), (back, "malformed")] {
        let server = Server::always(Reply::ok(releases(1..3)).with("link", link)).await;
        let failure = read_releases(&server.client()).await.unwrap_err();
        assert_eq!(failure.kind.word(), expected);
        assert_eq!(server.seen().len(), 1);
    }
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn a_list_of_releases_that_breaks_off_is_none() {
    let server = Server::start(|seen| match seen.path.contains("page=2") {
        true => Reply::refusal(404, "Not Found"),
        false => Reply::ok(releases(1..101)).with("link", "</x?page=2>; rel=\"next\""),
    })
    .await;
    let failure = read_releases(&server.client()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
}

#[tokio::test]
async fn runs_of_a_day_are_one_number() {
    let body = r#"{"total_count":12,"workflow_runs":[{"id":1,"actor":{"login":"x"}}]}"#;
    let server = Server::always(Reply::ok(body)).await;
    let day = "2026-01-07".parse().unwrap();
    let (runs, at) = server.client().workflow_runs(&seven(), day).await.unwrap();
    assert_eq!((runs, at.as_second()), (12, DATE_SECS));
    let path = "/repositories/7/actions/runs?created=2026-01-07..2026-01-07&per_page=1";
    assert_eq!(server.paths(), [path]);
}

#[tokio::test]
async fn a_missing_permission_is_named_for_each_question() {
    let words = "Resource not accessible by personal access token";
    for (reply, expected) in [
        (Reply::refusal(403, words), "Actions (read)"),
        (
            Reply::refusal(403, words).with("x-accepted-github-permissions", "metadata=read"),
            "Metadata (read)",
        ),
    ] {
        let server = Server::always(reply).await;
        let day = "2026-01-07".parse().unwrap();
        let failure = server.client().workflow_runs(&repo("o/r"), day).await;
        let failure = failure.unwrap_err();
        let need = FailureKind::Forbidden(Need::Permission(expected.to_owned()));
        assert_eq!(failure.kind, need);
        assert!(
            failure.action().ends_with(expected),
            "no push access is needed"
        );
        let words = failure.to_string();
        assert!(words.starts_with("cannot read workflow runs of \"o/r\""));
    }
}

#[tokio::test]
async fn a_bad_answer_fails_its_own_question_only() {
    for body in [
        "<html>Unicorn</html>",
        "{\"count\":-1}",
        "[7]",
        "\"x\"",
        "7",
    ] {
        let server = Server::start(move |seen| match seen.path.ends_with("/traffic/views") {
            true => Reply::ok(NO_VIEWS),
            false => Reply::ok(body),
        })
        .await;
        let client = server.client();
        let target = repo("o/r");
        let day = "2026-01-07".parse().unwrap();
        let kinds = [
            client
                .traffic_by_week(&target, Metric::Views, None)
                .await
                .err(),
            client.star_history(&target, 1, None).await.err(),
            client.releases(&target, None).await.err(),
            client.workflow_runs(&target, day).await.err(),
            client
                .counters_of(&[(RepoId(7), "R_7".to_owned())])
                .await
                .err(),
        ]
        .map(|failure| failure.map(|failure| failure.kind));
        assert_eq!(kinds, [const { Some(FailureKind::Malformed) }; 5], "{body}");
        client.traffic(&target, Metric::Views, None).await.unwrap();
    }
}
