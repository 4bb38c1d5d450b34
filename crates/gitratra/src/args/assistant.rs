//! What the command takes that answers assistants.

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Mcp {
    /// Also tell of private repositories; without it these are as if they were not
    #[arg(long)]
    pub(crate) include_private: bool,
}
