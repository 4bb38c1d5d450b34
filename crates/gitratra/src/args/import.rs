//! The arguments of `import`.

use std::path::PathBuf;

use clap::Args;

use super::Json;

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// Files and folders of other tools, or of gitratra's own
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// What they are, where that is not to be found out from what is in them
    #[arg(long, value_name = "KIND", default_value = "auto", value_parser = kinds())]
    pub(crate) from: String,
    /// The repository, where a file does not say
    #[arg(long, value_name = "OWNER/NAME")]
    pub(crate) repo: Option<String>,
    /// The owner of repositories that a file calls by their bare names
    #[arg(long, value_name = "OWNER", conflicts_with = "repo")]
    pub(crate) owner: Option<String>,
    /// What the columns of a CSV are: day=date,views=count,views_uniques=people
    #[arg(long, value_name = "MAP")]
    pub(crate) columns: Option<String>,
    /// Tell what would be added, raised or contradicted, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}

fn kinds() -> clap::builder::PossibleValuesParser {
    let kinds = gitratra_core::import::Kind::ALL.into_iter();
    std::iter::once("auto")
        .chain(kinds.map(gitratra_core::import::Kind::word))
        .collect::<Vec<_>>()
        .into()
}
