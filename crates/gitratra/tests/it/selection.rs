//! Which repositories are asked: exact names, wildcards, exclusions, lists.

use gitratra_sim::{Endpoint, Limits, RepoSpec, Right, Sim, TokenSpec};

use crate::exported::window;
use crate::house::{House, github};

fn mixed() -> Sim {
    github()
        .repo("octo/plain")
        .repo("octo/skip")
        .repo(RepoSpec::new("octo/fork").fork())
        .repo(RepoSpec::new("octo/fork-too").fork())
        .repo(RepoSpec::new("octo/archived").archived())
        .repo(RepoSpec::new("octo/archived-too").archived())
        .repo(RepoSpec::new("octo/private").private())
        .repo(RepoSpec::new("octo/private-too").private())
        .start_on_thread()
}

/// What a pass would ask, by name.
fn would_ask(house: &House) -> Vec<String> {
    let ran = house.go("sync --dry-run --all").exits(0);
    let mut names: Vec<String> = ran.out.lines().map(str::to_owned).collect();
    names.sort();
    names
}

#[test]
fn exact_names_are_asked_whatever_they_are() {
    let sim = mixed();
    let house = House::with(&sim);
    house
        .go("sync octo/fork octo/archived octo/private")
        .exits(0);
    let exported = house.export();
    for repo in ["octo/fork", "octo/archived", "octo/private"] {
        exported.is_true(&sim, repo, window("2026-03-09"));
    }
}

#[test]
fn an_exact_name_wins_over_a_wildcard_and_order_never_matters() {
    let rules = [
        "octo/*",
        "!fork",
        "!archived",
        "!private",
        "!octo/skip",
        "octo/fork",
        "octo/archived",
        "octo/private",
    ];
    let expected = ["octo/archived", "octo/fork", "octo/plain", "octo/private"];
    let sim = mixed();
    for turn in 0..rules.len() {
        let mut rules = rules;
        rules.rotate_left(turn);
        if turn % 2 == 1 {
            rules.reverse();
        }
        let house = House::with(&sim);
        for rule in rules {
            house.run(&["track", rule]).exits(0);
        }
        assert_eq!(would_ask(&house), expected, "{rules:?}");
    }
}

#[test]
fn the_rule_that_decides_is_explained() {
    let sim = mixed();
    let house = House::with(&sim);
    house
        .run(&["track", "octo/*", "!fork", "octo/fork", "!octo/skip"])
        .exits(0);
    for (repo, is_tracked, rule) in [
        ("octo/plain", true, Some("octo/*")),
        ("octo/fork", true, Some("octo/fork")),
        ("octo/fork-too", false, Some("!fork")),
        ("octo/skip", false, Some("!octo/skip")),
        ("acme/other", false, None),
    ] {
        let told = house.run(&["explain", repo, "--json"]).exits(0).json();
        assert_eq!(told["tracked"], is_tracked, "{told}");
        assert_eq!(told["rule"].as_str(), rule, "{told}");
        let text = house.run(&["explain", repo]).exits(0).out;
        assert!(
            text.contains(repo) && rule.is_none_or(|rule| text.contains(rule)),
            "{text}"
        );
    }
}

#[test]
fn an_exclusion_of_the_same_weight_wins() {
    let sim = mixed();
    let house = House::with(&sim);
    house.run(&["track", "octo/plain", "octo/skip"]).exits(0);
    house.run(&["track", "!octo/skip"]).exits(0);
    assert_eq!(would_ask(&house), ["octo/plain"]);
    house
        .go("sync octo/skip")
        .says(&["octo/skip", "!octo/skip"]);
    assert_eq!(sim.counters().traffic(), 0);
    house.run(&["untrack", "!octo/skip"]).exits(0);
    assert_eq!(would_ask(&house), ["octo/plain", "octo/skip"]);
}

#[test]
fn lists_are_read_from_files() {
    let sim = mixed();
    let house = House::with(&sim);
    house.write(
        "list.txt",
        "# mine\nplain\n\nocto/fork  # kept alive\n!octo/skip\n",
    );
    house.run(&["track", "@list.txt"]).exits(0);
    assert_eq!(would_ask(&house), ["octo/fork", "octo/plain"]);
    house.write("bad.txt", "octo/fine\nnot fine at all\n");
    house
        .run(&["track", "@bad.txt"])
        .exits(2)
        .says(&["bad.txt", "2"]);
    house
        .run(&["track", "@nowhere.txt"])
        .exits(2)
        .says(&["nowhere.txt"]);
    house.run(&["track", "octo"]).exits(2).says(&["octo"]);
    house
        .run(&["track", "octo/a/b"])
        .exits(2)
        .says(&["octo/a/b"]);
    assert_eq!(would_ask(&house), ["octo/fork", "octo/plain"]);
}

#[test]
fn long_lists_come_by_the_hundred() {
    let sim = github()
        .organization("acme")
        .fleet("acme", 250)
        .limits(Limits::none())
        .start_on_thread();
    let house = House::with(&sim);
    house.run(&["track", "acme/*"]).exits(0);
    sim.clear_log();
    assert_eq!(would_ask(&house).len(), 250);
    assert_eq!(sim.counters().of(Endpoint::OrgRepos), 3);
    assert_eq!(sim.counters().traffic(), 0, "a dry run asks for no traffic");
    house.run(&["sync"]).exits(0);
    let counters = sim.counters();
    assert_eq!(counters.traffic(), 1000);
    assert!(
        counters.of(Endpoint::Repo) == 0,
        "lists told everything: {counters:?}"
    );
    let repos = house.go("repos --json").exits(0).json();
    assert_eq!(repos.as_array().unwrap().len(), 250);
    let exported = house.export();
    for repo in ["acme/amber-api", "acme/willow-ui"] {
        if exported.find(repo, "2026-03-09").is_some() {
            exported.is_true(&sim, repo, window("2026-03-09"));
        }
    }
    assert_eq!(exported.rows.len(), 250 * 14);
}

#[test]
fn a_repository_without_push_access_is_left_out_and_named_with_the_reason() {
    let token = TokenSpec::classic("ghp_collaborator", "somebody")
        .can(Right::Push, "octo/plain")
        .can(Right::Read, "octo/skip");
    let sim = github()
        .token(token)
        .organization("octo")
        .repo("octo/plain")
        .repo("octo/skip")
        .start_on_thread();
    let house = House::with(&sim).set("GITRATRA_TOKEN", "ghp_collaborator");
    house
        .run(&["sync", "octo/*"])
        .exits(0)
        .says(&["octo/skip", "push access"]);
    assert_eq!(sim.counters().traffic(), 4);
    house
        .export()
        .is_true(&sim, "octo/plain", window("2026-03-09"));
    // Asked by name it is a failure.
    house
        .run(&["sync", "octo/skip"])
        .exits(1)
        .says(&["octo/skip", "push access"]);
}

#[test]
fn the_missing_right_is_named_as_github_names_it() {
    let check = |token: TokenSpec, secret: &str, word: &str| {
        let sim = github().token(token).repo("octo/plain").start_on_thread();
        let house = House::with(&sim).set("GITRATRA_TOKEN", secret);
        house
            .run(&["sync", "octo/plain"])
            .exits(1)
            .says(&["octo/plain", word]);
    };
    let fine = TokenSpec::fine_grained("github_pat_x", "octo").without_administration();
    check(fine, "github_pat_x", "Administration");
    let app = TokenSpec::installation("ghs_x", "octo").without_administration();
    check(app, "ghs_x", "Administration");
    check(
        TokenSpec::classic("ghp_x", "octo").scopes(&[]),
        "ghp_x",
        "scope",
    );
    check(
        TokenSpec::classic("ghp_y", "somebody"),
        "ghp_y",
        "push access",
    );
}

#[test]
fn an_organization_behind_single_sign_on_is_named() {
    let token = TokenSpec::classic("ghp_outside", "somebody").can(Right::Admin, "acme/*");
    let sim = github()
        .token(token)
        .organization_with_sso("acme")
        .repo("acme/tool")
        .repo("somebody/own")
        .start_on_thread();
    let house = House::with(&sim).set("GITRATRA_TOKEN", "ghp_outside");
    house
        .run(&["sync", "acme/tool"])
        .exits(1)
        .says(&["acme/tool", "SSO"]);
    house.run(&["sync", "*"]).says(&["SSO"]);
    house
        .export()
        .is_true(&sim, "somebody/own", window("2026-03-09"));
}

#[test]
fn untracking_says_which_other_rule_still_tracks() {
    let sim = mixed();
    let house = House::with(&sim);
    house
        .run(&["track", "octo/*", "octo/plain", "!fork"])
        .exits(0);
    let hint = "`gitratra track '!octo/plain'`";
    house
        .go("untrack octo/plain")
        .exits(0)
        .says(&["octo/plain is still tracked because of \"octo/*\"", hint]);
    house.go("untrack !fork").exits(0).says(&["tracked again"]);
    house.go("track octo/skip").exits(0);
    house.go("untrack octo/*").exits(0);
    let ran = house.go("untrack octo/skip").exits(0);
    ran.says(&["octo/skip is not tracked any more"]);
}

#[test]
fn a_list_that_a_refused_token_cannot_complete_says_what_to_do() {
    let sim = mixed();
    let house = House::with(&sim).set("GITRATRA_TOKEN", "ghp_unknown");
    house.write("list.txt", "plain\n");
    house.go("track @list.txt").exits(2).says(&["401", "token"]);
}

#[test]
fn a_name_that_was_never_found_is_told_as_never_read() {
    let sim = mixed();
    let house = House::with(&sim);
    house.go("track octo/nowhere").exits(0);
    house
        .go("repos")
        .exits(0)
        .shows(&["octo/nowhere", "never read"]);
}
