//! What `/metrics` tells of the traffic, and to whom.

use gitratra_core::{RepoId, Role, TokenScope};
use gitratra_web::access::Mode;
use gitratra_web::{RepoState, Snapshot};

use crate::house::{House, PRIVATE, PUBLIC};

fn of_public(page: &str) -> bool {
    [
        "gitratra_newest_day_events{repo=\"octo/open\",metric=\"views\"} 90\n",
        "gitratra_recent_events{repo=\"octo/open\",metric=\"clones\"} 252\n",
        "gitratra_recent_missing{repo=\"octo/open\",metric=\"views\"} 0\n",
        "gitratra_stars{repo=\"octo/open\"} 270\n",
    ]
    .iter()
    .all(|line| page.contains(line))
}

fn of_private(page: &str) -> bool {
    ["private-12", "hidden", "70707", "989898"]
        .iter()
        .any(|text| page.contains(text))
}

#[tokio::test]
async fn the_traffic_of_each_repository_is_told_to_whoever_may_see_it() {
    let open = House::full(Mode::Open).await.get("/metrics").await.text;
    assert!(of_public(&open) && of_private(&open), "{open}");
    let private = "gitratra_newest_day_events{repo=\"private-12\",metric=\"views\"} 70707\n";
    assert!(open.contains(private) && !open.contains("vault"));
    assert!(open.contains("gitratra_repositories_untold 0\n"));

    let house = House::full(Mode::Public).await;
    let public = house.get("/metrics").await.text;
    assert!(of_public(&public) && !of_private(&public), "{public}");

    let house = House::full(Mode::Closed).await;
    let closed = house.get("/metrics").await;
    assert_eq!(closed.status, 200);
    assert!(!of_public(&closed.text) && !of_private(&closed.text));
    assert!(closed.text.contains("gitratra_build_info"));
    let token = house.token(Role::Admin, TokenScope::Read).await;
    let request = house.client().get(house.url("/metrics"));
    let known = house.ask(request.bearer_auth(&token)).await.text;
    assert!(of_public(&known) && known.contains(private), "{known}");
    let request = house.client().get(house.url("/metrics"));
    let wrong = house.ask(request.bearer_auth("gtr_nonsense")).await;
    assert_eq!(wrong.status, 401);
}

#[test]
fn what_some_repositories_are_told_with_has_no_share_of_the_others() {
    let repo = |id, days_safe| RepoState {
        id: RepoId(id),
        name: format!("octo/r{id}").parse().unwrap(),
        is_private: id == PRIVATE,
        days_safe,
        newest_views: None,
        newest_clones: None,
        is_behind: true,
        is_failing: id == PRIVATE,
        is_gone: false,
    };
    let whole = Snapshot {
        version: "1".to_owned(),
        repos: vec![repo(PUBLIC, Some(9)), repo(PRIVATE, Some(2))],
        tracked: 3,
        behind: 2,
        failing: 2,
        next_loss_days: Some(2),
        alarms_open: 4,
        store_errors: 5,
        requests: [("ok".to_owned(), 7)].into(),
        collectors: Some(Vec::new()),
        resident_bytes: Some(1),
        ..Snapshot::default()
    };
    let expected = Snapshot {
        version: "1".to_owned(),
        repos: vec![repo(PUBLIC, Some(9))],
        is_part: true,
        tracked: 1,
        behind: 1,
        next_loss_days: Some(9),
        ..Snapshot::default()
    };
    assert_eq!(whole.of(|repo| !repo.is_private), expected);
}
