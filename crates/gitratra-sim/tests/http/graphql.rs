//! The counters of many repositories in one GraphQL request.

use gitratra_sim::{Endpoint, Fault, FaultPlan, Limits, RepoSpec, Right, Sim, Timing, TokenSpec};
use serde_json::{Value, json};

use crate::client::{Answer, Client, holder, nobody};

const COUNTERS: &str = "databaseId nameWithOwner stargazerCount forkCount watchers{totalCount} \
    issues(states:OPEN){totalCount} pullRequests(states:OPEN){totalCount} diskUsage isArchived \
    visibility description primaryLanguage{name} licenseInfo{spdxId} \
    repositoryTopics(first:20){nodes{topic{name}}} releases{totalCount}";

const TAGS: &str = "refs(refPrefix:\"refs/tags/\", first:2, \
    orderBy:{field:TAG_COMMIT_DATE,direction:DESC}){nodes{name target{__typename \
    ... on Commit{committedDate} ... on Tag{tagger{date} target{... on Commit{committedDate}}}}}}";

async fn start() -> (Sim, Client) {
    let alpha = RepoSpec::new("octo/alpha")
        .stars(700)
        .description("A tool")
        .license("MIT")
        .topics(&["cli", "rust"])
        .tag("v1.0", "2026-01-05T10:00:00Z")
        .annotated_tag("v1.1", "2026-02-01T10:00:00Z", "2026-02-02T11:00:00Z")
        .tag("v0.9", "2025-12-01")
        .tag("v2.0", "2026-09-01");
    let sim = Sim::builder()
        .repo(alpha)
        .repo(RepoSpec::new("octo/beta").archived().stars(90))
        .repo(RepoSpec::new("acme/secret").private())
        .token("ghp_t")
        .token(TokenSpec::classic("ghp_o", "octo"))
        .limits(Limits::default().timing(Timing::Clock))
        .start()
        .await;
    let client = holder(&sim, "ghp_t");
    (sim, client)
}

async fn ask(client: &Client, query: &str, variables: Value) -> Answer {
    let sent = json!({ "query": query, "variables": variables });
    let answer = client.post("/graphql", &sent.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

async fn node_id(client: &Client, name: &str) -> Value {
    client.get(&format!("/repos/{name}")).await.json()["node_id"].clone()
}

#[tokio::test]
async fn nodes_are_answered_with_what_rest_says() {
    let (sim, client) = start().await;
    sim.advance_days(30);
    let names = ["octo/alpha", "octo/beta", "acme/secret"];
    let mut ids = Vec::new();
    for name in names {
        ids.push(node_id(&client, name).await);
    }
    let query =
        format!("query($ids:[ID!]!){{ nodes(ids:$ids){{ ... on Repository {{ {COUNTERS} }} }} }}");
    let answer = ask(&client, &query, json!({ "ids": ids })).await.json();
    assert_eq!(answer.get("errors"), None);
    for (index, name) in names.into_iter().enumerate() {
        let node = &answer["data"]["nodes"][index];
        let rest = client.get(&format!("/repos/{name}")).await.json();
        let numbers = sim.numbers(name);
        assert_eq!(node["databaseId"], rest["id"]);
        assert_eq!(node["nameWithOwner"], name);
        assert_eq!(node["stargazerCount"], rest["stargazers_count"]);
        assert_eq!(node["forkCount"], rest["forks_count"]);
        assert_eq!(node["watchers"]["totalCount"], rest["subscribers_count"]);
        assert_eq!(node["issues"]["totalCount"], numbers.issues);
        assert_eq!(node["pullRequests"]["totalCount"], numbers.pulls);
        assert_eq!(node["diskUsage"], rest["size"]);
        assert_eq!(node["isArchived"], rest["archived"]);
        let visibility = node["visibility"].as_str().unwrap().to_lowercase();
        assert_eq!(rest["visibility"], visibility);
        assert_eq!(node["description"], rest["description"]);
        assert_eq!(node["primaryLanguage"]["name"], rest["language"]);
        assert_eq!(node["licenseInfo"]["spdxId"], rest["license"]["spdx_id"]);
    }
    let topics = &answer["data"]["nodes"][0]["repositoryTopics"]["nodes"];
    assert_eq!(topics[1]["topic"]["name"], "rust");
}

#[tokio::test]
async fn exactly_what_is_selected_is_answered() {
    let (_sim, client) = start().await;
    let query =
        "{ r0: repository(owner:\"octo\", name:\"beta\") { id stars: stargazerCount ...P } }
        fragment P on Repository { __typename owner { login } }";
    let answer = ask(&client, query, json!({})).await.json();
    let id = node_id(&client, "octo/beta").await;
    let expected = json!({ "data": { "r0": {
        "id": id, "stars": 90, "__typename": "Repository", "owner": { "login": "octo" },
    } } });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn what_is_missing_is_null_beside_the_others() {
    let (sim, client) = start().await;
    sim.rename("octo/beta", "gamma");
    let query = "{ r0: repository(owner:\"octo\", name:\"none\") { name } \
        r1: repository(owner:\"octo\", name:\"beta\") { name } }";
    let answer = ask(&client, query, json!({})).await.json();
    assert!(answer["data"]["r0"].is_null());
    assert_eq!(answer["data"]["r1"]["name"], "gamma");
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1);
    assert_eq!(
        (&errors[0]["type"], &errors[0]["path"]),
        (&json!("NOT_FOUND"), &json!(["r0"]))
    );
    assert_eq!(
        errors[0]["message"],
        "Could not resolve to a Repository with the name 'octo/none'."
    );
}

#[tokio::test]
async fn a_token_sees_what_it_sees_over_rest() {
    let (sim, all) = start().await;
    let octo = holder(&sim, "ghp_o");
    let ids = json!({ "ids": [
        node_id(&all, "acme/secret").await, node_id(&all, "octo/alpha").await, "R_zzz",
    ] });
    let query = "query($ids:[ID!]!){ nodes(ids:$ids){ ... on Repository { name } } }";
    let answer = ask(&octo, query, ids.clone()).await.json();
    assert_eq!(
        answer["data"]["nodes"],
        json!([null, { "name": "alpha" }, null])
    );
    assert_eq!(answer["errors"][0]["path"], json!(["nodes", 0]));
    assert_eq!(answer["errors"][1]["path"], json!(["nodes", 2]));
    sim.grant("ghp_o", "acme/secret", Right::Read);
    let answer = ask(&octo, query, ids).await.json();
    assert_eq!(answer["data"]["nodes"][0]["name"], "secret");
    sim.delete("octo/alpha");
    let gone = "{ repository(owner:\"octo\", name:\"alpha\") { name } }";
    let answer = ask(&octo, gone, json!({})).await.json();
    assert_eq!(answer["data"], json!({ "repository": null }));
    let refused = nobody(&sim).post("/graphql", "{}").await;
    assert_eq!(refused.status, 401);
}

#[tokio::test]
async fn tags_come_newest_first_with_their_dates() {
    let (sim, client) = start().await;
    let query = format!("{{ repository(owner:\"octo\", name:\"alpha\") {{ {TAGS} }} }}");
    let answer = ask(&client, &query, json!({})).await.json();
    let expected = json!([
        { "name": "v1.1", "target": {
            "__typename": "Tag",
            "tagger": { "date": "2026-02-02T11:00:00Z" },
            "target": { "committedDate": "2026-02-01T10:00:00Z" },
        } },
        { "name": "v1.0", "target": {
            "__typename": "Commit", "committedDate": "2026-01-05T10:00:00Z",
        } },
    ]);
    assert_eq!(answer["data"]["repository"]["refs"]["nodes"], expected);
    sim.set_clock("2026-10-01");
    let answer = ask(&client, &query, json!({})).await.json();
    let newest = &answer["data"]["repository"]["refs"]["nodes"][0]["name"];
    assert_eq!(newest, "v2.0");
}

#[tokio::test]
async fn a_query_costs_points_of_an_hour_of_its_own() {
    let (sim, client) = start().await;
    let query = "query($ids:[ID!]!){ nodes(ids:$ids){ ... on Repository { \
        repositoryTopics(first:20){nodes{topic{name}}} \
        refs(refPrefix:\"refs/tags/\", first:10){nodes{name}} } } rateLimit{cost remaining limit resetAt} }";
    let ids = vec![node_id(&client, "octo/alpha").await; 100];
    let answer = ask(&client, query, json!({ "ids": ids })).await;
    assert_eq!(answer.header("x-ratelimit-resource"), Some("graphql"));
    assert_eq!(answer.header("x-ratelimit-remaining"), Some("4998"));
    assert_eq!(answer.header("etag"), None);
    let limit = &answer.json()["data"]["rateLimit"];
    let expected = json!({
        "cost": 2, "remaining": 4998, "limit": 5000, "resetAt": "2026-03-10T13:00:00Z",
    });
    assert_eq!(*limit, expected);
    assert_eq!(
        client.get("/user").await.header("x-ratelimit-remaining"),
        Some("4998")
    );
    let resources = client.get("/rate_limit").await.json()["resources"].clone();
    assert_eq!(resources["graphql"]["remaining"], 4998);
    assert_eq!(resources["core"]["remaining"], 4998);
    let counters = sim.counters();
    assert_eq!(
        (counters.of(Endpoint::Graphql), counters.graphql_points),
        (1, 2)
    );
}

#[tokio::test]
async fn one_who_used_up_the_hour_is_told_so_with_200() {
    let (sim, client) = start().await;
    sim.set_graphql_remaining("ghp_t", 0);
    let answer = ask(&client, "{ viewer { login } }", json!({})).await;
    assert_eq!(answer.json()["errors"][0]["type"], "RATE_LIMITED");
    assert_eq!(answer.json().get("data"), None);
    assert_eq!(answer.header("x-ratelimit-remaining"), Some("0"));
    assert_eq!(sim.counters().primary_violations, 1);
    assert_eq!(client.get("/repos/octo/alpha").await.status, 200);
    sim.advance_secs(3600);
    let answer = ask(&client, "{ viewer { login } }", json!({})).await;
    assert_eq!(answer.json()["data"]["viewer"]["login"], "octo");
}

#[tokio::test]
async fn too_many_queries_a_minute_are_refused() {
    let (sim, client) = start().await;
    sim.set_limits(Limits::default().timing(Timing::Clock).graphql_points(3));
    for _ in 0..3 {
        ask(&client, "{ viewer { login } }", json!({})).await;
    }
    let sent = r#"{"query":"{ viewer { login } }"}"#;
    let refused = client.post("/graphql", sent).await;
    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (403, Some("60"))
    );
    assert_eq!(client.get("/repos/octo/alpha").await.status, 403);
    assert_eq!(sim.counters().secondary_violations, 2);
}

#[tokio::test]
async fn a_query_that_cannot_be_carried_out_has_errors_and_no_data() {
    let (_sim, client) = start().await;
    let check = async |query: &str, expected: &str| {
        let body = ask(&client, query, json!({})).await.json();
        assert_eq!(body["errors"][0]["message"], expected, "{query}");
        assert_eq!(body.get("data"), None);
    };
    let of = |fields: &str| format!("{{ repository(owner:\"o\", name:\"r\") {{ {fields} }} }}");
    check(
        &of("nope"),
        "Field 'nope' doesn't exist on type 'Repository'",
    )
    .await;
    check(
        &of("watchers"),
        "Field must have selections (field 'watchers' returns UserConnection)",
    )
    .await;
    check(
        &of("name { x }"),
        "Selections can't be made on scalars (field 'name')",
    )
    .await;
    check(
        &of("repositoryTopics { nodes { topic { name } } }"),
        "You must provide a `first` or `last` value to properly paginate the `repositoryTopics` connection.",
    )
    .await;
    check(
        &of("repositoryTopics(first:101) { totalCount }"),
        "Requesting 101 records on the `repositoryTopics` connection exceeds the `first` limit of 100 records.",
    )
    .await;
    check(
        &of("... on Commit { committedDate }"),
        "Fragment on Commit can't be spread inside Repository",
    )
    .await;
    check(&of("...None"), "Fragment None was used, but not defined").await;
    check(
        "{ repository(owner:\"o\") { name } }",
        "Field 'repository' is missing required arguments: name",
    )
    .await;
    check("{ repository", "Unexpected end of document").await;
    check(
        "query($a:Int!){ viewer { login } }",
        "Variable $a of type Int! was provided invalid value",
    )
    .await;
    let circle = "{ viewer { ...A } } fragment A on User { login ...A }";
    check(circle, "The query is too deep").await;
    let ids = json!({ "ids": vec!["R_1"; 101] });
    let many = "query($ids:[ID!]!){ nodes(ids:$ids){ id } }";
    let body = ask(&client, many, ids).await.json();
    assert_eq!(body["errors"][0]["type"], "ARGUMENT_LIMIT");
    assert_eq!(client.post("/graphql", "{").await.status, 400);
    let empty = client.post("/graphql", "{}").await.json();
    assert_eq!(
        empty["errors"][0]["message"],
        "A query attribute must be specified and must be a string."
    );
}

#[tokio::test]
async fn faults_meet_queries_too() {
    let (sim, client) = start().await;
    let plan = |fault| FaultPlan::new(fault).endpoint(Endpoint::Graphql).once();
    let sent = r#"{"query":"{ a: viewer { login } b: viewer { login } }"}"#;
    sim.fault(plan(Fault::status(502, "Server Error")));
    assert_eq!(client.post("/graphql", sent).await.status, 502);
    sim.fault(plan(Fault::Html));
    assert!(
        client
            .post("/graphql", sent)
            .await
            .text
            .starts_with("<!DOCTYPE")
    );
    sim.fault(plan(Fault::Truncated { keep_bytes: 10 }));
    let request = client.request("POST", "/graphql").body(sent);
    assert!(client.send(request).await.is_err());
    sim.fault(plan(Fault::Partial));
    let partial = client.post("/graphql", sent).await.json();
    assert_eq!(
        partial["data"],
        json!({ "a": { "login": "octo" }, "b": null })
    );
    assert_eq!(partial["errors"][0]["path"], json!(["b"]));
    let whole = client.post("/graphql", sent).await.json();
    assert_eq!(whole.get("errors"), None);
}

#[tokio::test]
async fn half_of_the_nodes_can_be_lost() {
    let (sim, client) = start().await;
    sim.fault(FaultPlan::new(Fault::Partial).once());
    let id = json!("R_zzz");
    let alpha = format!("R_{:x}", sim.repo_id("octo/alpha"));
    let query = "query($ids:[ID!]!){ nodes(ids:$ids){ id } }";
    let body = ask(&client, query, json!({ "ids": [alpha, alpha, id] }))
        .await
        .json();
    assert_eq!(body["data"]["nodes"], json!([{ "id": alpha }, null, null]));
    assert_eq!(body["errors"][0]["path"], json!(["nodes", 1]));
}

#[tokio::test]
async fn there_may_be_no_graphql_at_all() {
    let (sim, client) = start().await;
    let sent = r#"{"query":"{ viewer { login } }"}"#;
    sim.set_graphql(false);
    assert_eq!(client.post("/graphql", sent).await.status, 404);
    assert_eq!(client.post("/_sim/graphql?is=true", "").await.status, 200);
    assert_eq!(client.post("/graphql", sent).await.status, 200);
    let sim = Sim::builder()
        .token("ghp_t")
        .without_graphql()
        .start()
        .await;
    let client = holder(&sim, "ghp_t");
    assert_eq!(client.post("/graphql", sent).await.status, 404);
    assert_eq!(sim.counters().of(Endpoint::Graphql), 1);
}
