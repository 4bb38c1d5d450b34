//! Several credentials at once: each reads what it can see, and one that fails costs the others
//! nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use gitratra_sim::{
    AppKey, AppSpec, InstallationSpec, RepoSpec, Right, Sim, SimBuilder, TokenSpec,
};

use crate::house::{House, Ran, TOKEN, github};

const ADA: &str = "ghp_adasTokenThatMustNeverBeSeen";
const BOB: &str = "github_pat_bobsTokenThatMustNeverBeSeen";
const CONFIG: &str = "config/gitratra/config.toml";

/// Two people, each with a private repository that the other cannot see.
fn two_people() -> SimBuilder {
    Sim::builder()
        .repo(RepoSpec::new("ada/diary").private())
        .repo(RepoSpec::new("bob/letters").private())
        .token(TokenSpec::classic(ADA, "ada"))
        .token(TokenSpec::fine_grained(BOB, "bob"))
}

/// A house that knows both by tables of its configuration.
fn house_of_two(sim: &Sim) -> House {
    let house = house(sim).set("BOBS_TOKEN", BOB);
    house.write(
        CONFIG,
        "[[credential]]\nlabel = \"ada's\"\ntoken_file = \"ada.txt\"\n\n\
         [[credential]]\nlabel = \"bob's\"\ntoken_env = \"BOBS_TOKEN\"\n",
    );
    secret(&house, "ada.txt", ADA);
    house
}

fn house(sim: &Sim) -> House {
    House::empty()
        .set("GITRATRA_API_URL", &sim.url())
        .set("GITRATRA_POINTS_PER_MINUTE", "0")
}

/// Writes a file that nobody else can read.
fn secret(house: &House, name: &str, text: &str) {
    let path = house.write(name, text);
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// Who asked for the traffic of which repository, and how that was answered.
fn traffic(sim: &Sim) -> BTreeMap<u64, BTreeSet<(String, u16)>> {
    let mut asked: BTreeMap<u64, BTreeSet<_>> = BTreeMap::new();
    for entry in sim.log() {
        if let (true, Some(id)) = (entry.target.contains("/traffic/"), entry.repo_id) {
            asked
                .entry(id)
                .or_default()
                .insert((entry.credential, entry.status));
        }
    }
    asked
}

/// Demands that no secret is in what was said or in any file but those that hold it on purpose.
#[track_caller]
fn leaks_nothing(house: &House, ran: &Ran, secrets: &[&str], holders: &[&str]) {
    for secret in secrets {
        for text in [&ran.out, &ran.err] {
            assert!(!text.contains(secret), "{text}");
        }
        for path in house.files() {
            if holders.iter().any(|holder| path == house.path(holder)) {
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            let secret = secret.as_bytes();
            let has = bytes.windows(secret.len()).any(|window| window == secret);
            assert!(!has, "{}", path.display());
        }
    }
}

#[test]
fn each_private_repository_is_read_by_who_can_see_it() {
    for patterns in ["ada/diary bob/letters", "ada/* bob/*", "*"] {
        let sim = two_people().start_on_thread();
        let house = house_of_two(&sim);
        let ran = house.go(&format!("-vv sync --json {patterns}")).exits(0);
        let report = ran.json();
        assert_eq!(report["repos"]["ok"], 2, "{report}");
        assert_eq!(report["credential_failures"], serde_json::json!([]));
        let asked = traffic(&sim);
        assert_eq!(asked.len(), 2);
        let mut who = BTreeSet::new();
        for answers in asked.into_values() {
            // One credential, and nothing was refused.
            assert_eq!(answers.len(), 1, "{answers:?}");
            let (credential, status) = answers.into_iter().next().unwrap();
            assert_eq!(status, 200);
            who.insert(credential);
        }
        assert_eq!(who.len(), 2, "{who:?}");
        leaks_nothing(&house, &ran, &[ADA, BOB], &["ada.txt"]);
        // The next pass asks each by the same again.
        sim.advance_days(1);
        sim.clear_log();
        house.go("sync").exits(0);
        let again = traffic(&sim).into_values().flatten();
        assert!(again.into_iter().all(|(who_asked, status)| {
            who.contains(&who_asked) && matches!(status, 200 | 304)
        }));
    }
}

#[test]
fn a_used_up_hour_of_one_costs_the_other_nothing() {
    let sim = two_people().start_on_thread();
    let house = house_of_two(&sim);
    house.go("sync ada/diary bob/letters").exits(0);
    sim.advance_days(1);
    sim.set_remaining(ADA, 0);
    sim.clear_log();
    let ran = house.go("sync --json").exits(1);
    let report = ran.says(&["ada/diary"]).json();
    assert_eq!(report["repos"]["ok"], 1, "{report}");
    assert_eq!(sim.requests_of("bob/letters"), 5);
    // A day later everything is there.
    sim.advance_days(1);
    house.go("sync").exits(0);
    let newest = sim.newest("ada/diary", gitratra_sim::Metric::Views);
    let exported = house.export();
    assert_eq!(exported.repos(), ["ada/diary", "bob/letters"]);
    assert!(exported.days_in("ada/diary", "measured").contains(&newest));
}

#[test]
fn a_refused_token_is_named_and_the_rest_is_read() {
    let sim = two_people().start_on_thread();
    let house = house_of_two(&sim);
    house.go("track ada/diary bob/letters").exits(0);
    sim.revoke(ADA);
    let ran = house
        .go("-vv sync --json")
        .exits(1)
        .says(&["\"ada's\"", "revoked"]);
    let report = ran.json();
    assert_eq!(report["credential_failures"][0]["label"], "ada's");
    assert!(house.export().repos().contains(&"bob/letters"));
    assert!(sim.counters().status(401) <= 8, "{:?}", sim.counters());
    leaks_nothing(&house, &ran, &[ADA, BOB], &["ada.txt"]);
    // Where GitHub takes none, nothing can be begun.
    sim.revoke(BOB);
    house.go("sync --all").exits(2).says(&["401"]);
}

#[test]
fn a_credential_that_cannot_be_read_is_named_and_the_rest_is_read() {
    let sim = two_people().start_on_thread();
    let house = house_of_two(&sim);
    fs::remove_file(house.path("ada.txt")).unwrap();
    let ran = house.go("sync --json bob/letters");
    let ran = ran.exits(1).says(&["\"ada's\"", "ada.txt"]);
    let report = ran.json();
    assert_eq!(report["repos"]["ok"], 1, "{report}");
    assert_eq!(report["credential_failures"][0]["label"], "ada's");
    let house = house.set("BOBS_TOKEN", "");
    house
        .go("sync --all")
        .exits(2)
        .says(&["\"ada's\"", "ada.txt", "\"bob's\"", "BOBS_TOKEN"]);
}

#[test]
fn a_token_of_the_environment_asks_beside_the_tables() {
    let sim = two_people()
        .token(TOKEN)
        .repo("octo/alpha")
        .start_on_thread();
    let house = house_of_two(&sim).set("GITHUB_TOKEN", TOKEN);
    house.go("sync octo/alpha ada/diary bob/letters").exits(0);
    // The same token under two names is one credential, under the name of its table.
    let house = house_of_two(&sim).set("GITHUB_TOKEN", BOB);
    house.go("track bob/letters").exits(0);
    sim.revoke(BOB);
    let ran = house.go("sync --json").exits(1).says(&["\"bob's\""]);
    let failures = ran.json()["credential_failures"].clone();
    assert_eq!(failures.as_array().unwrap().len(), 1, "{failures}");
}

#[test]
fn what_gh_holds_is_not_looked_for_where_anything_is_configured() {
    let sim = two_people().start_on_thread();
    let house = house_of_two(&sim);
    let gh = house.write("no-programs/gh", "#!/bin/sh\necho called >gh-was-called\n");
    fs::set_permissions(gh, fs::Permissions::from_mode(0o755)).unwrap();
    house.go("sync bob/letters").exits(0);
    assert!(!house.path("gh-was-called").exists());
    fs::remove_file(house.path(CONFIG)).unwrap();
    house.go("sync bob/letters").exits(2).says(&["no token"]);
    assert!(house.path("gh-was-called").exists());
}

#[test]
fn a_user_name_with_a_token_is_a_credential() {
    let sim = two_people().start_on_thread();
    let house = house(&sim);
    house.write(
        CONFIG,
        "[[credential]]\nlabel = \"basic\"\nuser = \"ada\"\ntoken_file = \"ada.txt\"\n",
    );
    secret(&house, "ada.txt", ADA);
    house.go("sync ada/diary").exits(0);
    // An account's password is explained, and tried once.
    secret(&house, "ada.txt", "correct-horse");
    sim.clear_log();
    let ran = house
        .go("-vv sync --all")
        .exits(2)
        .says(&["password", "personal access token"]);
    assert_eq!(sim.counters().total, 1);
    leaks_nothing(&house, &ran, &["correct-horse"], &["ada.txt"]);
}

#[test]
fn tables_that_name_no_credential_are_refused_without_their_secrets() {
    let house = House::empty();
    for (table, words) in [
        ("token_file = \"a\"\n", vec!["label"]),
        ("label = \"x\"\n", vec!["\"x\"", "token_file", "app_id"]),
        (
            "label = \"x\"\ntoken_env = \"A\"\ntoken_file = \"a\"\n",
            vec!["\"x\"", "exactly one"],
        ),
        ("label = \"x\"\napp_id = 7\n", vec!["\"x\"", "app_key_file"]),
        ("label = \"x\"\ntoken = \"ghp_notHere\"\n", vec!["token"]),
        (
            "label = \"x\"\ntoken_env = \"A\"\n[[credential]]\nlabel = \"x\"\ntoken_env = \"B\"\n",
            vec!["two", "\"x\""],
        ),
    ] {
        house.write(CONFIG, format!("[[credential]]\n{table}"));
        let ran = house.go("sync").exits(2).says(&words);
        assert!(!ran.err.contains("ghp_notHere"), "{}", ran.err);
    }
    house.write(CONFIG, "");
    house.go("--app-id 7 sync").exits(2).says(&["--app-key"]);
    house
        .go("--app-key k.pem sync")
        .exits(2)
        .says(&["--app-id"]);
}

#[test]
fn a_secret_that_others_can_read_is_warned_of() {
    let sim = two_people().start_on_thread();
    let house = house_of_two(&sim);
    let path = house.path("ada.txt");
    for (mode, is_warned) in [(0o600, false), (0o640, false), (0o604, true), (0o644, true)] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let ran = house.go("sync ada/diary").exits(0);
        assert_eq!(
            ran.err.contains("chmod 600"),
            is_warned,
            "{mode:o}: {}",
            ran.err
        );
    }
}

#[test]
fn no_more_than_a_share_of_the_hour_is_used() {
    let sim = github().fleet("octo", 4).start_on_thread();
    let house = House::with(&sim);
    house.go("track octo/*").exits(0);
    // A thousandth of 5,000 is five requests.
    house
        .go("sync --rate-share 0.001")
        .exits(1)
        .says(&["rate limit"]);
    assert!(sim.counters().traffic() <= 5, "{:?}", sim.counters());
    let house = house.set("GITRATRA_RATE_SHARE", "0.001");
    house.go("sync").exits(1);
    house.go("sync --rate-share 1").exits(0);
    for bad in ["0", "-1", "1.1", "NaN", "much"] {
        let house = House::with(&sim).set("GITRATRA_RATE_SHARE", bad);
        house.go("sync").exits(2).says(&[bad]);
    }
}

/// An App that two accounts have installed, each with a private repository, and one suspended.
fn with_an_app() -> SimBuilder {
    Sim::builder()
        .repo(RepoSpec::new("ada/diary").private())
        .repo(RepoSpec::new("bob/letters").private())
        .repo("eve/gossip")
        .app(
            AppSpec::new(77)
                .installed("ada")
                .installed("bob")
                .installed(InstallationSpec::new("eve").suspended()),
        )
}

fn house_of_an_app(sim: &Sim) -> House {
    let house = house(sim).set("GITRATRA_APP_ID", "77");
    secret(&house, "app.pem", sim.app_key_pem().pkcs1());
    house.set("GITRATRA_APP_KEY_FILE", "app.pem")
}

#[test]
fn an_app_reads_with_each_of_its_installations() {
    let sim = with_an_app().start_on_thread();
    let house = house_of_an_app(&sim);
    let ran = house.go("-vv sync ada/diary bob/letters");
    let ran = ran.exits(0).says(&["\"eve\" is suspended"]);
    let asked = traffic(&sim);
    let who: BTreeSet<_> = asked.values().flatten().map(|(who, _)| who).collect();
    assert_eq!((asked.len(), who.len()), (2, 2), "{asked:?}");
    assert_eq!(sim.counters().installation_tokens, 2);
    let middle_of_key = &sim.app_key_pem().pkcs1()[200..230];
    leaks_nothing(&house, &ran, &["ghs_", middle_of_key], &["app.pem"]);
    // Everything that the installations see.
    house.go("sync *").exits(0);
    assert_eq!(house.export().repos(), ["ada/diary", "bob/letters"]);
    // Days later the same installations ask on, with new tokens.
    sim.advance_days(2);
    sim.clear_log();
    house.go("sync").exits(0);
    assert_eq!(sim.counters().status(401), 0);
}

#[test]
fn apps_and_tokens_of_tables_ask_side_by_side() {
    let sim = with_an_app()
        .repo(RepoSpec::new("cyd/notes").private())
        .token(TokenSpec::classic(ADA, "cyd"))
        .start_on_thread();
    let house = house(&sim);
    secret(&house, "app.pem", sim.app_key_pem().pkcs8());
    secret(&house, "cyd.txt", ADA);
    house.write(
        CONFIG,
        "[[credential]]\nlabel = \"work\"\napp_id = 77\napp_key_file = \"app.pem\"\n\n\
         [[credential]]\nlabel = \"home\"\ntoken_file = \"cyd.txt\"\n",
    );
    house.go("sync ada/diary bob/letters cyd/notes").exits(0);
    // The App is gone; the rest goes on.
    sim.advance_days(1);
    secret(&house, "app.pem", AppKey::stranger().pkcs1());
    let ran = house.go("-vv sync --json").exits(1);
    let ran = ran.says(&["\"work\"", "key file"]);
    let report = ran.json();
    assert_eq!(report["credential_failures"][0]["label"], "work");
    assert!(report["repos"]["ok"].as_u64() >= Some(1), "{report}");
}

#[test]
fn an_app_that_cannot_ask_says_what_to_change() {
    let sim = Sim::builder()
        .repo("ada/diary")
        .app(AppSpec::new(1))
        .app(AppSpec::new(2).installed(InstallationSpec::new("ada").suspended()))
        .app(AppSpec::new(3).installed(InstallationSpec::new("ada").without_administration()))
        .app(AppSpec::new(4).installed("ada").key(AppKey::stranger()))
        .start_on_thread();
    let sync = |id: &str| {
        let house = house_of_an_app(&sim).set("GITRATRA_APP_ID", id);
        house.go("sync ada/diary")
    };
    sync("1")
        .exits(2)
        .says(&["installed nowhere", "Install App", "Administration: read"]);
    sync("2").exits(2).says(&["suspended"]);
    sync("3").exits(1).says(&["ada/diary", "Administration"]);
    sync("4").exits(2).says(&["401", "key file"]);
    sync("9").exits(2).says(&["App's id"]);
    sync("7 7").exits(2).says(&["\"7 7\"", "no App id"]);
    let house = house_of_an_app(&sim);
    secret(&house, "app.pem", "no key at all");
    let ran = house
        .go("sync ada/diary")
        .exits(2)
        .says(&["app.pem", "private key"]);
    assert!(!ran.err.contains("no key at all"), "{}", ran.err);
    fs::remove_file(house.path("app.pem")).unwrap();
    house.go("sync ada/diary").exits(2).says(&["app.pem"]);
}

#[test]
fn what_a_credential_lacks_is_named_as_github_names_it() {
    let sim = Sim::builder()
        .repo("ada/open")
        .repo(RepoSpec::new("ada/diary").private())
        .token(TokenSpec::classic("ghp_narrow", "ada").scopes(&["read:user"]))
        .token(TokenSpec::classic("ghp_public", "ada").scopes(&["public_repo"]))
        .token(TokenSpec::fine_grained("github_pat_blind", "ada").without_administration())
        .token(TokenSpec::classic("ghp_reader", "bob").can(Right::Read, "ada/open"))
        .start_on_thread();
    for (token, repo, words) in [
        (
            "ghp_narrow",
            "ada/open",
            vec!["scope \"repo\"", "public_repo"],
        ),
        ("ghp_public", "ada/diary", vec!["404", "scope \"repo\""]),
        (
            "github_pat_blind",
            "ada/open",
            vec!["403", "Administration"],
        ),
        ("ghp_reader", "ada/open", vec!["403", "push access"]),
    ] {
        let house = house(&sim).set("GITRATRA_TOKEN", token);
        house
            .run(&["sync", repo])
            .exits(1)
            .says(&words)
            .says(&[repo]);
    }
    let house = house(&sim).set("GITRATRA_TOKEN", "ghp_public");
    house.go("sync ada/open").exits(0);
}

#[test]
fn a_token_file_named_by_the_configuration_comes_after_the_environment() {
    let sim = two_people().start_on_thread();
    let house = house(&sim);
    secret(&house, "ada.txt", ADA);
    house.write(CONFIG, "token_file = \"ada.txt\"\n");
    house.go("sync ada/diary").exits(0);
    let house = house.set("GH_TOKEN", BOB);
    house.go("sync ada/diary").exits(1).says(&["404"]);
    house.go("--token-file ada.txt sync ada/diary").exits(0);
}
