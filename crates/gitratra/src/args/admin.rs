//! The arguments of the commands for whoever keeps a large database.

use std::num::NonZeroU16;

use clap::{Args, Subcommand};

use super::Json;

#[derive(Debug, Args)]
pub(crate) struct Admin {
    #[command(subcommand)]
    pub(crate) command: AdminCommand,
}

/// What is done about a large database.
#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    /// Cut the tables of a PostgreSQL database up, or let Citus spread them over several machines
    #[command(after_help = "\
Examples:
  gitratra admin distribute --dry-run         what would Citus be told?
  gitratra admin distribute                   spread over the machines that Citus knows
  gitratra admin distribute --partitions 16   parts by repository, on this machine
  gitratra admin distribute --years           a part for each year, on this machine
  gitratra admin distribute --undo            each table one again

Stop every `gitratra serve` first. Each table is made anew in a transaction of its own; where that
was cut off, the same command goes on. docs/postgres.md says when it is worth it.")]
    Distribute(Distribute),
}

#[derive(Debug, Args)]
pub(crate) struct Distribute {
    /// Without Citus: cut the tables of repositories into so many parts, by the repository
    #[arg(long, value_name = "N", conflicts_with_all = ["years", "undo", "shards"],
        value_parser = clap::value_parser!(u16).range(2..=256))]
    pub(crate) partitions: Option<u16>,
    /// Without Citus: cut the tables whose key has a day into years
    #[arg(long, conflicts_with_all = ["undo", "shards"])]
    pub(crate) years: bool,
    /// Make each table one again
    #[arg(long, conflicts_with = "shards")]
    pub(crate) undo: bool,
    /// With Citus: into how many shards
    #[arg(long, value_name = "N", default_value = "32")]
    pub(crate) shards: NonZeroU16,
    /// Print the statements and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}
