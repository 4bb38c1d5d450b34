//! Answers that cannot be: nothing of them is stored, everything else is.

use gitratra_sim::{Endpoint, Fault, FaultPlan, Metric, Sim, Tamper};

use crate::exported::window;
use crate::house::{House, github};

const NEWEST: &str = "2026-03-09";

fn two() -> Sim {
    github()
        .seed(61)
        .repo(gitratra_sim::RepoSpec::new("octo/alpha").mean_views(50.0))
        .repo(gitratra_sim::RepoSpec::new("octo/beta").mean_views(50.0))
        .start_on_thread()
}

/// One endpoint of one repository answers so, after a good day and before another.
fn check_at(fault: &Fault, endpoint: Endpoint) {
    let sim = two();
    let house = House::with(&sim);
    sim.fault(
        FaultPlan::new(fault.clone())
            .repo("octo/alpha")
            .endpoint(endpoint),
    );
    let ran = house
        .go("sync --json octo/alpha octo/beta")
        .exits(1)
        .says(&["octo/alpha"]);
    let report = ran.json();
    let failures = report["failures"].as_array().unwrap();
    assert_eq!(failures.len(), 1, "{fault:?} at {endpoint:?}: {failures:?}");
    assert_eq!(failures[0]["repo"], "octo/alpha");
    let exported = house.export();
    exported.is_true(&sim, "octo/beta", window(NEWEST));
    assert_eq!(exported.days("octo/alpha").len(), 14);
    for day in window(NEWEST) {
        let row = exported.row("octo/alpha", day);
        for (of, metric) in [
            (Endpoint::Views, Metric::Views),
            (Endpoint::Clones, Metric::Clones),
        ] {
            let truth = sim.truth("octo/alpha", metric, day);
            let expected = (of != endpoint).then_some(truth);
            assert_eq!(
                row.value(metric),
                expected,
                "{fault:?} at {endpoint:?} {day}"
            );
        }
    }
    // A later good answer mends it, and a later bad one harms nothing.
    sim.clear_faults();
    house.go("sync").exits(0);
    let before = house.export();
    before.is_true(&sim, "octo/alpha", window(NEWEST));
    sim.advance_days(1);
    sim.fault(
        FaultPlan::new(fault.clone())
            .repo("octo/alpha")
            .endpoint(endpoint),
    );
    house.go("sync").exits(1);
    house.export().lost_nothing_of(&before);
}

fn check(fault: Fault) {
    check_at(&fault, Endpoint::Views);
    check_at(&fault, Endpoint::Clones);
}

fn tampered(how: Tamper) -> Fault {
    Fault::Tampered { how }
}

#[test]
fn html() {
    check(Fault::Html);
}

#[test]
fn negative_counts() {
    check(tampered(Tamper::NegativeCount));
}

#[test]
fn absurd_counts() {
    check(tampered(Tamper::AbsurdCount));
}

#[test]
fn more_uniques_than_events() {
    check(tampered(Tamper::UniquesAboveCount));
}

#[test]
fn timestamps_not_at_midnight() {
    check(tampered(Tamper::NotMidnight));
}

#[test]
fn days_in_the_future() {
    check(tampered(Tamper::FutureDay));
}

#[test]
fn text_for_a_number() {
    check(tampered(Tamper::TextForNumber));
}

#[test]
fn a_missing_field() {
    check(tampered(Tamper::MissingField));
}

#[test]
fn null_for_a_number() {
    check(tampered(Tamper::NullForNumber));
}

#[test]
fn a_fraction_for_a_number() {
    check(tampered(Tamper::FractionalCount));
}

#[test]
fn an_answer_without_end() {
    let sim = two();
    let house = House::with(&sim);
    let bytes = 200 << 20;
    sim.fault(
        FaultPlan::new(Fault::Huge { bytes })
            .repo("octo/alpha")
            .endpoint(Endpoint::Views),
    );
    house
        .go("sync octo/alpha octo/beta")
        .exits(1)
        .says(&["octo/alpha"]);
    let taken = sim.counters().huge_bytes;
    assert!(taken < 64 << 20, "{taken} bytes were read");
    let exported = house.export();
    exported.is_true(&sim, "octo/beta", window(NEWEST));
    assert_eq!(exported.row("octo/alpha", NEWEST).views, None);
    assert!(exported.row("octo/alpha", NEWEST).clones.is_some());
}

#[test]
fn answers_that_are_cut_or_empty_every_time() {
    for fault in [Fault::Truncated { keep_bytes: 120 }, Fault::Empty] {
        check_at(&fault, Endpoint::Views);
    }
}

#[test]
fn rows_that_no_window_can_have() {
    let bodies = [
        // The count of a day that is there twice cannot be both.
        r#"{"count":3,"uniques":2,"views":[{"timestamp":"2026-03-09T00:00:00Z","count":1,"uniques":1},{"timestamp":"2026-03-09T00:00:00Z","count":2,"uniques":1}]}"#,
        r#"{"count":1,"uniques":1,"views":[{"timestamp":"yesterday","count":1,"uniques":1}]}"#,
        r#"{"count":1,"uniques":1,"views":[{"timestamp":"2026-02-30T00:00:00Z","count":1,"uniques":1}]}"#,
        r#"{"count":1,"uniques":1,"views":[{"timestamp":"2026-03-09T00:00:00+02:00","count":1,"uniques":1}]}"#,
        r#"{"count":1,"uniques":1,"views":{}}"#,
        r#"{"count":1,"uniques":1}"#,
        r#"[]"#,
        r#""views""#,
        r#"{"count":1000000000000,"uniques":1,"views":[{"timestamp":"2026-03-09T00:00:00Z","count":1000000000000,"uniques":1}]}"#,
        "{\"count\":1,\"uniques\":1,\"views\":[]}\u{0}trailing",
    ];
    for body in bodies {
        let sim = two();
        let house = House::with(&sim);
        let fault = Fault::Status {
            status: 200,
            headers: Vec::new(),
            body: body.to_owned(),
        };
        sim.fault(
            FaultPlan::new(fault)
                .repo("octo/alpha")
                .endpoint(Endpoint::Views),
        );
        let ran = house.go("sync octo/alpha octo/beta");
        assert_eq!(ran.exit, 1, "{body}\n{}", ran.err);
        let exported = house.export();
        for day in window(NEWEST) {
            assert_eq!(exported.row("octo/alpha", day).views, None, "{body}");
        }
        exported.is_true(&sim, "octo/beta", window(NEWEST));
    }
}

#[test]
fn ranked_lists_that_cannot_be_are_not_stored() {
    for endpoint in [Endpoint::Referrers, Endpoint::Paths] {
        for how in [
            Tamper::NegativeCount,
            Tamper::TextForNumber,
            Tamper::UniquesAboveCount,
        ] {
            let sim = two();
            let house = House::with(&sim);
            sim.fault(
                FaultPlan::new(tampered(how))
                    .repo("octo/alpha")
                    .endpoint(endpoint),
            );
            house.go("sync octo/alpha").exits(1).says(&["octo/alpha"]);
            let shown = house.go("show octo/alpha --json").exits(0).json();
            let kept = shown["rankings"].as_array().unwrap();
            assert_eq!(kept.len(), 1, "{how:?} at {endpoint:?}");
            house.export().is_true(&sim, "octo/alpha", window(NEWEST));
        }
    }
}
