//! What a file is, and who reads it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use gitratra_core::import::{DayFact, Fact, Kind, Listener, Subject};
use gitratra_core::{DayState, Metric, Timestamp};
use gitratra_foreign as foreign;
use gitratra_formats::archive::Archive;
use gitratra_formats::import::{self as text, ImportError, Options};
use gitratra_tables::parquet_read;

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
    if Archive::is_at(path) {
        return Ok(Kind::Archive);
    }
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

/// Our own days as Parquet: what is measured is over, what is partial was running.
fn own_parquet(path: &Path, to: &mut dyn Listener) -> Result<()> {
    for row in parquet_read::read(path)? {
        let row = row?;
        if !row.state.is_believed() {
            continue;
        }
        let name = row.repo.split('@').next().unwrap_or(&row.repo);
        let about = Subject::Named {
            name: name.parse()?,
            id: row.repo_id.filter(|id| !id.is_unconfirmed()),
        };
        let end = row.day.end();
        let read_at = match row.state {
            DayState::Partial => Timestamp::from_second(end.as_second() - 1).ok(),
            _ => Some(end),
        };
        for (metric, count) in [(Metric::Views, row.views), (Metric::Clones, row.clones)] {
            let Some(count) = count else {
                continue;
            };
            let fact = Fact::Day(DayFact {
                metric,
                day: row.day,
                count,
                read_at,
                is_doubted: false,
            });
            if to.tell(&about, fact).is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}
