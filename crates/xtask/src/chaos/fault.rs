//! What can be done to a run, and how it is undone.

use std::time::Duration;

use anyhow::Result;
use tokio_postgres::Client;

use super::dice::Dice;
use super::net::{Net, Server};
use super::world::World;

/// A fault. Collectors are told by their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    KillCollector(usize),
    StopCollector(usize),
    FreezeCollector(usize),
    CutFrom(usize, Server),
    CutFromBoth(usize),
    Slow(usize),
    KillGithub,
    FreezeGithub,
    RestartDatabase,
    KillDatabase,
    FreezeDatabase,
    EndConnections,
    Lock,
    TakeConnections,
    FillDisk,
    FailOver,
}

/// To whom a fault happens: one at a time happens to each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Victim {
    Collector(usize),
    Github,
    Database,
}

/// What keeps a fault going.
#[derive(Default)]
#[expect(dead_code, reason = "what it holds ends with it")]
pub(super) struct Grip(Vec<Client>);

impl Fault {
    /// What is possible in a run, those that are to come more often several times.
    pub(super) fn all(world: &World) -> Vec<Self> {
        let mut all = Vec::new();
        for at in 0..world.collectors.len() {
            all.extend([Self::KillCollector(at), Self::KillCollector(at)]);
            all.extend([Self::StopCollector(at), Self::FreezeCollector(at)]);
            if world.net.is_some() {
                all.push(Self::CutFrom(at, Server::Database));
                all.push(Self::CutFrom(at, Server::Github));
                all.extend([Self::CutFromBoth(at), Self::Slow(at)]);
            }
        }
        all.extend([Self::KillGithub, Self::FreezeGithub]);
        all.extend([Self::RestartDatabase, Self::KillDatabase]);
        all.extend([Self::FreezeDatabase, Self::EndConnections]);
        all.extend([Self::Lock, Self::TakeConnections]);
        if world.postgres.has_disk() {
            all.push(Self::FillDisk);
        }
        if world.postgres.has_standby() {
            all.push(Self::FailOver);
        }
        all
    }

    pub(super) fn victim(self) -> Victim {
        match self {
            Self::KillCollector(at)
            | Self::StopCollector(at)
            | Self::FreezeCollector(at)
            | Self::CutFrom(at, _)
            | Self::CutFromBoth(at)
            | Self::Slow(at) => Victim::Collector(at),
            Self::KillGithub | Self::FreezeGithub => Victim::Github,
            _ => Victim::Database,
        }
    }

    /// What it is called, whoever it happens to.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::KillCollector(_) => "collector killed (kill -9)",
            Self::StopCollector(_) => "collector stopped (SIGTERM)",
            Self::FreezeCollector(_) => "collector frozen (SIGSTOP)",
            Self::CutFrom(_, Server::Database) => "collector cut off from the database",
            Self::CutFrom(_, Server::Github) => "collector cut off from GitHub",
            Self::CutFromBoth(_) => "collector cut off from both",
            Self::Slow(_) => "collector's line to the database slow",
            Self::KillGithub => "GitHub killed",
            Self::FreezeGithub => "GitHub frozen",
            Self::RestartDatabase => "database restarted",
            Self::KillDatabase => "database killed (kill -9)",
            Self::FreezeDatabase => "database frozen",
            Self::EndConnections => "all connections to the database ended",
            Self::Lock => "tables locked by another program",
            Self::TakeConnections => "all connections to the database taken",
            Self::FillDisk => "database's disk full",
            Self::FailOver => "database killed, standby promoted",
        }
    }

    /// How long it lasts.
    pub(super) fn length(self, dice: &mut Dice) -> Duration {
        let (least, most) = match self {
            Self::KillCollector(_) | Self::StopCollector(_) => (0, 8_000),
            Self::RestartDatabase | Self::KillDatabase => (0, 5_000),
            Self::EndConnections => (0, 0),
            Self::KillGithub | Self::FreezeGithub | Self::FreezeDatabase => (500, 6_000),
            Self::FailOver => (2_000, 4_000),
            Self::FreezeCollector(_)
            | Self::CutFrom(..)
            | Self::CutFromBoth(_)
            | Self::Slow(_)
            | Self::Lock
            | Self::TakeConnections
            | Self::FillDisk => (1_000, 12_000),
        };
        Duration::from_millis(dice.between(least, most))
    }

    /// Lets it happen.
    pub(super) fn begin(self, world: &mut World) -> Result<Grip> {
        match self {
            Self::KillCollector(at) => world.kill_collector(at)?,
            Self::StopCollector(at) => world.stop_collector(at)?,
            Self::FreezeCollector(at) => world.freeze_collector(at)?,
            Self::CutFrom(at, server) => on_net(world, |net| net.cut(server, at + 1))?,
            Self::CutFromBoth(at) => on_net(world, |net| {
                net.cut(Server::Database, at + 1)?;
                net.cut(Server::Github, at + 1)
            })?,
            Self::Slow(at) => {
                on_net(world, |net| net.slow(Server::Database, at + 1).map(|_| ()))?;
            }
            Self::KillGithub => world.github.kill()?,
            Self::FreezeGithub => world.github.freeze()?,
            Self::RestartDatabase => world.postgres.stop()?,
            Self::KillDatabase => world.postgres.kill()?,
            Self::FreezeDatabase => world.postgres.freeze()?,
            Self::FillDisk => world.postgres.fill()?,
            Self::FailOver => world.postgres.fail_over()?,
            Self::EndConnections => end_connections(world)?,
            Self::Lock => return lock(world),
            Self::TakeConnections => return take_connections(world),
        }
        Ok(Grip::default())
    }

    /// Undoes it.
    pub(super) fn end(self, world: &mut World, grip: Grip) -> Result<()> {
        drop(grip);
        match self {
            Self::KillCollector(at) | Self::StopCollector(at) => world.start_collector(at),
            Self::FreezeCollector(at) => world.thaw_collector(at),
            Self::CutFrom(at, server) => on_net(world, |net| net.mend(server, at + 1)),
            Self::CutFromBoth(at) => on_net(world, |net| {
                net.mend(Server::Database, at + 1)?;
                net.mend(Server::Github, at + 1)
            }),
            Self::Slow(at) => on_net(world, |net| net.hurry(Server::Database, at + 1)),
            Self::KillGithub => world.github.start_again(),
            Self::FreezeGithub => world.github.thaw(),
            Self::RestartDatabase | Self::KillDatabase => world.postgres.start_again(),
            Self::FreezeDatabase => world.postgres.thaw(),
            Self::FillDisk => world.postgres.make_room(),
            Self::FailOver => world.postgres.pair_again(),
            Self::EndConnections | Self::Lock | Self::TakeConnections => Ok(()),
        }
    }
}

fn on_net(world: &World, deed: impl FnOnce(&Net) -> Result<()>) -> Result<()> {
    world.net.as_ref().map_or(Ok(()), deed)
}

const END: &str = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app'";

fn end_connections(world: &World) -> Result<()> {
    world.runtime.block_on(async {
        let client = world.postgres.connect("traffic", "gitratra").await?;
        Ok(client.batch_execute(END).await?)
    })
}

fn lock(world: &World) -> Result<Grip> {
    const LOCK: &str = "set lock_timeout = '3s'; begin; \
        lock table traffic_day, asked, lease in access exclusive mode";
    world.runtime.block_on(async {
        let client = world.postgres.connect("traffic", "gitratra").await?;
        client.batch_execute(LOCK).await?;
        Ok(Grip(vec![client]))
    })
}

/// Ends the connections that there are and takes all places, but those of the administrator.
fn take_connections(world: &World) -> Result<Grip> {
    world.runtime.block_on(async {
        let administrator = world.postgres.connect("traffic", "gitratra").await?;
        let mut taken = Vec::new();
        // Places become free a moment after their connections were ended.
        for _ in 0..3 {
            administrator
                .batch_execute(&format!("{END} and application_name = 'gitratra'"))
                .await?;
            while let Ok(client) = world.postgres.connect("traffic", "app").await {
                taken.push(client);
            }
        }
        Ok(Grip(taken))
    })
}
