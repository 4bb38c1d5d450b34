//! Lists of repositories, page by page.

use gitratra_core::select::Owner;
use gitratra_github::{FailureKind, Listing};

use crate::server::{DATE_SECS, Reply, Server};

fn page(ids: std::ops::Range<u64>) -> String {
    let one = |id| format!(r#"{{"id":{id},"full_name":"o/r{id}","private":false,"fork":false}}"#);
    let all: Vec<_> = ids.map(one).collect();
    format!("[{}]", all.join(","))
}

#[tokio::test]
async fn all_pages_are_read_and_nothing_comes_twice() {
    let server = Server::start(|seen| {
        if seen.path.contains("page=3") {
            return Reply::ok(page(199..250));
        }
        let (ids, next) = match seen.path.contains("page=2") {
            true => (99..200, 3),
            false => (1..101, 2),
        };
        let host = seen.header("host").unwrap();
        let link = format!("<http://{host}/repositories?per_page=100&page={next}>; rel=\"next\"");
        Reply::ok(page(ids)).with("link", link)
    })
    .await;
    let listed = server.client().list(&Listing::Mine).await.unwrap();
    let ids: Vec<_> = listed.repositories.iter().map(|repo| repo.id.0).collect();
    assert_eq!(ids, (1..250).collect::<Vec<_>>());
    assert_eq!(listed.at.as_second(), DATE_SECS);
    assert!(listed.hidden_organizations.is_empty());
    assert_eq!(server.paths()[0], "/user/repos?per_page=100");
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn hidden_organizations_are_told() {
    let header = "partial-results; organizations=21955855,20582480";
    let server = Server::always(Reply::ok("[]").with("x-github-sso", header)).await;
    let listed = server.client().list(&Listing::Mine).await.unwrap();
    assert_eq!(listed.hidden_organizations, ["21955855", "20582480"]);
}

#[tokio::test]
async fn a_list_of_none_is_empty() {
    for reply in [Reply::ok("[]"), Reply::new(204, "")] {
        let server = Server::always(reply).await;
        let owner = Owner::new("octo").unwrap();
        let listed = server.client().list(&Listing::User(owner)).await.unwrap();
        assert!(listed.repositories.is_empty());
        assert_eq!(server.paths(), ["/users/octo/repos?per_page=100"]);
    }
}

#[tokio::test]
async fn an_empty_body_is_no_list() {
    let server = Server::always(Reply::ok("  ")).await;
    let failure = server.client().list(&Listing::Mine).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Malformed);
}

#[tokio::test]
async fn a_list_that_leads_back_to_itself_ends() {
    let link = "</user/repos?per_page=100>; rel=\"next\"";
    let server = Server::always(Reply::ok(page(1..3)).with("link", link)).await;
    let failure = server.client().list(&Listing::Mine).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Malformed);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn the_failure_of_a_list_names_its_owner() {
    let server = Server::always(Reply::refusal(404, "Not Found")).await;
    let owner = Owner::new("octo").unwrap();
    let failure = server
        .client()
        .list(&Listing::Org(owner))
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert_eq!(
        failure.to_string(),
        "cannot list the repositories of \"octo\": 404 Not Found"
    );
    assert_eq!(server.paths(), ["/orgs/octo/repos?per_page=100"]);
}
