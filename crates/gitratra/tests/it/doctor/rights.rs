//! What a credential lacks is named, with what to change.

use gitratra_sim::{AppKey, AppSpec, InstallationSpec, RepoSpec, Right, TokenSpec};

use crate::house::{House, TOKEN};

use super::{check, here, set_mode, told};

#[test]
fn a_token_that_expired_is_refused_and_said_to_be() {
    let sim = here().repo("octo/alpha").start_on_thread();
    let house = House::with(&sim);
    house.go("sync octo/alpha").exits(0);
    sim.revoke(TOKEN);
    let report = house.go("doctor --json").exits(1).json();
    told(
        &report,
        "credentials",
        "token",
        "bad",
        "GitHub does not take it: 401 Bad credentials",
        "the token is wrong, expired or revoked: make a new one",
    );
    assert_eq!(report["credentials"][0]["status"], 401);
    assert_eq!(report["repos"][0]["endpoints"]["views"]["state"], "unknown");
    // A refusal tells the time.
    told(&report, "github", "clock", "ok", "goes with", "");
}

#[test]
fn a_token_about_to_expire_is_told_in_time() {
    for (days, state, exit) in [(2, "bad", 1), (10, "warn", 1), (30, "ok", 0)] {
        let builder = here();
        let sim = builder.clone().repo("octo/alpha").start_on_thread();
        let end = sim.now().plus_secs(days * 86_400 + 3_600);
        let token = TokenSpec::fine_grained("github_pat_ends", "octo").expires(end);
        let sim = builder.token(token).repo("octo/alpha").start_on_thread();
        let house = House::with(&sim).set("GITRATRA_TOKEN", "github_pat_ends");
        house.go("sync octo/alpha").exits(0);
        let report = house.go("doctor --json").exits(exit).json();
        let action = match state {
            "ok" => "",
            _ => "make a new token with the same permissions before then",
        };
        let found = format!("in {days} days");
        told(&report, "credentials", "token, end", state, &found, action);
        told(&report, "credentials", "token", "ok", "fine-grained", "");
        assert_eq!(report["credentials"][0]["state"], state);
    }
}

#[test]
fn missing_rights_are_named_with_what_to_change() {
    let builder = here()
        .token(TokenSpec::classic("ghp_reader", "somebody").can(Right::Read, "octo/alpha"))
        .token(TokenSpec::classic("ghp_scopeless", "octo").scopes(&["gist"]))
        .token(TokenSpec::fine_grained("github_pat_narrow", "octo").without_administration())
        .repo("octo/alpha");
    for (token, message, action) in [
        (
            "ghp_reader",
            "403 Must have push access to repository",
            "get push access to the repository",
        ),
        ("ghp_scopeless", "403 ", "give the token the scope \"repo\""),
        (
            "github_pat_narrow",
            "403 Resource not accessible by personal access token",
            "Administration (read)",
        ),
    ] {
        let sim = builder.clone().start_on_thread();
        let house = House::with(&sim).set("GITRATRA_TOKEN", token);
        house.go("track octo/alpha").exits(0);
        let report = house.go("doctor --json").exits(1).json();
        let found = format!("views, clones, referrers, paths: {message}");
        told(&report, "repositories", "octo/alpha", "bad", &found, action);
        let views = &report["repos"][0]["endpoints"]["views"];
        assert_eq!(views["status"], 403);
        assert!(
            views["action"].as_str().unwrap().contains(action),
            "{views}"
        );
        house.go("doctor").exits(1).shows(&[action]);
    }
}

#[test]
fn a_classic_token_without_the_scope_is_told_before_any_repository() {
    let sim = here()
        .token(TokenSpec::classic("ghp_scopeless", "octo").scopes(&["gist", "read:org"]))
        .repo("octo/alpha")
        .start_on_thread();
    let house = House::with(&sim).set("GITRATRA_TOKEN", "ghp_scopeless");
    house.go("track octo/alpha").exits(0);
    let report = house.go("doctor --json").exits(1).json();
    told(
        &report,
        "credentials",
        "token",
        "bad",
        "it is octo's, classic with the scopes gist, read:org, which shows no traffic",
        "give the token the scope \"repo\"",
    );
}

#[test]
fn single_sign_on_is_told_with_its_address() {
    let sim = here()
        .token(TokenSpec::classic("ghp_outside", "somebody").can(Right::Admin, "acme/tool"))
        .repo("acme/tool")
        .repo("somebody/own")
        .organization_with_sso("acme")
        .start_on_thread();
    let house = House::with(&sim).set("GITRATRA_TOKEN", "ghp_outside");
    house.run(&["track", "acme/tool", "*"]).exits(0);
    let report = house.go("doctor acme/tool --json").exits(1).json();
    let found = check(&report, "repositories", "acme/tool");
    assert_eq!(found.0, "bad");
    assert!(
        found.2.unwrap().contains("single sign-on (SSO)"),
        "{report:#}"
    );
    let hidden = check(&report, "credentials", "token, SSO");
    assert_eq!(hidden.0, "warn");
    assert_eq!(
        hidden.2.unwrap(),
        "authorise the token for their single sign-on (SSO): https://github.com/settings/tokens"
    );
    let numbers = report["credentials"][0]["hidden_organizations"]
        .as_array()
        .unwrap();
    assert_eq!(numbers.len(), 1, "{report:#}");
    assert!(
        hidden.1.contains(numbers[0].as_str().unwrap()),
        "{}",
        hidden.1
    );
}

#[test]
fn an_installation_without_the_permission_is_told_and_others_go_on() {
    let sim = here()
        .repo("octo/alpha")
        .repo("acme/tool")
        .app(
            AppSpec::new(7)
                .installed(InstallationSpec::new("octo"))
                .installed(InstallationSpec::new("acme").without_administration()),
        )
        .start_on_thread();
    let house = House::with(&sim)
        .set("GITRATRA_TOKEN", "")
        .set("GITRATRA_APP_ID", "7")
        .set("GITRATRA_APP_KEY_FILE", "key.pem");
    let key = house.write("key.pem", sim.app_key_pem().pkcs1());
    set_mode(&key, 0o600);
    house.go("track octo/alpha acme/tool").exits(0);
    let report = house.go("doctor --json").exits(1).json();
    told(
        &report,
        "credentials",
        "installation acme",
        "bad",
        "it lacks the permission \"Administration: read\"",
        "accept it for the account",
    );
    told(
        &report,
        "credentials",
        "installation octo",
        "ok",
        "the installation for octo",
        "",
    );
    told(
        &report,
        "repositories",
        "octo/alpha",
        "ok",
        "can be read",
        "",
    );
    told(
        &report,
        "repositories",
        "acme/tool",
        "bad",
        "403 Resource not accessible by integration",
        "Administration (read)",
    );
}

#[test]
fn a_private_repository_out_of_sight_says_what_the_token_lacks() {
    let sim = here()
        .token(TokenSpec::classic("ghp_public", "octo").scopes(&["public_repo"]))
        .repo(RepoSpec::new("octo/secret").private())
        .start_on_thread();
    let house = House::with(&sim).set("GITRATRA_TOKEN", "ghp_public");
    house.go("track octo/secret").exits(0);
    let report = house.go("doctor --json").exits(1).json();
    told(
        &report,
        "repositories",
        "octo/secret",
        "bad",
        "404 Not Found",
        "lacks the scope \"repo\"",
    );
}

#[test]
fn a_rate_limit_that_is_used_up_is_told_with_its_end() {
    let sim = here().repo("octo/alpha").start_on_thread();
    let house = House::with(&sim);
    house.go("sync octo/alpha").exits(0);
    sim.set_remaining(TOKEN, 0);
    let report = house.go("doctor --json").exits(1).json();
    told(
        &report,
        "credentials",
        "token, rate limit",
        "warn",
        "0 of 5000 requests left until ",
        "wait until then",
    );
    let repo = check(&report, "repositories", "octo/alpha");
    assert_eq!(repo.0, "unknown", "{repo:?}");
}

#[test]
fn without_a_token_it_says_how_to_get_one() {
    let sim = here().repo("octo/alpha").start_on_thread();
    let house = House::with(&sim);
    house.go("sync octo/alpha").exits(0);
    let house = house.set("GITRATRA_TOKEN", "");
    let report = house.go("doctor --json").exits(2).json();
    told(
        &report,
        "credentials",
        "token",
        "unknown",
        "no token",
        "Administration: read",
    );
    told(&report, "github", "clock", "ok", "goes with", "");
    house
        .go("doctor")
        .exits(2)
        .shows(&["GITRATRA_TOKEN", "gitratra demo"]);
}

#[test]
fn a_key_that_is_not_the_apps_is_told() {
    let sim = here()
        .repo("octo/alpha")
        .app(AppSpec::new(7).installed(InstallationSpec::new("octo")))
        .start_on_thread();
    let house = House::with(&sim)
        .set("GITRATRA_TOKEN", "")
        .set("GITRATRA_APP_ID", "7")
        .set("GITRATRA_APP_KEY_FILE", "key.pem");
    let key = house.write("key.pem", AppKey::stranger().pkcs1());
    set_mode(&key, 0o600);
    house.go("track octo/alpha").exits(0);
    let ran = house.go("doctor --json").exits(1);
    assert!(!ran.out.contains("PRIVATE"), "{}", ran.out);
    let action = "check the App's id and that the key file belongs to it";
    told(&ran.json(), "credentials", "App 7", "bad", "401 ", action);
}

#[test]
fn a_token_file_that_is_not_there_leaves_everything_open() {
    let sim = here().repo("octo/alpha").start_on_thread();
    let house = House::with(&sim);
    house.go("sync octo/alpha").exits(0);
    let report = house
        .go("--token-file nowhere.txt doctor --json")
        .exits(2)
        .json();
    told(
        &report,
        "credentials",
        "token",
        "unknown",
        "nowhere.txt",
        "mend this credential",
    );
}
