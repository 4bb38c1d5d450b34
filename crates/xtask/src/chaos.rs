//! What collecting must withstand: real collectors, a real PostgreSQL and the simulated GitHub, all
//! of them killed, frozen, cut off and started again; and in the end what is held is compared with
//! what happened.

mod check;
mod dice;
mod fault;
mod github;
mod http;
mod net;
mod postgres;
mod process;
mod scenario;
mod storm;
mod world;

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use self::github::Scale;
use self::world::Plan;
use crate::say;
use crate::tidy::root;

const USAGE: &str = "\
cargo xtask chaos [MINUTES]      faults at random for so long (20)
cargo xtask chaos SCENARIO…      one fault each: what is said, how soon all is well again
cargo xtask chaos all            every scenario

  --seed N           all chance follows from it (a new one each time)
  --no-partitions    without network namespaces and small disks, which are for root
  --repos N          how many repositories (60)
  --day SECS         how long a simulated day takes (15)
  --points N         requests in a minute that GitHub takes, and we make (3000)
  --programs DIR     where gitratra and gitratra-sim are (they are built)
";

struct Asked {
    minutes: f64,
    scenarios: Vec<&'static scenario::Scenario>,
    seed: u64,
    has_net: bool,
    repos: usize,
    day_secs: f64,
    points: u32,
    programs: Option<PathBuf>,
}

/// Runs what the words say. True where all was well.
///
/// # Errors
/// Where the words are not understood, or something that a run is made of does not work.
pub(crate) fn run(words: &[String]) -> Result<bool> {
    let asked = read(words)?;
    if asked.has_net
        && let Some(why) = net::why_not()
    {
        bail!(
            "partitions need network namespaces, which are root's on Linux ({why}): \
             run it as root, or with --no-partitions"
        );
    }
    if !asked.has_net {
        say("WITHOUT PARTITIONS: nobody is cut off, no line is slow, no disk is full");
    }
    let programs = match asked.programs {
        Some(programs) => programs,
        None => build()?,
    };
    let plan = Plan {
        programs,
        collectors: 3,
        scale: Scale {
            repos: asked.repos,
            speed: 86_400.0 / asked.day_secs,
            points: asked.points,
            seed: asked.seed,
        },
        has_net: asked.has_net,
        has_standby: true,
    };
    if asked.scenarios.is_empty() {
        return storm::run(&plan, Duration::from_secs_f64(asked.minutes * 60.0));
    }
    let mut is_well = true;
    for scenario in asked.scenarios {
        is_well &= scenario::run(&plan, scenario)?;
    }
    Ok(is_well)
}

fn read(words: &[String]) -> Result<Asked> {
    let mut asked = Asked {
        minutes: 20.0,
        scenarios: Vec::new(),
        seed: u64::from(std::process::id()),
        has_net: true,
        repos: 60,
        day_secs: 15.0,
        points: 3000,
        programs: None,
    };
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let mut value = || {
            rest.next()
                .with_context(|| format!("{word} wants a value\n\n{USAGE}"))
        };
        match word.as_str() {
            "--no-partitions" => asked.has_net = false,
            "--seed" => asked.seed = value()?.parse()?,
            "--repos" => asked.repos = value()?.parse()?,
            "--day" => asked.day_secs = value()?.parse()?,
            "--points" => asked.points = value()?.parse()?,
            "--programs" => asked.programs = Some(value()?.into()),
            "all" => asked.scenarios.extend(scenario::ALL),
            name => match scenario::ALL.iter().find(|known| known.name == name) {
                Some(scenario) => asked.scenarios.push(scenario),
                None => match name.parse() {
                    Ok(minutes) => asked.minutes = minutes,
                    Err(_) => bail!("there is no scenario \"{name}\"\n\n{USAGE}\n{}", names()),
                },
            },
        }
    }
    Ok(asked)
}

fn names() -> String {
    let names: Vec<&str> = scenario::ALL.iter().map(|known| known.name).collect();
    format!("scenarios: {}", names.join(", "))
}

fn build() -> Result<PathBuf> {
    let root = root()?;
    let built = Command::new("cargo")
        .args([
            "build",
            "--quiet",
            "--package",
            "gitratra",
            "--package",
            "gitratra-sim",
        ])
        .current_dir(&root)
        .status()?;
    if !built.success() {
        bail!("the programs do not build");
    }
    Ok(root.join("target/debug"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same as `cargo xtask chaos`, short and without what only root may do, so that it stays
    /// in order.
    #[test]
    fn a_short_storm_loses_nothing() {
        // Tests lie in a folder below the programs, which a run of all tests builds.
        let test = std::env::current_exe().unwrap();
        let programs = test.parent().and_then(std::path::Path::parent).unwrap();
        let plan = Plan {
            programs: programs.to_owned(),
            collectors: 3,
            scale: Scale {
                repos: 12,
                speed: 7_200.0,
                points: 3_000,
                seed: 20_261_127,
            },
            has_net: false,
            has_standby: true,
        };
        assert!(storm::run(&plan, Duration::from_secs(40)).unwrap());
    }
}
