//! The start: what has to be mended first is said loudly, what may come right is waited for.

use std::net::TcpListener;
use std::time::Duration;

use gitratra_sim::{AppSpec, Limits, Metric, RepoSpec, Right, Sim, TokenSpec};

use crate::exported::window;
use crate::house::{House, TOKEN, github, until};
use crate::postgres::Database;

use super::line::{Line, Room, Way};
use super::service::{SPEED, Serving};

fn configure_room(house: &House) -> Room {
    let room = Room::open();
    let text = format!("[[notify]]\nkind = \"webhook\"\nurl = \"{}\"\n", room.url);
    house.write("config/gitratra/config.toml", text);
    room
}

#[test]
fn serve_does_not_start_with_a_refused_token_and_tells_the_room() {
    let sim = github().speed(SPEED).repo("octo/alpha").start_on_thread();
    sim.revoke(TOKEN);
    let house = House::with(&sim);
    let room = configure_room(&house);
    house.go("track octo/alpha").exits(0);
    for _ in 0..2 {
        let ran = Serving::start(&house, &[]).end().exits(2);
        ran.says(&["401", "token"]);
    }
    // A service manager starts it again and again: that is told once.
    let heard = [("raised".to_owned(), "credential-stopped/token".to_owned())];
    assert_eq!(room.heard(), heard);
}

#[test]
fn serve_does_not_start_where_nothing_can_be_read() {
    let sim = Sim::builder()
        .token(TokenSpec::classic(TOKEN, "bob"))
        .speed(SPEED)
        .repo("octo/alpha")
        .repo("octo/beta")
        .start_on_thread();
    let house = House::with(&sim);
    house.go("track octo/alpha octo/beta").exits(0);
    let ran = Serving::start(&house, &[]).end().exits(2);
    ran.says(&["none of the tracked repositories", "push access"]);
    // One that can be read is enough.
    sim.grant(TOKEN, "octo/beta", Right::Admin);
    let mut serving = Serving::start(&house, &[]);
    serving.answers("/readyz", 200);
    serving.stop();
}

#[test]
fn serve_does_not_start_without_a_token_or_at_a_taken_address() {
    let sim = github().speed(SPEED).repo("octo/alpha").start_on_thread();
    let house = House::with(&sim).set("GITRATRA_TOKEN", "");
    house.go("track octo/alpha").exits(0);
    let ran = Serving::start(&house, &[]).end().exits(2);
    ran.says(&["token"]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let house = house.set("GITRATRA_TOKEN", TOKEN);
    let serving = Serving::start_with(&house, &["--listen", &address], &[]);
    let ran = serving.end().exits(2);
    ran.says(&[&address, "--listen", "--no-web"]);
}

#[test]
fn serve_does_not_start_on_a_store_that_may_only_be_read() {
    let sim = github().speed(SPEED).repo("octo/alpha").start_on_thread();
    let database = Database::create();
    let house = House::with(&sim).set("GITRATRA_DB", &database.url);
    house.go("track octo/alpha").exits(0);
    let options = "options=-c%20default_transaction_read_only%3Don";
    let house = house.set("GITRATRA_DB", &format!("{}?{options}", database.url));
    let ran = Serving::start(&house, &[]).end().exits(2);
    ran.says(&["can be read but not written"]);
}

#[test]
fn serve_waits_for_somebody_to_track_something() {
    let sim = github().speed(SPEED).limits(Limits::none());
    let sim = sim.repo("octo/alpha").start_on_thread();
    let house = House::with(&sim);
    let mut serving = Serving::start(&house, &[]);
    serving.answers("/readyz", 200);
    assert!(house.export().rows.is_empty());
    house.go("track octo/alpha").exits(0);
    let newest = sim.newest("octo/alpha", Metric::Views);
    serving.holds("octo/alpha", newest);
    serving.stop();
    house.export().is_true(&sim, "octo/alpha", window(newest));
}

#[test]
fn serve_waits_for_github_at_the_start() {
    let sim = github().speed(SPEED).limits(Limits::none());
    let sim = sim.repo("octo/alpha").start_on_thread();
    let line = Line::to(&sim.url(), Way::Cut);
    let house = House::with(&sim).set("GITRATRA_API_URL", line.url());
    house.go("track octo/alpha").exits(0);
    let mut serving = Serving::start(&house, &[]);
    serving.says("GitHub does not answer");
    let came = line.came();
    until(|| line.came() > came + 20);
    assert_eq!(serving.get("/readyz").0, 503);
    serving.answers("/healthz", 200);
    assert_eq!(
        serving.count("GitHub does not answer"),
        1,
        "{}",
        serving.log()
    );
    line.set(Way::Open);
    serving.answers("/readyz", 200);
    serving.holds("octo/alpha", sim.newest("octo/alpha", Metric::Views));
    serving.stop();
}

#[test]
fn serve_ends_soon_though_github_never_answers() {
    let sim = github().repo("octo/alpha").start_on_thread();
    let line = Line::to(&sim.url(), Way::Still);
    let house = House::with(&sim).set("GITRATRA_API_URL", line.url());
    house.go("track octo/alpha").exits(0);
    let mut serving = Serving::start(&house, &[]);
    serving.address();
    until(|| line.came() > 0);
    serving.answers("/healthz", 200);
    assert_eq!(serving.get("/readyz").0, 503);
    serving.stop();
}

#[test]
fn serve_waits_for_github_with_an_app_as_well() {
    let sim = Sim::builder()
        .speed(SPEED)
        .limits(Limits::none())
        .repo(RepoSpec::new("ada/diary").private())
        .app(AppSpec::new(77).installed("ada"))
        .start_on_thread();
    let line = Line::to(&sim.url(), Way::Cut);
    let house = House::with(&sim)
        .set("GITRATRA_TOKEN", "")
        .set("GITRATRA_API_URL", line.url())
        .set("GITRATRA_APP_ID", "77")
        .set("GITRATRA_APP_KEY_FILE", "app.pem");
    house.write("app.pem", sim.app_key_pem().pkcs1());
    house.go("track ada/diary").exits(0);
    let mut serving = Serving::start(&house, &[]);
    serving.says("the credential \"App 77\" cannot be used");
    let came = line.came();
    until(|| line.came() > came + 20);
    serving.answers("/healthz", 200);
    assert_eq!(serving.get("/readyz").0, 503);
    assert_eq!(serving.count("App 77"), 1, "{}", serving.log());
    line.set(Way::Open);
    serving.answers("/readyz", 200);
    let newest = sim.newest("ada/diary", Metric::Views);
    until(|| {
        serving
            .metric("gitratra_last_stored_timestamp_seconds")
            .is_some()
    });
    let (_, page) = serving.get("/metrics");
    assert!(!page.contains("diary"), "{page}");
    serving.stop();
    house.export().is_true(&sim, "ada/diary", window(newest));
}

#[test]
fn serve_says_what_is_wrong_with_an_address_and_goes_on_trying() {
    let plain = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = plain.local_addr().unwrap().port();
    // It answers as a web server without encryption does.
    std::thread::spawn(move || {
        for stream in plain.incoming().map_while(Result::ok) {
            let mut stream = stream;
            let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
            let _ = std::io::Read::read(&mut stream, &mut [0; 512]);
            let _ = std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    for (url, expected) in [
        ("http://does-not-exist.invalid".to_owned(), "dns"),
        (format!("https://127.0.0.1:{port}"), "tls"),
    ] {
        let house = House::empty()
            .set("GITRATRA_TOKEN", TOKEN)
            .set("GITRATRA_API_URL", &url);
        house.go("track octo/alpha").exits(0);
        let mut serving = Serving::start(&house, &[]);
        serving.says(expected);
        assert_eq!(serving.get("/readyz").0, 503);
        serving.answers("/healthz", 200);
        assert_eq!(
            serving.count("GitHub does not answer"),
            1,
            "{}",
            serving.log()
        );
        serving.stop();
    }
}
