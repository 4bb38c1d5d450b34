//! Faults at random for a whole time, and what is left in the end.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::dice::Dice;
use super::fault::{Fault, Grip, Victim};
use super::world::{Plan, World};
use crate::say;

/// Faults at once at most.
const AT_ONCE: usize = 3;
/// From the beginning of a fault to the next, in milliseconds.
const PAUSES: (u64, u64) = (700, 3_500);
/// Nothing happens to anybody for so long after something did: each is to get to work in between.
const REST: Duration = Duration::from_secs(3);
/// How often it is told how far a run is.
const TELL: Duration = Duration::from_secs(60);
/// Requests that each collector has under way at most.
const JOBS: u64 = 8;

/// A fault under way.
struct Running {
    fault: Fault,
    grip: Grip,
    ends_at: Instant,
}

/// What happened in a run.
#[derive(Default)]
struct Account {
    faults: BTreeMap<&'static str, u64>,
    /// What could not be done, as something else was wrong just then.
    skipped: u64,
    problems: Vec<String>,
}

/// Runs a storm. True where all was well in the end.
pub(super) fn run(plan: &Plan, time: Duration) -> Result<bool> {
    let seed = plan.scale.seed;
    say(&format!(
        "seed {seed}: {} collectors, {} repositories, a simulated day in {:.1} s, for {} s",
        plan.collectors,
        plan.scale.repos,
        86_400.0 / plan.scale.speed,
        time.as_secs()
    ));
    let mut world = World::start(plan)?;
    let mut account = Account::default();
    let (took, _) = world.catch_up()?;
    say(&format!(
        "everything is held after {:.1} s; now the storm",
        took.as_secs_f64()
    ));
    storm(&mut world, &mut account, time)?;
    say("everything is mended; it has time to catch up");
    let outcome = settle(&mut world, &mut account);
    if let Err(error) = outcome {
        account.problems.push(format!("{error:#}"));
    }
    tell(&world, &account);
    if !account.problems.is_empty() {
        world.keep();
        say(&format!(
            "what everybody said is in {}",
            world.folder().display()
        ));
    }
    Ok(account.problems.is_empty())
}

fn storm(world: &mut World, account: &mut Account, time: Duration) -> Result<()> {
    let mut dice = Dice::new(world.scale.seed);
    let possible = Fault::all(world);
    let mut running: Vec<Running> = Vec::new();
    let mut rested: Vec<(Victim, Instant)> = Vec::new();
    let end = Instant::now() + time;
    let mut next = Instant::now();
    let mut told = Instant::now();
    while Instant::now() < end {
        world.tend()?;
        end_those(world, &mut running, &mut rested, |running| {
            running.ends_at <= Instant::now()
        })?;
        if Instant::now() >= next && running.len() < AT_ONCE {
            next = Instant::now() + Duration::from_millis(dice.between(PAUSES.0, PAUSES.1));
            rested.retain(|(_, at)| at.elapsed() < REST);
            let is_free = |fault: &&Fault| {
                let victim = fault.victim();
                running
                    .iter()
                    .all(|running| running.fault.victim() != victim)
                    && rested.iter().all(|(rested, _)| *rested != victim)
            };
            let free: Vec<Fault> = possible.iter().filter(is_free).copied().collect();
            if let Some(fault) = dice.one_of(&free) {
                let length = fault.length(&mut dice);
                match fault.begin(world) {
                    Ok(grip) => {
                        *account.faults.entry(fault.name()).or_default() += 1;
                        let ends_at = Instant::now() + length;
                        running.push(Running {
                            fault,
                            grip,
                            ends_at,
                        });
                    }
                    Err(_) if is_of_a_client(fault) => {
                        account.skipped += 1;
                    }
                    Err(error) => return Err(error.context(fault.name())),
                }
            }
        }
        if told.elapsed() >= TELL {
            told = Instant::now();
            let faults: u64 = account.faults.values().sum();
            say(&format!(
                "{} simulated days, {faults} faults, {} requests",
                world.github.days_passed(),
                world.github.asked.total
            ));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    end_those(world, &mut running, &mut rested, |_| true)
}

/// Whether a fault needs a connection to the database, which there may not be just then.
const fn is_of_a_client(fault: Fault) -> bool {
    matches!(
        fault,
        Fault::EndConnections | Fault::Lock | Fault::TakeConnections
    )
}

fn end_those(
    world: &mut World,
    running: &mut Vec<Running>,
    rested: &mut Vec<(Victim, Instant)>,
    is_over: impl Fn(&Running) -> bool,
) -> Result<()> {
    let (over, going): (Vec<Running>, Vec<Running>) =
        running.drain(..).partition(|running| is_over(running));
    *running = going;
    for Running { fault, grip, .. } in over {
        fault
            .end(world, grip)
            .map_err(|error| error.context(fault.name()))?;
        rested.push((fault.victim(), Instant::now()));
    }
    Ok(())
}

/// Lets everything catch up, ends it, and compares.
fn settle(world: &mut World, account: &mut Account) -> Result<()> {
    let (took, goal) = world.catch_up()?;
    say(&format!(
        "it took {:.1} s; everything ends, and is compared",
        took.as_secs_f64()
    ));
    for at in 0..world.collectors.len() {
        world.stop_collector(at)?;
    }
    world.github.look()?;
    let found = world.compare(&goal)?;
    say(&format!(
        "days published: {}, lost or wrong: {}",
        found.days,
        found.problems.len()
    ));
    let problems = &mut account.problems;
    problems.extend(found.problems.iter().take(20).cloned());
    let doubled = world.doubled_runs()?;
    if doubled > 0 {
        problems.push(format!("{doubled} runs were accounted for twice"));
    }
    let [secondary, primary] = world.github.asked.violations();
    if secondary + primary > 0 {
        problems.push(format!(
            "{secondary} requests beyond the limit of a minute, {primary} beyond that of the hour"
        ));
    }
    let faults: u64 = account.faults.values().sum();
    let starts: u32 = world.collectors.iter().map(|one| one.starts).sum();
    let most = faults * JOBS + u64::from(starts);
    let doubled = world.github.asked.doubled;
    if doubled > most {
        problems.push(format!(
            "{doubled} requests were made twice, {most} at most may be"
        ));
    }
    let missed = world.github.asked.missed;
    if missed > 0 {
        problems.push(format!("{missed} requests were not looked at in time"));
    }
    for collector in &world.collectors {
        let number = collector.number;
        problems.extend(
            collector
                .ended
                .iter()
                .map(|why| format!("collector {number}: {why}")),
        );
    }
    world.run(&["verify"])
}

fn tell(world: &World, account: &Account) {
    say("");
    say("fault                                      times");
    for (name, times) in &account.faults {
        say(&format!("{name:<42} {times:>5}"));
    }
    let all: u64 = account.faults.values().sum();
    say(&format!("{:<42} {all:>5}", "all"));
    if account.skipped > 0 {
        say(&format!(
            "{:<42} {:>5}",
            "not possible at that moment", account.skipped
        ));
    }
    say("");
    say("process                 starts   most memory");
    for one in &world.collectors {
        let name = format!("collector {}", one.number);
        say(&format!(
            "{name:<22} {:>7} {:>10} MB",
            one.starts,
            one.peak_kilobytes / 1024
        ));
    }
    let others = [
        ("GitHub (simulated)", world.github.peak_kilobytes),
        ("PostgreSQL, its first", world.postgres_kilobytes),
    ];
    for (name, kilobytes) in others {
        say(&format!("{name:<22} {:>7} {:>10} MB", "", kilobytes / 1024));
    }
    let refused: u32 = world.collectors.iter().map(|one| one.refused).sum();
    say(&format!(
        "starts refused since the database was away: {refused}"
    ));
    let asked = &world.github.asked;
    say("");
    say(&format!(
        "simulated days       {}",
        world.github.days_passed()
    ));
    say(&format!(
        "requests             {} ({} for traffic)",
        asked.total, asked.traffic
    ));
    say(&format!("answers by status    {:?}", asked.by_status));
    say(&format!(
        "most in a minute     {} of {}",
        asked.peak, world.scale.points
    ));
    let [secondary, primary] = asked.violations();
    say(&format!(
        "violations           {secondary} of a minute's limit, {primary} of the hour's"
    ));
    say(&format!("asked twice          {}", asked.doubled));
    say(&format!(
        "result               {}",
        if account.problems.is_empty() {
            "well"
        } else {
            "NOT WELL"
        }
    ));
    for problem in &account.problems {
        say(&format!("  {problem}"));
    }
}
