//! Nothing leaks: whatever goes wrong, the token is in no output and in no file.

use gitratra_sim::{Endpoint, Fault, FaultPlan, Sim};

use crate::house::{House, Ran, TOKEN, github};

/// The token in the form in which `username:` sends it: base64 of `octo:TOKEN`.
fn encoded() -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let text = format!("octo:{TOKEN}");
    let mut encoded = String::new();
    for three in text.as_bytes().chunks(3) {
        let byte = |at: usize| usize::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let is_padding = at > three.len();
            let letter = char::from(LETTERS[bits >> shift & 63]);
            encoded.push(if is_padding { '=' } else { letter });
        }
    }
    encoded
}

/// Its middle, which nothing may show either.
fn encoded_middle() -> String {
    let encoded = encoded();
    encoded[8..encoded.len() - 4].to_owned()
}

#[track_caller]
fn leaks_nothing(house: &House, ran: &Ran) {
    let encoded = encoded_middle();
    for text in [&ran.out, &ran.err] {
        assert!(!text.contains(TOKEN) && !text.contains(&encoded), "{text}");
    }
    for path in house.files() {
        let bytes = std::fs::read(&path).unwrap();
        let has = |secret: &str| {
            let secret = secret.as_bytes();
            bytes.windows(secret.len()).any(|window| window == secret)
        };
        assert!(!has(TOKEN) && !has(&encoded), "{}", path.display());
    }
}

fn sim() -> Sim {
    github()
        .repo("octo/alpha")
        .repo("octo/beta")
        .start_on_thread()
}

/// A server that repeats what it was told, in every place it has.
fn echo(status: u16, secret: &str) -> Fault {
    Fault::status(status, &format!("Bad token {secret} was given"))
        .header("x-accepted-github-permissions", secret)
        .header(
            "x-github-sso",
            &format!("required; url=https://github.com/{secret}"),
        )
}

#[test]
fn no_command_tells_the_token_however_talkative() {
    let sim = sim();
    let house = House::with(&sim).set("RUST_LOG", "trace");
    house.write("list.txt", "octo/alpha\nbeta\n");
    for words in [
        "sync octo/alpha octo/beta",
        "-vvv sync --all --json",
        "-vvv repos",
        "-vvv explain octo/alpha",
        "-vvv show octo/alpha",
        "-vvv gaps",
        "-vvv doctor",
        "-vvv doctor octo/alpha --json",
        "-vvv why octo/alpha 2026-03-01",
        "-vvv export daily",
        "-vvv track @list.txt",
        "-vvv untrack octo/beta",
        "-vvv token: list.txt out.txt",
        "sync --no-such-option",
        "-vvv --db /dev/null/x sync octo/alpha",
    ] {
        leaks_nothing(&house, &house.go(words));
    }
    let input = |args: &[&str]| leaks_nothing(&house, &house.run_with_input(args, TOKEN));
    input(&["-vvv", "token:-", "list.txt", "out.txt"]);
    input(&["-vvv", "username:octo", "list.txt", "out.txt"]);
    input(&["-vvv", "--token-file", "-", "sync", "octo/alpha"]);
    assert_eq!(sim.counters().tokens_in_addresses, 0);
}

#[test]
fn a_server_that_repeats_the_token_is_not_repeated() {
    for status in [401, 403, 404, 422, 451, 501] {
        for endpoint in [None, Some(Endpoint::Views)] {
            let sim = sim();
            let house = House::with(&sim);
            house.write("list.txt", "octo/alpha\n");
            house.go("track octo/alpha octo/beta").exits(0);
            let plan = FaultPlan::new(echo(status, TOKEN));
            sim.fault(match endpoint {
                Some(endpoint) => plan.endpoint(endpoint),
                None => plan.repo("octo/alpha"),
            });
            let ran = house.go("-vvv sync --json");
            assert_ne!(ran.exit, 0, "{ran:?}");
            leaks_nothing(&house, &ran);
            leaks_nothing(&house, &house.go("repos --json"));
            leaks_nothing(&house, &house.go("-vvv doctor --json"));
            // The other way to send it, in both of its forms.
            for secret in [TOKEN, &encoded()] {
                sim.clear_faults();
                sim.fault(FaultPlan::new(echo(status, secret)));
                let args = ["-vvv", "username:octo", "list.txt", "out.txt"];
                let ran = house.run_with_input(&args, TOKEN);
                assert_ne!(ran.exit, 0, "{ran:?}");
                leaks_nothing(&house, &ran);
            }
        }
    }
}

#[test]
fn redirects_and_strange_answers_tell_nothing() {
    let sim = sim();
    let house = House::with(&sim);
    let location = format!("http://127.0.0.1:1/{TOKEN}?access_token={TOKEN}");
    for fault in [
        Fault::Redirect {
            location: location.clone(),
        },
        Fault::NextPage {
            url: location.clone(),
        },
        Fault::Status {
            status: 200,
            headers: Vec::new(),
            body: format!("{{\"count\":\"{TOKEN}\",\"uniques\":0,\"views\":[]}}"),
        },
    ] {
        sim.clear_faults();
        sim.fault(FaultPlan::new(fault));
        leaks_nothing(
            &house,
            &house.run(&["-vvv", "sync", "octo/alpha", "octo/*"]),
        );
    }
}

#[test]
fn a_token_in_the_wrong_place_is_not_repeated() {
    let sim = sim();
    let house = House::with(&sim);
    house.write("list.txt", "octo/alpha\n");
    let inline = format!("token:{TOKEN}");
    // A forgotten file name, an unreadable list, a token with a blank in it.
    for args in [
        vec![inline.as_str()],
        vec![inline.as_str(), "list.txt"],
        vec![inline.as_str(), "nowhere.txt", "out.txt"],
        vec![inline.as_str(), "list.txt", "out.txt", "too-much"],
    ] {
        leaks_nothing(&house, &house.run(&args).exits(2));
    }
    for words in [
        format!("Token:{TOKEN} a"),
        format!("token={TOKEN} a b"),
        format!("TOKEN={TOKEN} a b"),
        format!("{TOKEN} a b"),
        format!("--token={TOKEN} sync"),
        format!("original token={TOKEN} list.txt out.txt"),
    ] {
        leaks_nothing(&house, &house.go(&words).exits(2));
    }
    let spoiled = House::with(&sim).set("GITRATRA_TOKEN", &format!("{TOKEN} {TOKEN}"));
    leaks_nothing(&spoiled, &spoiled.go("sync octo/alpha").exits(2));
}
