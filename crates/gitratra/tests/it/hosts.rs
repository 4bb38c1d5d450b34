//! The token goes to one host and to no other, whatever that host says.

use std::io::Read as _;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gitratra_sim::{Endpoint, Fault, FaultPlan, Sim};

use crate::exported::window;
use crate::house::{House, TOKEN, github};

/// Another host, which counts who comes.
struct Stranger {
    port: u16,
    visits: Arc<AtomicUsize>,
}

impl Stranger {
    fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let visits = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&visits);
        std::thread::spawn(move || {
            for mut visitor in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::SeqCst);
                let _ = visitor.read(&mut [0; 1024]);
            }
        });
        Self { port, visits }
    }

    #[track_caller]
    fn had_no_visitor(&self) {
        assert_eq!(self.visits.load(Ordering::SeqCst), 0);
    }
}

fn two() -> Sim {
    github()
        .repo("octo/alpha")
        .repo("octo/beta")
        .start_on_thread()
}

fn own_port(sim: &Sim) -> u16 {
    sim.url().rsplit(':').next().unwrap().parse().unwrap()
}

#[test]
fn a_redirect_to_another_host_is_a_failure_and_nothing_is_sent_there() {
    let stranger = Stranger::listen();
    let sim = two();
    let (port, own) = (stranger.port, own_port(&sim));
    for location in [
        format!("http://127.0.0.1:{port}/repos/octo/alpha/traffic/views"),
        format!("//127.0.0.1:{port}/x"),
        format!("http://localhost:{port}/x"),
        format!("https://127.0.0.1:{own}/x"),
        format!("http://127.0.0.1:{own}@127.0.0.1:{port}/x"),
        // The same machine by another name is another host.
        format!("http://localhost:{own}/repositories/1"),
    ] {
        let sim = two();
        let location = location.replace(&own.to_string(), &own_port(&sim).to_string());
        let house = House::with(&sim);
        let fault = Fault::Redirect {
            location: location.clone(),
        };
        sim.fault(
            FaultPlan::new(fault)
                .repo("octo/alpha")
                .endpoint(Endpoint::Views),
        );
        let ran = house
            .go("sync octo/alpha octo/beta")
            .exits(1)
            .says(&["octo/alpha", "another host"]);
        assert!(!ran.err.contains(TOKEN));
        let exported = house.export();
        exported.is_true(&sim, "octo/beta", window("2026-03-09"));
        let row = exported.row("octo/alpha", "2026-03-09");
        assert_eq!(
            (row.views, row.clones.is_some()),
            (None, true),
            "{location}"
        );
        stranger.had_no_visitor();
    }
}

#[test]
fn a_redirect_of_the_look_up_is_not_followed_to_another_host() {
    let stranger = Stranger::listen();
    let sim = two();
    let house = House::with(&sim);
    let location = format!("http://127.0.0.1:{}/repos/octo/alpha", stranger.port);
    sim.fault(
        FaultPlan::new(Fault::Redirect { location })
            .repo("octo/alpha")
            .endpoint(Endpoint::Repo),
    );
    house
        .go("sync octo/alpha octo/beta")
        .exits(1)
        .says(&["octo/alpha"]);
    house
        .export()
        .is_true(&sim, "octo/beta", window("2026-03-09"));
    stranger.had_no_visitor();
}

#[test]
fn a_next_page_on_another_host_is_a_failure_and_nothing_is_sent_there() {
    let stranger = Stranger::listen();
    let sim = two();
    let house = House::with(&sim);
    let url = format!("http://127.0.0.1:{}/user/repos?page=2", stranger.port);
    for endpoint in [
        Endpoint::UserRepos,
        Endpoint::OrgRepos,
        Endpoint::UsersRepos,
    ] {
        sim.fault(FaultPlan::new(Fault::NextPage { url: url.clone() }).endpoint(endpoint));
    }
    house.run(&["sync", "*"]).exits(1).says(&["another host"]);
    house.run(&["sync", "octo/*"]).exits(1).says(&["octo/*"]);
    stranger.had_no_visitor();
}

#[test]
fn a_redirect_of_the_very_first_question_is_not_followed() {
    let stranger = Stranger::listen();
    let sim = two();
    let house = House::with(&sim);
    let location = format!("http://127.0.0.1:{}/rate_limit", stranger.port);
    sim.fault(FaultPlan::new(Fault::Redirect { location }));
    let ran = house.go("sync octo/alpha");
    assert!(ran.exit == 1 || ran.exit == 2, "{ran:?}");
    ran.says(&["octo/alpha"]);
    house.write("list.txt", "octo/alpha\nbeta\n");
    let ran = house.run(&["token:", "list.txt", "out.txt"]);
    assert!(ran.exit == 1 || ran.exit == 2, "{ran:?}");
    stranger.had_no_visitor();
}

#[test]
fn a_redirect_without_end_is_a_failure() {
    let sim = two();
    let house = House::with(&sim);
    let location = format!("{}/repos/octo/alpha/traffic/views", sim.url());
    sim.fault(
        FaultPlan::new(Fault::Redirect { location })
            .repo("octo/alpha")
            .endpoint(Endpoint::Views),
    );
    house
        .go("sync octo/alpha octo/beta")
        .exits(1)
        .says(&["octo/alpha"]);
    assert!(
        sim.counters().of(Endpoint::Views) <= 20,
        "{:?}",
        sim.counters()
    );
    house
        .export()
        .is_true(&sim, "octo/beta", window("2026-03-09"));
}
