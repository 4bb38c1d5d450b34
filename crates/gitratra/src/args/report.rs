//! What `report` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// A repository, a pattern as owner/* or !fork, or a group as @NAME; without any all repositories
    #[arg(value_name = "OWNER/NAME|PATTERN|@GROUP")]
    pub(crate) what: Vec<String>,
    /// Write to this file; its ending says how: .html, .md or .pdf
    #[arg(short, long, value_name = "FILE", required = true)]
    pub(crate) output: PathBuf,
    /// 7d, 30d, 90d, 1y, all or FROM..TO (days as YYYY-MM-DD)
    #[arg(long, value_name = "RANGE", default_value = "90d")]
    pub(crate) range: String,
    /// The title, where it should not say what the report is about
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    /// The paper of a PDF
    #[arg(long, value_enum, default_value_t = Paper::A4)]
    pub(crate) paper: Paper,
}

/// The size of a PDF's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Paper {
    /// 210 × 297 mm
    A4,
    /// 8.5 × 11 inches
    Letter,
}
