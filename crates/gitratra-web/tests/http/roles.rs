//! Every route, asked by everybody who can come, for every repository that there can be: who may not
//! see it is told what they would be told if it were not there.

use gitratra_core::{RepoId, Role, Timestamp, TokenScope};
use gitratra_store::{NewShare, Shared, Store};
use gitratra_web::access::{Mode, fresh_secret, hash_of};
use reqwest::RequestBuilder;
use secrecy::ExposeSecret;

use crate::house::{Answer, House, PRIVATE, PUBLIC, now};
use crate::routes::{For, ROUTES, Route};

/// A private repository that is in no group.
const FAR: u64 = 13;

/// A repository: its name, its number, and what only its own pages say.
struct Repo {
    name: &'static str,
    id: u64,
    marks: &'static [&'static str],
}

/// The number of views a day, the sum of fourteen days, and stars, as pages and as programs write
/// them.
const REPOS: [Repo; 3] = [
    Repo {
        name: "octo/open",
        id: PUBLIC,
        marks: &["octo/open"],
    },
    Repo {
        name: "hidden/vault",
        id: PRIVATE,
        marks: &[
            "vault",
            "hidden/",
            "70,707",
            "70707",
            "989,898",
            "989898",
            "212,121",
            "212121",
            "private-12",
        ],
    },
    Repo {
        name: "dark/cellar",
        id: FAR,
        marks: &[
            "cellar",
            "dark/",
            "40,404",
            "40404",
            "565,656",
            "565656",
            "121,212",
            "121212",
            "private-13",
        ],
    },
];
/// One that is not there.
const MISSING: (&str, u64) = ("nobody/q7zx", 99);

/// Somebody who comes.
struct Guest {
    what: &'static str,
    /// A header that they show.
    shows: Option<(&'static str, String)>,
    /// The most that they may.
    may: For,
    sees: &'static [u64],
}

async fn token(
    house: &House,
    name: &str,
    role: Role,
    groups: &[&str],
    scope: TokenScope,
) -> Option<(&'static str, String)> {
    let token = house.token_of(name, (role, groups), scope).await;
    Some(("authorization", format!("Bearer {token}")))
}

/// A session in the browser of somebody who was there before.
async fn session(store: &Store, name: &str) -> Option<(&'static str, String)> {
    let person = store
        .login(&name.parse().unwrap())
        .await
        .unwrap()
        .unwrap()
        .0;
    let secret = fresh_secret();
    let end = Timestamp::from_second(now().as_second() + 1000).unwrap();
    let hash = hash_of(secret.expose_secret());
    assert!(
        store
            .add_session(hash, person.id, now(), end)
            .await
            .unwrap()
    );
    let secret = secret.expose_secret();
    Some(("cookie", format!("gitratra_session={secret}")))
}

async fn share(store: &Store, target: Shared) -> Option<(&'static str, String)> {
    let secret = fresh_secret();
    let share = NewShare {
        hash: hash_of(secret.expose_secret()),
        label: String::new(),
        target,
        person: None,
        expires_at: Timestamp::from_second(now().as_second() + 1000).unwrap(),
    };
    store.add_share(&share, now()).await.unwrap().unwrap();
    let secret = secret.expose_secret();
    Some(("cookie", format!("gitratra_share={secret}")))
}

async fn house(mode: Mode) -> House {
    let house = House::full(mode).await;
    house.fill(FAR, "dark/cellar", true, 40_404).await;
    house.group("near", &["hidden/*"]).await;
    house
}

async fn guests(house: &House, is_public: bool) -> Vec<Guest> {
    let store = &house.store;
    let mut guests = Vec::new();
    let mut guest = |what, shows, may, private: &'static [u64], all: &'static [u64]| {
        guests.push(Guest {
            what,
            shows,
            may,
            sees: if is_public { all } else { private },
        });
    };
    const EACH: &[u64] = &[PUBLIC, PRIVATE, FAR];
    let nobody = if is_public { For::Look } else { For::Nothing };
    guest("nobody", None, nobody, &[], &[PUBLIC]);
    let shows = token(house, "none", Role::Viewer, &[], TokenScope::Admin).await;
    guest("a viewer of nothing", shows, For::Person, &[], &[PUBLIC]);
    let shows = token(house, "near", Role::Viewer, &["near"], TokenScope::Admin).await;
    let (some, all): (&[u64], &[u64]) = (&[PRIVATE], &[PUBLIC, PRIVATE]);
    guest("a viewer of a group", shows, For::Person, some, all);
    let shows = session(store, "near").await;
    guest("their browser", shows, For::Person, some, all);
    let shows = token(house, "edit", Role::Editor, &[], TokenScope::Read).await;
    guest("an editor who only reads", shows, For::Person, EACH, EACH);
    let shows = token(house, "writes", Role::Editor, &[], TokenScope::Admin).await;
    guest("an editor", shows, For::Editor, EACH, EACH);
    let shows = token(house, "write", Role::Admin, &[], TokenScope::Write).await;
    guest(
        "an administrator who writes",
        shows,
        For::Editor,
        EACH,
        EACH,
    );
    let shows = token(house, "admin", Role::Admin, &[], TokenScope::Admin).await;
    guest("an administrator", shows, For::Admin, EACH, EACH);
    let shows = session(store, "admin").await;
    guest("their browser", shows, For::Admin, EACH, EACH);
    let shows = share(store, Shared::Repo(RepoId(FAR))).await;
    guest("a share of one", shows, For::Look, &[FAR], &[PUBLIC, FAR]);
    let shows = share(store, Shared::Group("near".parse().unwrap())).await;
    guest("a share of a group", shows, For::Look, some, all);
    guests
}

async fn ask(house: &House, guest: &Guest, route: &Route, address: &str) -> Answer {
    let url = house.url(address);
    let form = "pattern=octo/*&day=2026-11-20&text=x&range=30d";
    let client = house.client();
    let request: RequestBuilder = match route.method {
        "GET" => client.get(url),
        "POST" => client.post(url),
        "PUT" => client.put(url),
        "DELETE" => client.delete(url),
        other => panic!("{other} is no method"),
    };
    let request = match route.method {
        "GET" => request,
        _ => request
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form),
    };
    let request = match &guest.shows {
        Some((name, value)) => request.header(*name, value),
        None => request,
    };
    house.ask(request).await
}

/// Whether somebody was turned away at the door: sent to log in, or told that they may not.
fn is_refused(answer: &Answer) -> bool {
    let to = answer.headers.get("location");
    let is_sent = to.is_some_and(|to| to.to_str().unwrap().starts_with("/login?"));
    [401, 403].contains(&answer.status) || (answer.status == 303 && is_sent)
}

/// What comes back, without what was asked for.
fn without_echo(text: &str, repo: &str) -> String {
    let (owner, name) = repo.split_once('/').unwrap();
    let ways = [
        repo.to_owned(),
        repo.replace('/', "%2F"),
        format!("{owner}/*"),
        name.to_owned(),
    ];
    let mut text = text.to_owned();
    for asked in ways {
        text = text.replace(&asked, "·");
    }
    text
}

/// Numbers of which one that they may not see has a share: the views of a day, and of all days, of
/// every choice of repositories.
fn sums_with_unseen(guest: &Guest) -> Vec<String> {
    const VIEWS: [(u64, u64); 3] = [(PUBLIC, 90), (PRIVATE, 70_707), (FAR, 40_404)];
    let mut sums = Vec::new();
    for choice in 1..8_u8 {
        let chosen = VIEWS.iter().enumerate();
        let chosen = chosen.filter(|(at, _)| choice & (1 << at) != 0);
        let chosen: Vec<(u64, u64)> = chosen.map(|(_, of)| *of).collect();
        if chosen.iter().all(|(id, _)| guest.sees.contains(id)) {
            continue;
        }
        let day: u64 = chosen.iter().map(|(_, views)| views).sum();
        for sum in [day, day * 14] {
            sums.extend([sum.to_string(), grouped(sum)]);
        }
    }
    // A number as short as the public one's stands in many places.
    sums.retain(|text| text.len() > 4);
    sums
}

fn grouped(number: u64) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", grouped(number / 1000), number % 1000),
    }
}

/// What is told of an answer besides its body.
fn head(answer: &Answer) -> Vec<String> {
    let told = [
        "date",
        "etag",
        "content-length",
        "cross-origin-opener-policy",
    ];
    let headers = answer.headers.iter();
    let headers = headers.filter(|(name, _)| !told.contains(&name.as_str()));
    let mut head: Vec<String> = headers
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    head.sort_unstable();
    head
}

async fn check(house: &House, guest: &Guest, route: &Route) {
    let what = format!(
        "{} (needs {}) asks {} {}",
        guest.what, route.is_for as u8, route.method, route.path
    );
    let missing = ask(house, guest, route, &route.of(MISSING.0, MISSING.1)).await;
    // What outlives a token is for people themselves.
    let is_token = matches!(guest.shows, Some(("authorization", _)));
    let is_let = guest.may >= route.is_for && !(is_token && is_for_sessions(route));
    for repo in REPOS {
        let address = route.of(repo.name, repo.id);
        let answer = ask(house, guest, route, &address).await;
        if route.is_for > For::Nothing {
            assert_eq!(is_refused(&answer), !is_let, "{what}: {}", answer.status);
        }
        let sees = is_let && guest.sees.contains(&repo.id);
        let is_picture = route.path.starts_with("/badge") || route.path.starts_with("/chart");
        let sees = sees || (is_picture && guest.sees.contains(&repo.id));
        if route.names_one() && !sees {
            assert_eq!(answer.status, missing.status, "{what}: {}", repo.name);
            let [own, other] = [(&answer, repo.name), (&missing, MISSING.0)]
                .map(|(answer, name)| without_echo(&head(answer).join("\n"), name));
            assert_eq!(own, other, "{what}: {}", repo.name);
            assert_eq!(
                without_echo(&answer.text, repo.name),
                without_echo(&missing.text, MISSING.0),
                "{what}: {}",
                repo.name
            );
        }
        if route.names_one() && sees && route.method == "GET" {
            assert_eq!(answer.status, 200, "{what}: {}", repo.name);
        }
        for sum in sums_with_unseen(guest) {
            assert!(!answer.text.contains(&sum), "{what} and is told {sum}");
        }
        for other in REPOS.iter().filter(|other| !guest.sees.contains(&other.id)) {
            let text = match address.contains(other.name.split_once('/').unwrap().1) {
                true => without_echo(&answer.text, other.name),
                false => answer.text.clone(),
            };
            for mark in other.marks.iter().filter(|mark| is_told(route, mark)) {
                assert!(!text.contains(mark), "{what} and is told {mark}: {text}");
            }
        }
    }
}

fn is_for_sessions(route: &Route) -> bool {
    route.path == "/account/tokens/{id}/remove"
}

/// The description of the API and its page have examples of their own.
fn is_told(route: &Route, mark: &str) -> bool {
    !(mark == "octo/open" && route.path.starts_with("/api"))
}

async fn walk(mode: Mode) {
    let house = house(mode).await;
    for guest in guests(&house, mode == Mode::Public).await {
        // Whoever has logged out gets nowhere any more.
        let (last, first): (Vec<Route>, Vec<Route>) =
            ROUTES.iter().partition(|route| route.path == "/logout");
        for route in first.iter().chain(&last) {
            check(&house, &guest, route).await;
        }
    }
}

#[tokio::test]
async fn every_route_tells_everybody_what_they_may_see_where_one_has_to_log_in() {
    walk(Mode::Closed).await;
}

#[tokio::test]
async fn every_route_tells_everybody_what_they_may_see_where_the_public_may_look() {
    walk(Mode::Public).await;
}
