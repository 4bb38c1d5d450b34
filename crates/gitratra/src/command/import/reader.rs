//! What a file is, and who reads it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use gitratra_core::import::{Kind, Listener};
use gitratra_core::{Day, RepoName, Timestamp};
use gitratra_foreign as foreign;
use gitratra_formats::import::{self as text, DailyRow, ImportError, Options};
use gitratra_tables::parquet_read;

use super::written;

/// A file or folder of a kind, which can be read as often as one likes.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    kind: Kind,
    path: PathBuf,
    options: Options,
}

impl Reader {
    /// Finds out what is there, unless it was said.
    pub(super) fn new(path: &Path, kind: Option<Kind>, columns: Option<&str>) -> Result<Self> {
        let options = Options {
            columns: columns.map(str::parse).transpose()?,
        };
        let kind = match (kind, &options.columns) {
            (Some(kind), _) => kind,
            (None, Some(_)) => Kind::Csv,
            (None, None) => recognised(path)?,
        };
        Ok(Self {
            kind,
            path: path.to_owned(),
            options,
        })
    }

    pub(super) const fn kind(&self) -> Kind {
        self.kind
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What the file or folder is called: its own name without the way to it.
    pub(super) fn label(&self) -> String {
        let whole = std::fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        whole
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }

    /// Sees that a day can have begun which the file tells of: by the newest time that the store
    /// knows of GitHub's clock, or else by the time at which the file was written. No clock of this
    /// machine is asked.
    ///
    /// # Errors
    /// Where it was still to come at both of them.
    pub(super) fn check_begun(
        &self,
        day: Day,
        name: &RepoName,
        latest: Option<Timestamp>,
    ) -> Result<()> {
        if latest.is_some_and(|latest| day <= Day::of(latest)) {
            return Ok(());
        }
        let written = written::newest_day(&self.path)?;
        if day <= written {
            return Ok(());
        }
        let known = match latest {
            Some(latest) => format!("GitHub's clock, as far as it is known, stood at {latest:.0}"),
            None => "no time of GitHub's is known yet".to_owned(),
        };
        bail!(
            "\"{}\" tells of {name} on {day}, which had not begun: the file was written on \
             {written}, and {known}; correct the file, or sync first where this machine's clock was \
             wrong",
            self.path.display()
        )
    }

    /// Tells everything that is in it.
    pub(super) fn read(&self, to: &mut dyn Listener) -> Result<()> {
        match self.kind {
            Kind::Ghstats
            | Kind::Gghstats
            | Kind::GitCloneStats
            | Kind::GhTracker
            | Kind::TrafficVault => Ok(foreign::read(self.kind, &self.path, to)?),
            Kind::Parquet => own_parquet(&self.path, to),
            _ => match text::read(self.kind, &self.path, &self.options, to) {
                Ok(()) | Err(ImportError::Enough(_)) => Ok(()),
                Err(error) => Err(error.into()),
            },
        }
    }
}

fn recognised(path: &Path) -> Result<Kind> {
    let unreadable = || format!("cannot read \"{}\"", path.display());
    if parquet_read::recognise(path).with_context(unreadable)? {
        return Ok(Kind::Parquet);
    }
    if let Some(kind) = foreign::recognise(path)? {
        return Ok(kind);
    }
    if let Some(kind) = text::recognise(path).with_context(unreadable)? {
        return Ok(kind);
    }
    bail!(
        "\"{}\" is nothing that is known: say what it is with --from, or what the columns of a CSV \
         are with --columns day=…,views=…",
        path.display()
    );
}

/// Our own days as Parquet.
fn own_parquet(path: &Path, to: &mut dyn Listener) -> Result<()> {
    for row in parquet_read::read(path)? {
        let row = row?;
        let about = DailyRow::about(&row.repo, row.repo_id).map_err(|why| {
            let (file, repo) = (path.display(), &row.repo);
            anyhow!("\"{file}\": \"{repo}\" is no repository: {why}")
        })?;
        let row = DailyRow {
            about,
            day: row.day,
            state: row.state,
            counts: [row.views, row.clones],
        };
        if row.tell(to).is_err() {
            break;
        }
    }
    Ok(())
}
