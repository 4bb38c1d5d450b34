//! `login` and `logout` with a real keychain: gnome-keyring on a message bus of the test's own.

use std::fs;
use std::process::{Child, Command, Stdio};

use gitratra_sim::{Sim, SimBuilder, TokenSpec};

use crate::house::{House, Ran, TOKEN, finish, github, until};

/// Begins every session: a keychain that is open, and has made the collection that tokens go to,
/// which on a busy machine comes some time after the keychain itself. `run NAME ARGS…` runs the program
/// and keeps what it said.
const PRELUDE: &str = r#"
set -u
printf pass | gnome-keyring-daemon --unlock --components=secrets >keyring.log 2>&1
tries=0
until dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \
    org.freedesktop.Secret.Service.ReadAlias string:default 2>>keyring.log | grep -q collection
do
    tries=$((tries + 1)); [ $tries -lt 300 ] || exit 7
    sleep 0.1
done
run() {
    name=$1; shift
    PATH=no-programs "$PROGRAM" "$@" >"$name.out" 2>"$name.err"; echo $? >"$name.exit"
}
"#;

/// A message bus that starts nothing by itself: a second keychain, started because somebody asked
/// before the first one was ready, would be a locked one.
const BUS: &str = r#"<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

fn sim() -> SimBuilder {
    github().repo("octo/alpha")
}

/// A house without a token.
fn house(sim: &Sim) -> House {
    House::empty()
        .set("GITRATRA_API_URL", &sim.url())
        .set("GITRATRA_POINTS_PER_MINUTE", "0")
}

/// A session with a keychain, set up but not started. The token comes from the environment, so that
/// no file holds it.
fn session(house: &House, token: &str, script: &str) -> Command {
    let mut command = house.bare("dbus-run-session");
    command
        .arg("--config-file")
        .arg(house.write("bus.conf", BUS))
        .args(["--", "/bin/sh", "-c", &format!("{PRELUDE}{script}")])
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("PROGRAM", env!("CARGO_BIN_EXE_gitratra"))
        .env("PASTED", token)
        .env_remove("DBUS_SESSION_BUS_ADDRESS");
    command
}

/// Runs a session to its end.
fn in_session(house: &House, token: &str, script: &str) {
    let ran = finish(session(house, token, script), "");
    assert_eq!(
        ran.exit, 0,
        "dbus-run-session and gnome-keyring are needed: {ran:?}"
    );
}

/// What the program said in a session.
fn said(house: &House, name: &str) -> Ran {
    Ran {
        exit: house.read(&format!("{name}.exit")).trim().parse().unwrap(),
        out: house.read(&format!("{name}.out")),
        err: house.read(&format!("{name}.err")),
    }
}

#[track_caller]
fn no_file_holds(house: &House, secret: &str) {
    for path in house.files() {
        // The keychain's own sockets hold nothing, and go with it.
        let Ok(bytes) = fs::read(&path) else { continue };
        let has = bytes
            .windows(secret.len())
            .any(|window| window == secret.as_bytes());
        assert!(!has, "{}", path.display());
    }
}

#[test]
fn a_pasted_token_is_kept_used_and_forgotten() {
    let sim = sim().start_on_thread();
    let house = house(&sim);
    in_session(
        &house,
        TOKEN,
        r#"
printf '%s\n' "$PASTED" | run login -vv login --with-token
run sync -vv sync octo/alpha
run elsewhere -vv --api-url http://localhost:1 sync octo/alpha
GH_TOKEN=ghp_wrong run environment sync --all
run out -vv logout
run again logout
run after sync --all
"#,
    );
    let login = said(&house, "login").exits(0);
    login.says(&["\"octo\"", "keychain", "repo", "expires"]);
    said(&house, "sync").exits(0);
    // Kept for one host, and given to no other.
    said(&house, "elsewhere").exits(2).says(&["no token"]);
    said(&house, "environment").exits(2).says(&["401"]);
    said(&house, "out").exits(0).says(&["forgotten", "revoked"]);
    said(&house, "again").exits(0).says(&["there was no token"]);
    said(&house, "after").exits(2).says(&["no token"]);
    no_file_holds(&house, TOKEN);
}

#[test]
fn what_a_pasted_token_may_do_is_told() {
    let sim = sim()
        .token(TokenSpec::classic("ghp_narrow", "ada").scopes(&["read:user"]))
        .token(TokenSpec::classic("ghp_public", "ada").scopes(&["public_repo"]))
        .token(TokenSpec::fine_grained("github_pat_fine", "ada").expires("2026-03-14T18:00:00Z"))
        .token(TokenSpec::installation("ghs_short", "ada"))
        .start_on_thread();
    let house = house(&sim);
    in_session(
        &house,
        "",
        r#"
for token in ghp_narrow ghp_public github_pat_fine ghs_short ghp_refused; do
    printf '%s\n' $token | run $token login --with-token
done
printf '\n' | run empty login --with-token
printf ghp_public | GITHUB_TOKEN=ghp_narrow run beside login --with-token
"#,
    );
    for (token, words) in [
        (
            "ghp_narrow",
            vec!["\"ada\"", "read:user", "needs the scope \"repo\""],
        ),
        (
            "ghp_public",
            vec!["public_repo", "public repositories only"],
        ),
        (
            "github_pat_fine",
            vec!["Administration: read", "2026-03-14", "4 days"],
        ),
        ("ghs_short", vec!["no user's", "--app-id"]),
    ] {
        said(&house, token).exits(0).says(&words);
    }
    let words = ["GITHUB_TOKEN", "in place of"];
    said(&house, "beside").exits(0).says(&words);
    // Neither of them took the place of the one that was kept.
    said(&house, "ghp_refused")
        .exits(2)
        .says(&["401", "not kept"]);
    said(&house, "empty").exits(2).says(&["no token"]);
}

#[test]
fn a_refused_token_is_not_kept() {
    let sim = sim().start_on_thread();
    let house = house(&sim);
    in_session(
        &house,
        "ghp_aTokenNobodyKnows",
        r#"
printf '%s\n' "$PASTED" | run login -vv login --with-token
run sync sync octo/alpha
run out logout
"#,
    );
    let words = ["401", "expired or revoked", "not kept"];
    said(&house, "login").exits(2).says(&words);
    said(&house, "sync").exits(2).says(&["no token"]);
    said(&house, "out").exits(0).says(&["there was no token"]);
    no_file_holds(&house, "ghp_aTokenNobodyKnows");
}

/// A login in the browser that has come as far as its code.
fn begin_login(sim: &Sim, house: &House) -> (Child, String) {
    let script = "run login -vv login --client-id Iv1.gitratra\nrun sync -vv sync octo/alpha\n";
    let child = session(house, "", script)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until(|| !sim.device_codes().is_empty());
    let code = sim.device_codes().remove(0);
    let said = || fs::read_to_string(house.path("login.err")).unwrap_or_default();
    until(|| said().contains(&code));
    (child, code)
}

#[test]
fn a_login_that_is_allowed_in_the_browser_is_kept() {
    const GIVEN: &str = "gho_aTokenFromTheBrowser12345";
    let sim = sim().oauth_app("Iv1.gitratra").start_on_thread();
    let house = house(&sim);
    let (mut child, code) = begin_login(&sim, &house);
    sim.device_approve(&code, TokenSpec::classic(GIVEN, "octo"));
    child.wait().unwrap();
    let address = format!("{}/login/device", sim.url());
    let words = [&*code, &*address, "\"octo\"", "keychain"];
    said(&house, "login").exits(0).says(&words);
    said(&house, "sync").exits(0);
    no_file_holds(&house, GIVEN);
}

#[test]
fn a_code_that_nobody_types_in_time_keeps_nothing() {
    let sim = sim().oauth_app("Iv1.gitratra").start_on_thread();
    let house = house(&sim);
    let (mut child, _) = begin_login(&sim, &house);
    sim.advance_secs(1000);
    child.wait().unwrap();
    let words = ["not used in time", "none is kept"];
    said(&house, "login").exits(2).says(&words);
    said(&house, "sync").exits(2).says(&["no token"]);
}

#[test]
fn a_denied_login_says_so() {
    let sim = sim()
        .oauth_app("Iv1.gitratra")
        .oauth_app_without_device_flow("Iv1.closed")
        .start_on_thread();
    let house = house(&sim);
    let (mut child, code) = begin_login(&sim, &house);
    sim.device_deny(&code);
    child.wait().unwrap();
    said(&house, "login").exits(2).says(&["denied"]);
    in_session(
        &house,
        "",
        r#"
GITRATRA_CLIENT_ID=Iv1.closed run closed login
GITRATRA_CLIENT_ID=Iv1.unknown run unknown login
"#,
    );
    said(&house, "closed")
        .exits(2)
        .says(&["Enable Device Flow"]);
    said(&house, "unknown").exits(2).says(&["Iv1.unknown"]);
}

#[test]
fn without_a_client_id_the_ways_to_log_in_are_named() {
    let sim = sim().start_on_thread();
    let words = [
        "--client-id",
        "GITRATRA_CLIENT_ID",
        "Device Flow",
        "--with-token",
        "gh auth login",
    ];
    house(&sim).go("login").exits(2).says(&words);
    assert_eq!(sim.counters().total, 0);
}

#[test]
fn without_a_keychain_the_other_places_for_a_token_are_named() {
    let sim = sim().oauth_app("Iv1.gitratra").start_on_thread();
    let house = house(&sim);
    let words = ["keychain", "chmod 600", "LoadCredential", "GITRATRA_TOKEN"];
    let ran = house.run_with_input(&["login", "--with-token"], TOKEN);
    ran.exits(2).says(&words);
    house
        .go("login --client-id Iv1.gitratra")
        .exits(2)
        .says(&words);
    assert!(
        sim.device_codes().is_empty(),
        "nobody types a code for nothing"
    );
    house.go("logout").exits(2).says(&["keychain"]);
    house.go("sync octo/alpha").exits(2).says(&["no token"]);
    assert!(house.files().is_empty(), "{:?}", house.files());
}

#[test]
fn a_keychain_that_never_answers_does_not_hold_up_a_pass() {
    let sim = sim().start_on_thread();
    let house = house(&sim);
    // Nobody ever speaks on this bus.
    let _bus = std::os::unix::net::UnixListener::bind(house.path("bus")).unwrap();
    let address = format!("unix:path={}", house.path("bus").display());
    let house = house.set("DBUS_SESSION_BUS_ADDRESS", &address);
    house.go("sync octo/alpha").exits(2).says(&["no token"]);
    let house = house.set("GITRATRA_TOKEN", TOKEN);
    house.go("sync octo/alpha").exits(0);
}
