//! Rules, labels and their history: what a name means and what it used to mean.

use gitratra_core::{Endpoint, Pattern, RepoId, RepoName, Repository};
use gitratra_store::{Gone, Store};

use crate::place::{Place, on_both_engines_and_in_parts};
use crate::samples::{at, failed, repository, visit_to};

on_both_engines_and_in_parts![
    rules_differ_by_more_than_letter_case,
    rules_are_told_in_the_order_in_which_they_were_given,
    bindings_go_with_their_rule,
    a_repository_is_kept_whole,
    repositories_are_sorted_by_name,
    a_renamed_repository_is_found_under_both_names,
    a_name_that_was_given_away_means_its_present_owner,
    of_two_with_the_same_label_the_one_confirmed_last_is_meant,
    a_late_look_up_brings_no_old_label_back,
    gone_keeps_its_first_time_and_ends_with_a_look_up,
];

fn patterns(text: &str) -> Vec<Pattern> {
    text.split_whitespace()
        .map(|word| word.parse().unwrap())
        .collect()
}

fn texts(patterns: &[Pattern]) -> String {
    let texts: Vec<_> = patterns.iter().map(Pattern::to_string).collect();
    texts.join(" ")
}

fn name(text: &str) -> RepoName {
    text.parse().unwrap()
}

async fn save(store: &Store, seen_at: &str, repositories: &[(u64, &str)]) {
    let repositories: Vec<_> = repositories
        .iter()
        .map(|(id, name)| repository(*id, name))
        .collect();
    let seen_at = at(seen_at);
    store
        .save_repositories(&repositories, seen_at)
        .await
        .unwrap();
}

/// What a name means, as `id present-name` with a word where it is a former one.
async fn found(store: &Store, text: &str) -> String {
    match store.find(&name(text)).await.unwrap() {
        Some(found) => {
            let former = if found.is_former { " formerly" } else { "" };
            format!("{} {}{former}", found.id, found.name)
        }
        None => "nothing".into(),
    }
}

async fn rules_differ_by_more_than_letter_case(place: Place) {
    let store = place.open().await;
    let first = patterns("Octo/Alpha octo/* !octo/alpha !fork * !Octo/*");
    let added = store.add_rules(&first).await.unwrap();
    assert_eq!(added, first);
    let again = patterns("octo/ALPHA OCTO/* octo/beta octo/BETA");
    let added = store.add_rules(&again).await;
    assert_eq!(texts(&added.unwrap()), "octo/beta");
    assert_eq!(
        texts(&store.rules().await.unwrap()),
        "!fork !Octo/* !octo/alpha * octo/* Octo/Alpha octo/beta"
    );
    let removed = store
        .remove_rules(&patterns("OCTO/alpha a/b !fork !fork"))
        .await;
    assert_eq!(texts(&removed.unwrap()), "OCTO/alpha !fork");
    assert_eq!(store.rules().await.unwrap().len(), 5);
}

async fn rules_are_told_in_the_order_in_which_they_were_given(place: Place) {
    let store = place.open().await;
    let given = patterns("z/a B/* a/b !fork b/c");
    assert_eq!(store.add_rules(&given).await.unwrap(), given);
    assert_eq!(store.remove_rules(&given).await.unwrap(), given);
}

async fn bindings_go_with_their_rule(place: Place) {
    let store = place.open().await;
    store
        .add_rules(&patterns("Octo/Alpha octo/beta"))
        .await
        .unwrap();
    for (text, id) in [
        ("octo/ALPHA", 7),
        ("octo/alpha", 3),
        ("octo/alpha", 7),
        ("octo/beta", 7),
    ] {
        store.bind(&name(text), RepoId(id)).await.unwrap();
    }
    let bindings = async || {
        let bindings = store.bindings().await.unwrap();
        let shown = bindings.iter().map(|(name, repo)| format!("{name} {repo}"));
        shown.collect::<Vec<_>>()
    };
    // In the spelling of the rule.
    assert_eq!(
        bindings().await,
        ["Octo/Alpha 3", "Octo/Alpha 7", "octo/beta 7"]
    );
    store.unbind(&name("octo/alpha"), RepoId(3)).await.unwrap();
    store.unbind(&name("octo/alpha"), RepoId(99)).await.unwrap();
    assert_eq!(bindings().await, ["Octo/Alpha 7", "octo/beta 7"]);
    store.remove_rules(&patterns("octo/alpha")).await.unwrap();
    assert_eq!(bindings().await, ["octo/beta 7"]);
}

async fn a_repository_is_kept_whole(place: Place) {
    let store = place.open().await;
    let mut repository = Repository {
        id: RepoId(1_296_269),
        node_id: Some("MDEwOlJlcG9zaXRvcnkxMjk2MjY5".into()),
        name: name("octocat/Hello-World"),
        is_private: true,
        is_fork: false,
        is_archived: true,
        can_push: Some(true),
    };
    let seen_at = at("2026-03-01T09:00");
    store
        .save_repositories(std::slice::from_ref(&repository), seen_at)
        .await
        .unwrap();
    let known = store.repositories().await.unwrap();
    repository.can_push = None;
    assert_eq!(known[0].repository, repository);
    assert_eq!(known[0].repository.name.to_string(), "octocat/Hello-World");
    assert_eq!((known[0].former.len(), known[0].gone), (0, None));
    // A list that does not tell the node keeps the one that is known.
    let node_id = repository.node_id.take();
    repository.is_private = false;
    repository.is_fork = true;
    store
        .save_repositories(std::slice::from_ref(&repository), seen_at)
        .await
        .unwrap();
    repository.node_id = node_id;
    assert_eq!(
        store.repositories().await.unwrap()[0].repository,
        repository
    );
}

async fn repositories_are_sorted_by_name(place: Place) {
    let store = place.open().await;
    let names = [
        "b/a", "a-b/c", "A/c", "a/B", "a/b-c", "a/b.c", "a/b_c", "a/bc",
    ];
    let repositories: Vec<_> = (1..).zip(names).collect();
    save(&store, "2026-03-01T09:00", &repositories).await;
    let known = store.repositories().await.unwrap();
    let names: Vec<_> = known
        .iter()
        .map(|repo| repo.repository.name.clone())
        .collect();
    let mut sorted = names.clone();
    sorted.sort();
    let shown = |names: &[RepoName]| names.iter().map(RepoName::to_string).collect::<Vec<_>>();
    assert_eq!(shown(&names), shown(&sorted));
}

async fn a_renamed_repository_is_found_under_both_names(place: Place) {
    let store = place.open().await;
    save(&store, "2026-03-01T09:00", &[(7, "octo/one")]).await;
    save(&store, "2026-03-02T09:00", &[(7, "octo/two")]).await;
    save(&store, "2026-03-03T09:00", &[(7, "Octo/Three")]).await;
    assert_eq!(found(&store, "octo/three").await, "7 Octo/Three");
    assert_eq!(found(&store, "OCTO/one").await, "7 Octo/Three formerly");
    assert_eq!(found(&store, "octo/four").await, "nothing");
    let known = store.repositories().await.unwrap();
    let former: Vec<_> = known[0].former.iter().map(RepoName::to_string).collect();
    assert_eq!(former, ["octo/two", "octo/one"]);
    // Another spelling is no other name.
    save(&store, "2026-03-04T09:00", &[(7, "octo/three")]).await;
    let known = store.repositories().await.unwrap();
    assert_eq!(known[0].repository.name.to_string(), "octo/three");
    assert_eq!(known[0].former.len(), 2);
}

async fn a_name_that_was_given_away_means_its_present_owner(place: Place) {
    let store = place.open().await;
    save(&store, "2026-03-01T09:00", &[(7, "octo/tool")]).await;
    save(
        &store,
        "2026-03-02T09:00",
        &[(7, "octo/old-tool"), (8, "octo/tool")],
    )
    .await;
    assert_eq!(found(&store, "octo/tool").await, "8 octo/tool");
    assert_eq!(found(&store, "octo/old-tool").await, "7 octo/old-tool");
    // Both have left the name: the one who had it last is meant.
    save(
        &store,
        "2026-03-03T09:00",
        &[(7, "octo/old-tool"), (8, "octo/new-tool")],
    )
    .await;
    assert_eq!(found(&store, "octo/tool").await, "8 octo/new-tool formerly");
}

async fn of_two_with_the_same_label_the_one_confirmed_last_is_meant(place: Place) {
    let store = place.open().await;
    save(&store, "2026-03-02T09:00", &[(9, "octo/tool")]).await;
    save(&store, "2026-03-03T09:00", &[(7, "octo/tool")]).await;
    save(&store, "2026-03-01T09:00", &[(8, "octo/tool")]).await;
    assert_eq!(found(&store, "octo/tool").await, "7 octo/tool");
}

async fn a_late_look_up_brings_no_old_label_back(place: Place) {
    let store = place.open().await;
    save(&store, "2026-03-03T09:00", &[(7, "octo/new")]).await;
    save(&store, "2026-03-01T09:00", &[(7, "octo/old")]).await;
    assert_eq!(found(&store, "octo/new").await, "7 octo/new");
    assert_eq!(found(&store, "octo/old").await, "7 octo/new formerly");
}

async fn gone_keeps_its_first_time_and_ends_with_a_look_up(place: Place) {
    let store = place.open().await;
    save(&store, "2026-03-01T09:00", &[(7, "octo/tool")]).await;
    let gone = async || store.repositories().await.unwrap()[0].gone;
    for (status, since) in [(404, "2026-03-02T09:00"), (451, "2026-03-03T09:00")] {
        store.mark_gone(RepoId(7), status, at(since)).await.unwrap();
    }
    let since = at("2026-03-02T09:00");
    let expected = |asked_at| Gone {
        status: 451,
        since,
        asked_at,
    };
    assert_eq!(gone().await, Some(expected(since)));
    for (asked_at, last) in [
        ("2026-02-01T09:00", since),
        ("2026-03-03T09:00", at("2026-03-03T09:00")),
        ("2026-03-02T10:00", at("2026-03-03T09:00")),
    ] {
        let outcomes = vec![(Endpoint::Repository, failed(Some(451), "Blocked"))];
        let visit = visit_to(RepoId(7), asked_at, outcomes);
        store.record(visit).await.unwrap();
        assert_eq!(gone().await, Some(expected(last)), "{asked_at}");
    }
    // What else is asked is no look-up.
    let outcomes = vec![(Endpoint::Views, failed(Some(451), "Blocked"))];
    let visit = visit_to(RepoId(7), "2026-03-03T20:00", outcomes);
    store.record(visit).await.unwrap();
    assert_eq!(gone().await, Some(expected(at("2026-03-03T09:00"))));
    save(&store, "2026-03-04T09:00", &[(7, "octo/tool")]).await;
    assert_eq!(gone().await, None);
    // Nobody is made up who was never looked up.
    store.mark_gone(RepoId(8), 404, since).await.unwrap();
    assert_eq!(store.repositories().await.unwrap().len(), 1);
}
