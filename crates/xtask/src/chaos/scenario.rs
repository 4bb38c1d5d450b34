//! One fault each, with everything watched: what is said meanwhile, and how soon all is well again
//! without a restart of ours.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::fault::{Fault, Grip};
use super::net::Server;
use super::world::{Plan, World};
use crate::say;

/// A scenario by name, with the sentence that says what happens.
pub(super) struct Scenario {
    pub(super) name: &'static str,
    what: &'static str,
    /// Whether it needs wires that can be pulled.
    needs_net: bool,
    play: fn(&mut World) -> Result<()>,
}

pub(super) const ALL: &[Scenario] = &[
    Scenario {
        name: "restart",
        what: "the database is stopped for ten seconds and started again",
        needs_net: false,
        play: |world| hold(world, Fault::RestartDatabase, 10),
    },
    Scenario {
        name: "crash",
        what: "the database is killed, and started again after five seconds",
        needs_net: false,
        play: |world| hold(world, Fault::KillDatabase, 5),
    },
    Scenario {
        name: "failover",
        what: "the database is killed, and its standby promoted after five seconds",
        needs_net: false,
        play: |world| {
            world.postgres.kill()?;
            world.pass(Duration::from_secs(5))?;
            world.postgres.promote()
        },
    },
    Scenario {
        name: "standstill",
        what: "the database stands still for good, and its standby is promoted after five seconds",
        needs_net: false,
        play: |world| {
            world.postgres.freeze()?;
            world.pass(Duration::from_secs(5))?;
            world.postgres.promote()
        },
    },
    Scenario {
        name: "frozen",
        what: "the database stands still for twenty seconds",
        needs_net: false,
        play: |world| hold(world, Fault::FreezeDatabase, 20),
    },
    Scenario {
        name: "disk",
        what: "the database's disk is full for twenty seconds",
        needs_net: true,
        play: |world| hold(world, Fault::FillDisk, 20),
    },
    Scenario {
        name: "connections",
        what: "others have all connections to the database for twenty seconds",
        needs_net: false,
        play: |world| hold(world, Fault::TakeConnections, 20),
    },
    Scenario {
        name: "locks",
        what: "another program locks our tables for twenty seconds",
        needs_net: false,
        play: |world| hold(world, Fault::Lock, 20),
    },
    Scenario {
        name: "slow",
        what: "all lines to the database are slow for thirty seconds",
        needs_net: true,
        play: |world| each(world, Fault::Slow, 30),
    },
    Scenario {
        name: "partition",
        what: "all collectors are cut off for fifteen seconds: from the database, then from GitHub, \
               then from both",
        needs_net: true,
        play: |world| {
            each(world, |at| Fault::CutFrom(at, Server::Database), 15)?;
            world.pass(Duration::from_secs(5))?;
            each(world, |at| Fault::CutFrom(at, Server::Github), 15)?;
            world.pass(Duration::from_secs(5))?;
            each(world, Fault::CutFromBoth, 15)
        },
    },
    Scenario {
        name: "freeze",
        what: "two of the collectors stand still for twenty seconds, one after the other",
        needs_net: false,
        play: |world| {
            hold(world, Fault::FreezeCollector(0), 20)?;
            hold(world, Fault::FreezeCollector(1), 20)
        },
    },
    Scenario {
        name: "github",
        what: "GitHub stands still for ten seconds, and is gone for ten more",
        needs_net: false,
        play: |world| {
            hold(world, Fault::FreezeGithub, 10)?;
            hold(world, Fault::KillGithub, 10)
        },
    },
];

fn hold(world: &mut World, fault: Fault, secs: u64) -> Result<()> {
    let grip = fault.begin(world)?;
    world.pass(Duration::from_secs(secs))?;
    fault.end(world, grip)
}

fn each(world: &mut World, fault: impl Fn(usize) -> Fault, secs: u64) -> Result<()> {
    for at in 0..world.collectors.len() {
        fault(at).begin(world)?;
    }
    world.pass(Duration::from_secs(secs))?;
    for at in 0..world.collectors.len() {
        fault(at).end(world, Grip::default())?;
    }
    Ok(())
}

/// Plays one. True where all was well in the end.
pub(super) fn run(plan: &Plan, scenario: &Scenario) -> Result<bool> {
    say(&format!("{}: {}", scenario.name, scenario.what));
    if scenario.needs_net && !plan.has_net {
        say("  not played: it needs root's network namespaces and mounts");
        return Ok(true);
    }
    let mut world = World::start(plan)?;
    world.catch_up()?;
    world.pass(Duration::from_secs(5))?;
    let before: Vec<_> = world.collectors.iter().map(|one| one.id()).collect();
    let began = Instant::now();
    (scenario.play)(&mut world)?;
    let lasted = began.elapsed();
    let (took, goal) = world.catch_up()?;
    // What was said last may be that all is well again.
    world.pass(Duration::from_secs(3))?;
    let found = world.compare(&goal)?;
    let mut problems = found.problems;
    let after: Vec<_> = world.collectors.iter().map(|one| one.id()).collect();
    if after != before {
        problems.push("a collector was started again".into());
    }
    let [secondary, primary] = world.github.asked.violations();
    if secondary + primary > 0 {
        problems.push(format!(
            "{secondary} and {primary} requests beyond GitHub's limits"
        ));
    }
    if world.doubled_runs()? > 0 {
        problems.push("a run was accounted for twice".into());
    }
    for line in world.warnings()? {
        say(&format!("  said: {line}"));
    }
    for one in &world.collectors {
        let number = one.number;
        problems.extend(
            one.ended
                .iter()
                .map(|why| format!("collector {number}: {why}")),
        );
    }
    say(&format!(
        "  lasted {:.1} s, all held {:.1} s later; {} published days, {} lost or wrong; {}",
        lasted.as_secs_f64(),
        took.as_secs_f64(),
        found.days,
        problems.len(),
        if problems.is_empty() {
            "well"
        } else {
            "NOT WELL"
        }
    ));
    for problem in problems.iter().take(10) {
        say(&format!("    {problem}"));
    }
    if !problems.is_empty() {
        world.keep();
        say(&format!(
            "  what everybody said is in {}",
            world.folder().display()
        ));
    }
    Ok(problems.is_empty())
}
