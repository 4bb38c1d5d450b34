//! Where the two engines differ: connecting, binding, reading, locking, migrating. Nothing outside
//! this folder knows which engine it talks to, and nothing in here knows a table.

mod cells;
mod migrate;
mod postgres;
mod sqlite;

use std::path::PathBuf;

use futures_util::future::BoxFuture;
use tokio::sync::mpsc::Sender;

pub(crate) use self::cells::Cells;
pub(crate) use self::migrate::{Dialect, filled};
use crate::copy::{Load, Loads};
use crate::error::Fault;
use crate::location::{Location, Place};
use crate::sql::Sql;
use crate::value::{Row, Value};

/// The two engines.
pub(crate) enum Engine {
    Sqlite(sqlite::Database),
    Postgres(postgres::Database),
}

/// A transaction that is open. Every question of the store is asked of one, and is written once.
pub(crate) enum Tx<'c> {
    Sqlite(&'c mut rusqlite::Connection),
    Postgres(&'c deadpool_postgres::ClientWrapper),
}

/// What a transaction does. It may not wait for anything but the [`Tx`]: on SQLite nothing waits,
/// and the whole body runs on the thread that owns the connection.
pub(crate) trait Body<R>:
    for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<R, Fault>> + Send + 'static
{
}

impl<R, F> Body<R> for F where
    F: for<'t, 'c> FnOnce(&'t mut Tx<'c>) -> BoxFuture<'t, Result<R, Fault>> + Send + 'static
{
}

/// One that only reads, and so may be run again where a server went away in the middle.
pub(crate) trait Reading<R>: Body<R> + Clone {}

impl<R, F: Body<R> + Clone> Reading<R> for F {}

/// What is taken before something is read that another process might be about to write. Who takes
/// several takes them in this order.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Lock {
    Repo(gitratra_core::RepoId),
    Sources,
    Runs,
    Suspicions,
    Alarms,
    Persons,
    Logins,
    Budgets,
    /// A key of a lease, by a number that follows from it. Nobody waits for one: [`Tx::try_locks`].
    Lease(i64),
}

impl Engine {
    pub(crate) async fn open(location: &Location) -> Result<Self, Fault> {
        Ok(match &location.place {
            Place::File(path) => Self::Sqlite(sqlite::Database::open(path.clone()).await?),
            Place::Server(config) => Self::Postgres(postgres::Database::open(config).await?),
        })
    }

    /// A server that is only read from, of which nothing is asked yet.
    pub(crate) fn follow(location: &Location) -> Result<Self, Fault> {
        match &location.place {
            Place::Server(config) => Ok(Self::Postgres(postgres::Database::follow(config)?)),
            Place::File(_) => {
                let why = "only a server makes copies of itself to read from, name the address of \
                           one that begins with postgres://";
                Err(Fault::CannotOpen(why.into(), None))
            }
        }
    }

    /// Runs `body` on one state of the store, which no writer changes meanwhile.
    pub(crate) async fn read<R: Send + 'static>(&self, body: impl Reading<R>) -> Result<R, Fault> {
        match self {
            Self::Sqlite(database) => database.read(body).await,
            Self::Postgres(database) => database.read(body).await,
        }
    }

    /// Runs `body` and commits what it wrote, or undoes all of it where it fails.
    pub(crate) async fn write<R: Send + 'static>(&self, body: impl Body<R>) -> Result<R, Fault> {
        match self {
            Self::Sqlite(database) => database.write(body).await,
            Self::Postgres(database) => database.write(body).await,
        }
    }

    /// Reads every table, in one state.
    pub(crate) async fn read_all(&self, to: Sender<Load>) -> Result<(), Fault> {
        match self {
            Self::Sqlite(_) => Err(Fault::Closed),
            Self::Postgres(database) => database.read_all(&to).await,
        }
    }

    /// Puts what comes in the place of everything, in one transaction. A file is replaced as a
    /// whole.
    pub(crate) async fn fill(&self, loads: Loads) -> Result<(), Fault> {
        match self {
            Self::Sqlite(_) => Err(Fault::Closed),
            Self::Postgres(database) => database.fill(loads).await,
        }
    }

    /// Waits for what is under way and lets go of files and connections.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(database) => database.close().await,
            Self::Postgres(database) => database.close(),
        }
    }
}

/// Makes a file and puts into it what comes.
pub(crate) async fn fill_file(path: PathBuf, loads: Loads) -> Result<(), Fault> {
    sqlite::blocking(move || sqlite::copy::fill(&path, loads)).await
}

/// Reads every table of a file.
pub(crate) async fn read_file(path: PathBuf, to: Sender<Load>) -> Result<(), Fault> {
    sqlite::blocking(move || sqlite::copy::read_all(&path, &to)).await
}

/// Copies a file as it is at one moment.
pub(crate) async fn copy_file(from: PathBuf, to: PathBuf) -> Result<(), Fault> {
    sqlite::blocking(move || sqlite::copy::copy(&from, &to)).await
}

/// Puts a file in the place of another at once.
pub(crate) async fn replace_file(new: PathBuf, path: PathBuf) -> Result<(), Fault> {
    sqlite::blocking(move || sqlite::copy::replace(&new, &path)).await
}

/// Looks at what a file is, without touching it.
pub(crate) async fn check_file(path: PathBuf) -> Result<(), Fault> {
    sqlite::blocking(move || sqlite::check(&path)).await
}

#[cfg(test)]
pub(crate) use sqlite::schema as sqlite_schema;

impl Tx<'_> {
    /// What the engine itself finds wrong with what it keeps, a line each. A server looks after its
    /// files by itself, and is not asked.
    pub(crate) fn integrity(&mut self) -> Result<Vec<String>, Fault> {
        match self {
            Self::Sqlite(connection) => sqlite::integrity(connection),
            Self::Postgres(_) => Ok(Vec::new()),
        }
    }

    /// Whether the rows of repositories lie on several machines, so that a question may not ask
    /// itself.
    pub(crate) async fn is_spread(&mut self) -> Result<bool, Fault> {
        match self {
            Self::Sqlite(_) => Ok(false),
            Self::Postgres(client) => postgres::layout::is_spread(client).await,
        }
    }

    /// The rows that answer a question.
    pub(crate) async fn query(&mut self, sql: &Sql, params: &[Value]) -> Result<Vec<Row>, Fault> {
        match self {
            Self::Sqlite(connection) => sqlite::query(connection, sql, params),
            Self::Postgres(client) => postgres::query(client, sql, params).await,
        }
    }

    /// Shows the rows that answer a question to `each`, one after the other, so that nothing is held
    /// of an answer that may be long.
    pub(crate) async fn query_each(
        &mut self,
        sql: &Sql,
        params: &[Value],
        each: impl FnMut(&Cells<'_>) -> Result<(), Fault> + Send,
    ) -> Result<(), Fault> {
        match self {
            Self::Sqlite(connection) => sqlite::query_each(connection, sql, params, each),
            Self::Postgres(client) => postgres::query_each(client, sql, params, each).await,
        }
    }

    /// Changes rows and says how many.
    pub(crate) async fn execute(&mut self, sql: &Sql, params: &[Value]) -> Result<u64, Fault> {
        match self {
            Self::Sqlite(connection) => {
                let changed = sqlite::execute_each(connection, sql, std::iter::once(params))?;
                Ok(changed.into_iter().sum())
            }
            Self::Postgres(client) => postgres::execute(client, sql, params).await,
        }
    }

    /// Executes the same statement for each set of parameters, in order, and says for each how
    /// many rows it changed. To a server all of them are sent at once.
    pub(crate) async fn execute_each<const N: usize>(
        &mut self,
        sql: &Sql,
        sets: &[[Value; N]],
    ) -> Result<Vec<u64>, Fault> {
        match self {
            Self::Sqlite(connection) => {
                let sets = sets.iter().map(<[Value; N]>::as_slice);
                sqlite::execute_each(connection, sql, sets)
            }
            Self::Postgres(client) => postgres::execute_each(client, sql, sets).await,
        }
    }

    /// Puts rows into a table, as many as there are. To a server they go in one stream.
    pub(crate) async fn insert(
        &mut self,
        table: &str,
        columns: &[String],
        rows: &[Vec<Value>],
    ) -> Result<(), Fault> {
        match self {
            Self::Sqlite(connection) => sqlite::copy::insert(connection, table, columns, rows),
            Self::Postgres(client) => postgres::copy::insert(client, table, columns, rows).await,
        }
    }

    /// The time in milliseconds since 1970 by the clock of whoever keeps the store: the server's, or
    /// this machine's where the store is a file.
    pub(crate) async fn clock(&mut self) -> Result<i64, Fault> {
        match self {
            Self::Sqlite(connection) => sqlite::clock(connection),
            Self::Postgres(client) => postgres::clock(client).await,
        }
    }

    /// How far a server has written its log, or a copy of it has followed that; 0 for a file.
    pub(crate) async fn position(&mut self) -> Result<i64, Fault> {
        match self {
            Self::Sqlite(_) => Ok(0),
            Self::Postgres(transaction) => postgres::position(transaction).await,
        }
    }

    /// Takes the locks of several repositories, in the one order in which everybody takes them, so
    /// that two who write the same do not wait for each other. Whoever needs several, or is about to
    /// change rows of some, takes all of them before anything else.
    pub(crate) async fn lock_repos(
        &mut self,
        repos: impl IntoIterator<Item = gitratra_core::RepoId>,
    ) -> Result<(), Fault> {
        let repos: std::collections::BTreeSet<_> = repos.into_iter().collect();
        for repo in repos {
            self.lock(Lock::Repo(repo)).await?;
        }
        Ok(())
    }

    /// Takes what nobody else has and waits for nothing. *Shape*: for each lock whether it is had now,
    /// until the transaction ends.
    pub(crate) async fn try_locks(&mut self, locks: &[Lock]) -> Result<Vec<bool>, Fault> {
        match self {
            Self::Sqlite(_) => Ok(vec![true; locks.len()]),
            Self::Postgres(transaction) => postgres::try_locks(transaction, locks).await,
        }
    }

    /// Keeps others from writing the same thing until the transaction ends. SQLite has one writer
    /// at a time and needs no more.
    ///
    /// Locks are taken in the order of [`Lock`]; those of repositories by [`Tx::lock_repos`].
    pub(crate) async fn lock(&mut self, lock: Lock) -> Result<(), Fault> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(client) => postgres::lock(client, lock).await,
        }
    }
}
