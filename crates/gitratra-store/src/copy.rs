//! Copies of a whole store: one state of it, whatever is written meanwhile, as a SQLite file; and
//! the way back. A file is copied by SQLite itself; to and from a server every row is carried over,
//! a few at a time.

use std::path::{Path, PathBuf};

use futures_util::FutureExt;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::engine::{self, Engine, Tx};
use crate::error::Fault;
use crate::sql::Sql;
use crate::tables::{TABLES, Table};
use crate::value::Value;
use crate::{Location, Store, StoreError};

/// Rows that are carried together.
pub(crate) const ROWS: usize = 500;

/// Loads that wait at most for whoever writes.
pub(crate) const LOADS: usize = 8;

/// A part of a copy, in the order in which it is carried.
pub(crate) enum Load {
    /// What follows are the rows of this table, with these columns.
    Table(&'static Table, Vec<String>),
    Rows(Vec<Vec<Value>>),
    /// All of it was read. Without this the copy is not whole.
    End,
}

impl Store {
    /// Writes one state of the store into a SQLite file, which is a store itself. What others write
    /// meanwhile is not in it, and nobody waits.
    ///
    /// The file must not be there yet, or be empty; only its owner may read it. It is on the disk
    /// when this returns; whoever wants it to appear at once writes it elsewhere and moves it. It
    /// holds all that the store does: also the hashes of passwords and tokens, and the keys that
    /// addresses are signed with.
    ///
    /// # Errors
    /// Those of every question. After them the file may be there by halves.
    pub async fn copy_to_file(&self, path: &Path) -> Result<(), StoreError> {
        let place = Location::file(path);
        let to = path.to_owned();
        if let Engine::Sqlite(database) = self.engine() {
            let copied = database.copy_to(to).await;
            return copied.map_err(|fault| by_side(fault, self.location(), &place));
        }
        let (send, receive) = channel(LOADS);
        let write = engine::fill_file(to, receive);
        let (read, written) = tokio::join!(self.read_whole(send), write);
        first_cause(read, written.map_err(|fault| fault.at(&place)))
    }

    /// Puts what a file holds in the place of all that this store on a server does, in one
    /// transaction: whatever goes wrong, the store is as it was.
    ///
    /// # Errors
    /// Those of every question. A store in a file is replaced by [`replace_file`], and not by this,
    /// which then ends with [`StoreError::Internal`].
    pub async fn replace_by(&self, file: &Path) -> Result<(), StoreError> {
        let (send, receive) = channel(LOADS);
        let read = engine::read_file(file.to_owned(), send);
        let write = self.engine().fill(receive);
        let (read, written) = tokio::join!(read, write);
        first_cause(
            read.map_err(|fault| fault.at(&Location::file(file))),
            written.map_err(|fault| fault.at(self.location()).while_open()),
        )?;
        // Everybody may see something else now.
        self.note_change().await
    }

    /// Reads every table, in one state, as a file or as a server.
    pub(crate) async fn read_whole(&self, to: Sender<Load>) -> Result<(), StoreError> {
        let read = match self.location().path() {
            Some(path) => engine::read_file(path.to_owned(), to).await,
            None => self.engine().read_all(to).await,
        };
        read.map_err(|fault| fault.at(self.location()).while_open())
    }

    /// Whether nothing is kept yet: a store that was only just made.
    pub async fn is_empty(&self) -> Result<bool, StoreError> {
        self.read(|tx| is_empty(tx).boxed()).await
    }
}

/// Puts a file that is a store in the place of the one at a location, at once: at every moment one of
/// the two is there whole, also where this process is killed. What was there before is gone.
///
/// # Errors
/// [`StoreError::Busy`] where somebody has the store open, [`StoreError::Corrupt`] and
/// [`StoreError::NotAStore`] where what is there cannot be opened and should be moved away by hand,
/// [`StoreError::CannotOpen`] where the place is no file. What is there stays then.
pub async fn replace_file(new: &Path, location: &Location) -> Result<(), StoreError> {
    let Some(path) = location.path().map(Path::to_owned) else {
        return Err(StoreError::CannotOpen {
            location: location.to_string(),
            why: "only a store in a file can be replaced by a file".into(),
            source: None,
        });
    };
    let new: PathBuf = new.to_owned();
    let replaced = engine::replace_file(new, path).await;
    replaced.map_err(|fault| fault.at(location))
}

/// Looks at a file without touching it: whether it is a store that this program knows.
///
/// # Errors
/// [`StoreError::NotAStore`], [`StoreError::Newer`], [`StoreError::Corrupt`] and
/// [`StoreError::CannotOpen`], each with the file.
pub async fn check_file(path: &Path) -> Result<(), StoreError> {
    let checked = engine::check_file(path.to_owned()).await;
    checked.map_err(|fault| fault.at(&Location::file(path)))
}

/// Copies a file that is a store, with what a log beside it adds; the file is only read.
///
/// # Errors
/// Those of opening a store. After them the copy may be there by halves.
pub async fn copy_file(from: &Path, to: &Path) -> Result<(), StoreError> {
    let copied = engine::copy_file(from.to_owned(), to.to_owned()).await;
    copied.map_err(|fault| by_side(fault, &Location::file(from), &Location::file(to)))
}

/// Says on which side of a copy of a file something went wrong.
fn by_side(fault: Fault, from: &Location, to: &Location) -> StoreError {
    match fault.clone().at(to) {
        error @ (StoreError::Full { .. } | StoreError::ReadOnly { .. }) => error,
        _ => fault.at(from),
    }
}

/// Where both sides failed, the one that failed by itself: the other only noticed.
fn first_cause(
    read: Result<(), StoreError>,
    written: Result<(), StoreError>,
) -> Result<(), StoreError> {
    match (read, written) {
        (Ok(()), written) => written,
        (Err(read), Ok(())) => Err(read),
        (Err(read), Err(written)) => Err(if is_from_closing(&read) {
            written
        } else {
            read
        }),
    }
}

pub(crate) fn is_from_closing(error: &StoreError) -> bool {
    matches!(error, StoreError::Internal { source, .. } if source.is::<crate::error::Closed>())
}

pub(crate) async fn is_empty(tx: &mut Tx<'_>) -> Result<bool, Fault> {
    for table in TABLES {
        let beside = match table.name {
            // Every store has GitHub itself.
            "source" => " where source_id <> 0",
            _ => "",
        };
        let question = Sql::made(format!("select 1 from {}{beside} limit 1", table.name));
        if !tx.query(&question, &[]).await?.is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Sends from a thread that may wait.
pub(crate) fn send_now(to: &Sender<Load>, load: Load) -> Result<(), Fault> {
    to.blocking_send(load).map_err(|_| Fault::Closed)
}

/// Sends from a task.
pub(crate) async fn send(to: &Sender<Load>, load: Load) -> Result<(), Fault> {
    to.send(load).await.map_err(|_| Fault::Closed)
}

/// What a copy is carried through.
pub(crate) type Loads = Receiver<Load>;
