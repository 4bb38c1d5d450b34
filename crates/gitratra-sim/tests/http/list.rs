//! Lists of repositories.

use gitratra_sim::{RepoSpec, Right, Sim, TokenSpec};
use serde_json::Value;

use crate::client::{Answer, holder, nobody};

async fn start() -> Sim {
    Sim::builder()
        .fleet("octo", 70)
        .repo("acme/tool")
        .repo(RepoSpec::new("acme/secret").private())
        .repo(RepoSpec::new("acme/copy").fork())
        .organization("acme")
        .token(
            TokenSpec::classic("ghp_o", "octo")
                .can(Right::Push, "acme/tool")
                .can(Right::Read, "acme/secret"),
        )
        .token(TokenSpec::installation("ghs_i", "acme"))
        .start()
        .await
}

fn names(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let list = body.get("repositories").unwrap_or(&body);
    let name = |repo: &Value| repo["full_name"].as_str().unwrap().to_string();
    list.as_array().unwrap().iter().map(name).collect()
}

fn linked(answer: &Answer, rel: &str) -> Option<String> {
    let link = answer.header("link")?;
    link.split(", ").find_map(|part| {
        let (url, after) = part.split_once('>')?;
        after
            .contains(&format!("rel=\"{rel}\""))
            .then(|| url[1..].to_string())
    })
}

#[tokio::test]
async fn following_next_reads_every_repository_once() {
    let sim = start().await;
    let client = holder(&sim, "ghp_o");
    let mut path = "/user/repos?per_page=25".to_string();
    let mut all = Vec::new();
    let mut pages = 0;
    loop {
        let answer = client.get(&path).await;
        all.extend(names(&answer));
        pages += 1;
        assert_eq!(linked(&answer, "prev").is_some(), pages > 1);
        match linked(&answer, "next") {
            Some(next) => path = next.strip_prefix(&sim.url()).unwrap().to_string(),
            None => break,
        }
    }
    assert_eq!((pages, all.len()), (3, 72));
    assert!(all.is_sorted());
    all.dedup();
    assert_eq!(all.len(), 72);
}

#[tokio::test]
async fn a_single_page_has_no_link_and_pages_hold_a_hundred_at_most() {
    let sim = start().await;
    let client = holder(&sim, "ghp_o");
    let answer = client.get("/user/repos?per_page=500").await;
    assert_eq!((names(&answer).len(), answer.header("link")), (72, None));
    let answer = client.get("/user/repos").await;
    assert_eq!(names(&answer).len(), 30);
    assert!(linked(&answer, "last").unwrap().ends_with("page=3"));
    let beyond = client.get("/user/repos?page=9").await;
    assert_eq!((beyond.status, names(&beyond).len()), (200, 0));
}

#[tokio::test]
async fn affiliation_visibility_and_type_choose() {
    let sim = start().await;
    let client = holder(&sim, "ghp_o");
    let get = async |query: &str| {
        let path = format!("/user/repos?per_page=100&{query}");
        names(&client.get(&path).await)
    };
    let member = ["acme/secret", "acme/tool"];
    assert_eq!(get("affiliation=organization_member").await, member);
    assert_eq!(
        get("affiliation=collaborator%2Corganization_member").await,
        member
    );
    assert_eq!(get("type=owner").await.len(), 70);
    let private = get("visibility=private").await;
    assert_eq!(private.len(), 3);
    assert!(private.contains(&"acme/secret".to_string()));
    for either in ["visibility=all", "affiliation=owner"] {
        let path = format!("/user/repos?type=all&{either}");
        assert_eq!(client.get(&path).await.status, 422);
    }
}

#[tokio::test]
async fn an_organization_shows_what_the_asker_may_see() {
    let sim = start().await;
    let path = "/orgs/acme/repos";
    let all = holder(&sim, "ghp_o").get(path).await;
    assert_eq!(names(&all).len(), 3);
    let public = nobody(&sim).get(path).await;
    assert_eq!(names(&public).len(), 2);
    assert_eq!(
        names(&nobody(&sim).get("/orgs/acme/repos?type=forks").await),
        ["acme/copy"]
    );
    assert_eq!(nobody(&sim).get("/orgs/octo/repos").await.status, 404);
    let paged = nobody(&sim).get("/orgs/acme/repos?per_page=1").await;
    let next = linked(&paged, "next").unwrap();
    assert!(next.contains("/organizations/"), "{next}");
    let second = nobody(&sim)
        .get(next.strip_prefix(&sim.url()).unwrap())
        .await;
    assert_eq!(names(&second).len(), 1);
}

#[tokio::test]
async fn a_user_shows_public_repositories_only() {
    let sim = start().await;
    let answer = nobody(&sim).get("/users/Octo/repos?per_page=100").await;
    assert_eq!(names(&answer).len(), 68);
    assert_eq!(nobody(&sim).get("/users/nobody/repos").await.status, 404);
}

#[tokio::test]
async fn an_installation_lists_what_it_was_given() {
    let sim = start().await;
    let answer = holder(&sim, "ghs_i")
        .get("/installation/repositories?per_page=2")
        .await;
    assert_eq!(answer.json()["total_count"], 3);
    assert_eq!(names(&answer).len(), 2);
    assert!(linked(&answer, "next").is_some());
    let user = holder(&sim, "ghp_o");
    assert_eq!(user.get("/installation/repositories").await.status, 403);
    assert_eq!(holder(&sim, "ghs_i").get("/user/repos").await.status, 403);
}

#[tokio::test]
async fn a_repository_has_githubs_fields_and_lists_lack_its_watchers() {
    let sim = start().await;
    let client = holder(&sim, "ghp_o");
    let whole = client.get("/repos/acme/tool").await.json();
    assert_eq!(whole["stargazers_count"], whole["watchers_count"]);
    assert!(whole["subscribers_count"].is_u64());
    assert_eq!(whole["owner"]["type"], "Organization");
    assert_eq!(whole["permissions"]["push"], true);
    assert_eq!(whole["permissions"]["admin"], false);
    let list = client.get("/user/repos").await.json();
    assert!(list[0].get("subscribers_count").is_none());
    assert_eq!(list[29]["owner"]["type"], "User");
}
