//! Renames, transfers, reuse of names, and repositories that are no longer there.

use gitratra_sim::{RepoSpec, Right, Sim, TokenSpec};

use crate::client::{Client, holder};

async fn start() -> (Sim, Client) {
    let sim = Sim::builder()
        .repo(RepoSpec::new("octo/alpha").id(42))
        .repo(RepoSpec::new("octo/secret").id(43).private())
        .token(TokenSpec::classic("ghp_o", "octo"))
        .token(TokenSpec::classic("ghp_e", "eve"))
        .start()
        .await;
    let client = holder(&sim, "ghp_o");
    (sim, client)
}

#[tokio::test]
async fn a_former_name_leads_to_the_id_with_path_and_query() {
    let (sim, client) = start().await;
    let before = client.get("/repos/octo/alpha/traffic/views").await.text;
    sim.rename("octo/alpha", "beta");
    let moved = client.get("/repos/Octo/Alpha/traffic/views?per=day").await;
    assert_eq!(
        (moved.status, moved.message().as_str()),
        (301, "Moved Permanently")
    );
    let location = moved.header("location").unwrap().to_string();
    assert_eq!(
        location,
        format!("{}/repositories/42/traffic/views?per=day", sim.url())
    );
    assert_eq!(moved.json()["url"], location.as_str());
    let path = location.strip_prefix(&sim.url()).unwrap();
    assert_eq!(client.get(path).await.text, before);
    let whole = client.get("/repositories/42").await.json();
    assert_eq!(whole["full_name"], "octo/beta");
    let request = client.request("POST", "/repos/octo/alpha");
    assert_eq!(client.send(request).await.unwrap().status, 307);
}

#[tokio::test]
async fn a_reused_name_is_another_repository() {
    let (sim, client) = start().await;
    sim.rename("octo/alpha", "acme/alpha");
    sim.create(RepoSpec::new("octo/alpha").id(99));
    assert_eq!(client.get("/repos/octo/alpha").await.json()["id"], 99);
    assert_eq!(client.get("/repos/acme/alpha").await.json()["id"], 42);
    assert_eq!(sim.repo_id("acme/alpha"), 42);
    assert_eq!(sim.full_name(42), "acme/alpha");
}

#[tokio::test]
async fn names_are_blind_to_case_and_spelled_as_created() {
    let (_sim, client) = start().await;
    let body = client.get("/repos/OCTO/ALPHA").await.json();
    assert_eq!(body["full_name"], "octo/alpha");
    assert_eq!(client.get("/repos/octo/alpha/").await.status, 404);
}

#[tokio::test]
async fn what_cannot_be_seen_is_404_under_every_address() {
    let (sim, client) = start().await;
    let stranger = holder(&sim, "ghp_e");
    assert_eq!(client.get("/repos/octo/secret").await.status, 200);
    assert_eq!(stranger.get("/repos/octo/secret").await.status, 404);
    sim.grant("ghp_e", "octo/secret", Right::Read);
    assert_eq!(stranger.get("/repos/octo/secret").await.status, 200);
    sim.grant("ghp_e", "octo/secret", Right::None);
    sim.rename("octo/secret", "hidden");
    for path in [
        "/repos/octo/secret",
        "/repos/octo/hidden",
        "/repositories/43",
    ] {
        assert_eq!(stranger.get(path).await.status, 404, "{path}");
    }
    sim.set_private(42, true);
    assert_eq!(
        stranger.get("/repos/octo/alpha/traffic/views").await.status,
        404
    );
    sim.delete(42);
    assert_eq!(client.get("/repositories/42").await.status, 404);
    assert_eq!(client.get("/repos/octo/alpha").await.status, 404);
}

#[tokio::test]
async fn a_blocked_repository_says_why() {
    let (sim, client) = start().await;
    sim.set_blocked(42, Some("dmca"));
    for path in ["/repos/octo/alpha", "/repos/octo/alpha/traffic/clones"] {
        let answer = client.get(path).await;
        assert_eq!(answer.status, 451);
        assert_eq!(answer.message(), "Repository access blocked");
        assert_eq!(answer.json()["block"]["reason"], "dmca");
    }
    sim.set_blocked(42, None);
    sim.set_archived(42, true);
    let body = client.get("/repos/octo/alpha").await.json();
    assert_eq!(body["archived"], true);
}
