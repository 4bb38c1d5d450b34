//! The arguments of the commands that carry whole histories: archive, merge and migrate.

use std::path::PathBuf;

use clap::Args;

use super::Json;

#[derive(Debug, Args)]
pub(crate) struct Archive {
    /// The folder; made where there is none
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// Make the folder what the database holds: without repositories, days and rules that only the folder has
    #[arg(long)]
    pub(crate) prune: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// The other database: a path, sqlite:PATH or postgres://…; it keeps what it has
    #[arg(value_name = "OTHER_DB")]
    pub(crate) other: String,
    /// Only say what would come
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// Where the store is: a path, sqlite:PATH or postgres://…; it stays as it is
    #[arg(long, value_name = "URL")]
    pub(crate) from: String,
    /// Where it goes: a place that holds nothing yet, or a move that was cut off
    #[arg(long, value_name = "URL")]
    pub(crate) to: String,
    #[command(flatten)]
    pub(crate) json: Json,
}
