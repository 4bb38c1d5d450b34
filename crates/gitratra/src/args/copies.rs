//! The arguments of the commands that copy, put back and check the whole store.

use std::path::PathBuf;

use clap::Args;

use super::Json;

#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The file to write; nothing makes one more copy where [backup] in the configuration says
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Write a copy named after its time to this folder or s3://BUCKET/PREFIX, and read it back
    #[arg(long, value_name = "PLACE", conflicts_with = "file")]
    pub(crate) to: Option<String>,
    /// Replace FILE where it is there
    #[arg(long, requires = "file")]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// A copy that `backup` made
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Give up what the store holds now
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Take a copy in which `verify` finds something wrong
    #[arg(long)]
    pub(crate) accept_damage: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Seal finished months first, as collecting does by itself
    #[arg(long)]
    pub(crate) seal: bool,
    /// Fail unless the sealed history up to some month still has this digest
    #[arg(long, value_name = "DIGEST")]
    pub(crate) head: Option<String>,
    #[command(flatten)]
    pub(crate) json: Json,
}
