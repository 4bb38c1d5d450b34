//! Power cuts and interrupts: whatever the moment, no day is lost and none is counted twice.

use std::process::Child;

use gitratra_sim::{Endpoint, Fault, FaultPlan, Limits, Sim};
use rustix::process::{Pid, Signal, kill_process};

use crate::exported::{days, window};
use crate::house::{House, Ran, github, until};

/// A small source of chance that is the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % limit
    }
}

fn names(sim: &Sim, number: u64) -> Vec<String> {
    let first = sim.repo_id("octo/amber-api");
    (first..first + number)
        .map(|id| sim.full_name(id))
        .collect()
}

#[test]
fn a_hundred_kills_lose_no_day() {
    const REPOS: u64 = 6;
    let sim = github()
        .seed(77)
        .limits(Limits::none())
        .fleet("octo", 6)
        .start_on_thread();
    let house = House::with(&sim);
    house.run(&["sync", "octo/*"]).exits(0);
    let mut chance = Chance(42);
    let mut before = house.export();
    let mut killed = 0;
    for round in 1..=100 {
        if round % 9 == 0 {
            sim.advance_days(1);
        }
        sim.clear_log();
        let mut pass = house.start(&["sync", "--all"]);
        let requests = chance.below(4 * REPOS + 2);
        until(|| sim.counters().total >= requests || pass.try_wait().unwrap().is_some());
        // Somewhere between this answer and the next.
        (0..chance.below(300_000)).for_each(|_| std::hint::spin_loop());
        pass.kill().unwrap();
        let status = pass.wait().unwrap();
        killed += u32::from(status.code().is_none());
        // Every third time, so that kills also follow each other.
        if round % 3 == 0 {
            let after = house.export();
            after.lost_nothing_of(&before);
            before = after;
        }
    }
    assert!(killed > 60, "only {killed} passes were cut off");
    house.go("sync --all").exits(0);
    let exported = house.export();
    exported.lost_nothing_of(&before);
    let newest = sim.newest("octo/amber-api", gitratra_sim::Metric::Views);
    for name in names(&sim, REPOS) {
        exported.is_true(&sim, &name, days("2026-02-24", newest));
    }
    house.go("gaps").exits(0);
}

#[test]
fn kills_never_spoil_a_file_of_days() {
    let sim = github()
        .seed(78)
        .limits(Limits::none())
        .fleet("octo", 6)
        .start_on_thread();
    let house = House::with(&sim);
    house.write("list.txt", names(&sim, 6).join("\n"));
    let args = ["token:", "list.txt", "out.txt"];
    house.run(&args).exits(0);
    let expected = house.read("out.txt");
    let mut chance = Chance(7);
    for _ in 0..40 {
        sim.clear_log();
        let mut run = house.start(&args);
        let requests = chance.below(14);
        until(|| sim.counters().total >= requests || run.try_wait().unwrap().is_some());
        run.kill().unwrap();
        run.wait().unwrap();
        assert_eq!(house.read("out.txt"), expected);
    }
    house.run(&args).exits(0);
    assert_eq!(house.read("out.txt"), expected);
}

fn interrupt(child: &Child, signal: Signal) {
    let pid = Pid::from_child(child);
    kill_process(pid, signal).unwrap();
}

#[test]
fn an_interrupt_ends_the_pass_and_keeps_what_was_read() {
    for signal in [Signal::TERM, Signal::INT] {
        let sim = github()
            .repo("octo/alpha")
            .repo("octo/beta")
            .repo("octo/gamma")
            .start_on_thread();
        let house = House::with(&sim);
        house.go("track octo/alpha octo/beta octo/gamma").exits(0);
        sim.fault(
            FaultPlan::new(Fault::Hang)
                .repo("octo/beta")
                .endpoint(Endpoint::Clones),
        );
        let pass = house.start(&["sync", "--jobs", "1"]);
        until(|| sim.counters().faults == 1);
        interrupt(&pass, signal);
        let ran = Ran::of(&pass.wait_with_output().unwrap());
        ran.exits(1)
            .says(&["interrupted", "octo/beta", "octo/gamma", "kept"]);
        assert_eq!(
            sim.counters().faults,
            1,
            "nothing was sent after the interrupt"
        );
        let exported = house.export();
        exported.is_true(&sim, "octo/alpha", window("2026-03-09"));
        for day in window("2026-03-09") {
            let views = sim.truth("octo/beta", gitratra_sim::Metric::Views, day);
            assert_eq!(exported.row("octo/beta", day).views, Some(views));
        }
        assert_eq!(exported.repos(), ["octo/alpha", "octo/beta"]);
        sim.clear_faults();
        house.go("sync").exits(0);
        for repo in ["octo/alpha", "octo/beta", "octo/gamma"] {
            house.export().is_true(&sim, repo, window("2026-03-09"));
        }
    }
}

#[test]
fn an_interrupted_run_of_the_original_call_keeps_what_was_read() {
    let sim = github()
        .repo("octo/alpha")
        .repo("octo/beta")
        .start_on_thread();
    let house = House::with(&sim);
    house.write("list.txt", "octo/alpha\nocto/beta\n");
    sim.fault(FaultPlan::new(Fault::Hang).repo("octo/beta"));
    let run = house.start(&["token:", "list.txt", "out.txt", "--jobs", "1"]);
    until(|| sim.counters().faults == 1);
    interrupt(&run, Signal::TERM);
    let ran = Ran::of(&run.wait_with_output().unwrap());
    ran.exits(1).says(&["interrupted", "octo/beta"]);
    assert!(
        house
            .read("out.txt")
            .contains(">octo/alpha\n#clones\n2026-02-24 ")
    );
}
