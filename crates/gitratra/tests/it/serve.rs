//! The program that runs for years, in days of a few seconds.

mod alarms;
mod balancer;
mod beside;
mod copies;
mod faults;
mod followed;
#[cfg(target_os = "linux")]
mod full;
mod kills;
mod line;
mod previous;
#[path = "../../../gitratra-oidc/tests/login/provider.rs"]
#[expect(dead_code, reason = "only some of what it can do is needed here")]
mod provider;
mod reload;
mod replicas;
mod service;
mod several;
mod start;
#[cfg(target_os = "linux")]
mod systemd;
mod warehouse;

use gitratra_sim::{Limits, Metric, RepoSpec};

use crate::exported::days;
use crate::house::{House, github, until};

use self::service::{SPEED, Serving};

#[test]
fn serve_keeps_every_published_day_and_tells_how_it_is() {
    let sim = github()
        .seed(31)
        .speed(SPEED)
        .limits(Limits::none())
        .repo(RepoSpec::new("octo/busy").mean_views(90.0))
        .repo(RepoSpec::new("octo/quiet").mean_views(0.3))
        .repo(RepoSpec::new("octo/hidden").private())
        .start_on_thread();
    let house = House::with(&sim);
    house.go("track octo/busy octo/quiet octo/hidden").exits(0);
    let first = sim.newest("octo/busy", Metric::Views).plus(-13);
    let mut serving = Serving::start(&house, &[]);
    serving.answers("/readyz", 200);
    serving.answers("/healthz", 200);
    let goal = first.plus(15);
    serving.holds("octo/busy", goal);
    serving.holds("octo/quiet", goal);
    let (_, page) = serving.get("/metrics");
    assert!(!page.contains("octo/hidden"), "{page}");
    assert!(page.contains("repo=\"private-"), "{page}");
    let sent = serving.metric("gitratra_requests_total{outcome=\"ok\"}");
    assert!(sent >= Some(12), "{page}");
    let left = serving.metric("gitratra_days_safe{repo=\"octo/busy\"}");
    assert!(left >= Some(11), "{page}");
    assert_eq!(
        serving.metric("gitratra_repositories{state=\"tracked\"}"),
        Some(3)
    );
    serving.stop().says(&["stopping"]);
    let exported = house.export();
    for repo in ["octo/busy", "octo/quiet", "octo/hidden"] {
        exported.is_true(&sim, repo, days(first, goal));
    }
    for ((repo, day), row) in &exported.rows {
        for metric in [Metric::Views, Metric::Clones] {
            let truth = sim.truth(repo.as_str(), metric, *day);
            let value = row.value(metric);
            assert!(value.is_none_or(|value| value == truth), "{repo} {day}");
        }
    }
}

#[test]
fn serve_without_http_or_without_collecting_does_the_other_half() {
    let sim = github().speed(SPEED).limits(Limits::none());
    let sim = sim.repo("octo/alpha").start_on_thread();
    let house = House::with(&sim);
    house.go("track octo/alpha").exits(0);
    let mut looking = Serving::start(&house, &["--no-collect"]);
    looking.answers("/readyz", 200);
    looking.answers("/healthz", 200);
    assert_eq!(sim.counters().total, 0, "nothing is asked");
    let working = Serving::start_with(&house, &["--no-web"], &[]);
    until(|| sim.counters().total >= 6);
    until(|| !house.export().rows.is_empty());
    assert_eq!(working.count("listening"), 0);
    working.stop();
    looking.stop();
    house
        .go("serve --no-web --no-collect")
        .exits(2)
        .says(&["--no-collect"]);
}
