//! Databases of other tools, opened for reading only, told fact by fact.
//!
//! Input is a file that another tool may be writing at the same moment. It is never changed and
//! nothing is left beside it; what is read is one moment of it. Which tool wrote it is seen from its
//! tables and columns, never from its name. This crate knows nothing of our store: a
//! [`Listener`] hears facts about repositories, and notes on what is left out.
//!
//! What each tool keeps, what is taken, left out and doubted is in `docs/import/`.

mod cells;
mod error;
mod gghstats;
mod gh_tracker;
mod ghstats;
mod git_clone_stats;
mod lists;
mod moment;
mod open;
mod schema;
mod traffic_vault;

use std::path::Path;

use gitratra_core::import::{Kind, Listener};

pub use error::{Cause, ForeignError};

use error::Stop;
use open::{Database, Purpose};
use schema::Schema;

/// Which tool wrote this file.
///
/// Nothing where it is no SQLite database, or one of somebody's whom we do not know.
///
/// # Errors
/// [`ForeignError::Unreadable`] where the file cannot be read, [`ForeignError::Damaged`] where it
/// begins like a database and is none, [`ForeignError::Busy`] where others lock it for too long.
pub fn recognise(path: &Path) -> Result<Option<Kind>, ForeignError> {
    let Some(database) = Database::open(path, Purpose::Glance)? else {
        return Ok(None);
    };
    let schema = Schema::of(&database)?;
    Ok(schema::KINDS
        .into_iter()
        .find(|kind| schema.lacks(*kind).is_none()))
}

/// Tells everything that a database of this kind says.
///
/// *Shape*: table by table, in no order that means anything; a day may be told more than once. One
/// moment of the database, also while others write it. Row by row: memory does not grow with it,
/// but for the names of its repositories.
///
/// A listener who has heard enough ends reading, which is no failure.
///
/// # Errors
/// As [`recognise`], and [`ForeignError::NotThisKind`] where a table or column is missing,
/// [`ForeignError::Value`] with the first row that cannot be. A damaged file is found before
/// anything is told; a wrong value only when it is reached, so whoever stores what is told reads
/// once without storing.
pub fn read(kind: Kind, path: &Path, to: &mut dyn Listener) -> Result<(), ForeignError> {
    let not_this = |why: String| ForeignError::NotThisKind {
        file: path.to_owned(),
        kind,
        why,
    };
    let tell: fn(&Database, &Schema, &mut dyn Listener) -> Result<(), Stop> = match kind {
        Kind::Ghstats => ghstats::read,
        Kind::Gghstats => gghstats::read,
        Kind::GitCloneStats => git_clone_stats::read,
        Kind::GhTracker => gh_tracker::read,
        Kind::TrafficVault => traffic_vault::read,
        _ => return Err(not_this("that tool keeps no database".to_owned())),
    };
    let database = Database::open(path, Purpose::Whole)?
        .ok_or_else(|| not_this("it is no SQLite database".to_owned()))?;
    let schema = Schema::of(&database)?;
    if let Some(missing) = schema.lacks(kind) {
        return Err(not_this(missing));
    }
    database.check()?;
    match tell(&database, &schema, to) {
        Ok(()) | Err(Stop::Enough) => Ok(()),
        Err(Stop::Failed(error)) => Err(*error),
    }
}
