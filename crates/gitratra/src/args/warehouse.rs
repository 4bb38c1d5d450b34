//! The arguments of `warehouse`.

use clap::Args;

use super::Json;

#[derive(Debug, Args)]
pub(crate) struct Warehouse {
    /// A folder or s3://BUCKET/PREFIX; nothing takes the one that [warehouse] in the configuration names
    #[arg(value_name = "PLACE")]
    pub(crate) place: Option<String>,
    /// The tables, with commas between them; all where none is named
    #[arg(long, value_name = "TABLES", value_delimiter = ',')]
    pub(crate) what: Vec<String>,
    /// Only repositories that match; may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub(crate) repo: Vec<String>,
    /// Make every file anew and compare it, whatever is known of it
    #[arg(long)]
    pub(crate) full: bool,
    /// Only say what would be written
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Let more than half of what is there go
    #[arg(long)]
    pub(crate) shrink: bool,
    /// There is never more than one run: for a bucket that does not heed conditions
    #[arg(long)]
    pub(crate) one_writer: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}
