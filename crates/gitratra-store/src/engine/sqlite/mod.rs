//! SQLite: one thread that writes, a few connections that read, all of them in one process. Other
//! processes may write the same file; whoever comes second waits.

pub(crate) mod copy;
mod file;
mod open;
mod writer;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql};
use tokio::sync::Semaphore;

use self::file::{File, Identity, Look};
use super::{Body, Cells, Tx};
use crate::error::Fault;
use crate::sql::Sql;
use crate::value::{Row, Value};

/// How many questions are answered at once. They wait for the processor more than for the disk.
const READERS: u32 = 4;

/// One SQLite file.
pub(crate) struct Database {
    file: Arc<File>,
    writer: writer::Writer,
    readers: Arc<Readers>,
}

struct Readers {
    idle: Mutex<Vec<(Identity, Connection)>>,
    permits: Arc<Semaphore>,
}

impl Database {
    pub(crate) async fn open(path: PathBuf) -> Result<Self, Fault> {
        // SQLite is given an absolute path, since a few names (":memory:") mean no file to it.
        let path = std::path::absolute(&path).unwrap_or(path);
        let file = Arc::new(File::new(path));
        let opened = file.clone();
        let connection = blocking(move || opened.open(open::store)).await?;
        let readers = Arc::<Readers>::default();
        Ok(Self {
            writer: writer::Writer::start(file.clone(), readers.clone(), connection)?,
            file,
            readers,
        })
    }

    pub(crate) async fn read<R: Send + 'static>(&self, body: impl Body<R>) -> Result<R, Fault> {
        let file = self.same_file().await?;
        let permit = self.readers.permits.clone().acquire_owned().await;
        let permit = permit.map_err(|_| Fault::Closed)?;
        let readers = self.readers.clone();
        let path = self.file.path().to_owned();
        blocking(move || {
            // The permit goes back only after the connection did.
            let _permit = permit;
            let mut connection = match readers.take(file) {
                Some(connection) => connection,
                None => open::reader(&path)?,
            };
            let answer = snapshot(&mut connection, body);
            // What has failed once is opened anew.
            if answer.is_ok() && connection.is_autocommit() {
                readers.idle().push((file, connection));
            }
            answer
        })
        .await
    }

    /// The file that stands at the path, after the writer has gone over to it where it is another
    /// one than before.
    async fn same_file(&self) -> Result<Identity, Fault> {
        if let Look::Same(file) = self.file.look() {
            return Ok(file);
        }
        self.writer.write(|_| async { Ok(()) }.boxed()).await?;
        match self.file.look() {
            Look::Same(file) => Ok(file),
            Look::Other | Look::Nothing => Err(writer::gone()),
        }
    }

    pub(crate) async fn write<R: Send + 'static>(&self, body: impl Body<R>) -> Result<R, Fault> {
        self.writer.write(body).await
    }

    /// Copies the file that is open, as it is at one moment.
    pub(crate) async fn copy_to(&self, to: PathBuf) -> Result<(), Fault> {
        self.same_file().await?;
        let path = self.file.path().to_owned();
        blocking(move || copy::copy(&path, &to)).await
    }

    pub(crate) async fn close(&self) {
        // The writer goes last: the last connection to close tidies the files up.
        if let Ok(permits) = self.readers.permits.acquire_many(READERS).await {
            permits.forget();
            self.readers.permits.close();
            self.readers.idle().clear();
        }
        self.writer.close().await;
    }
}

impl Default for Readers {
    fn default() -> Self {
        Self {
            idle: Mutex::new(Vec::new()),
            permits: Arc::new(Semaphore::new(READERS as usize)),
        }
    }
}

impl Readers {
    /// A connection to this very file that nobody uses. Those to others are let go.
    fn take(&self, file: Identity) -> Option<Connection> {
        let mut idle = self.idle();
        idle.retain(|(opened, _)| *opened == file);
        idle.pop().map(|(_, connection)| connection)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<(Identity, Connection)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers from one state of the file.
fn snapshot<R>(connection: &mut Connection, body: impl Body<R>) -> Result<R, Fault> {
    connection.prepare_cached("begin deferred")?.execute([])?;
    let answer = run(connection, body);
    connection.prepare_cached("rollback")?.execute([])?;
    answer
}

/// Runs a body to its end at once.
fn run<R>(connection: &mut Connection, body: impl Body<R>) -> Result<R, Fault> {
    let mut tx = Tx::Sqlite(connection);
    body(&mut tx)
        .now_or_never()
        .expect("a body waits only for the engine, and SQLite never waits")
}

/// The machine's clock as SQLite tells it.
pub(super) fn clock(connection: &Connection) -> Result<i64, Fault> {
    let question = "select cast(unixepoch('subsec') * 1000 as integer)";
    let mut statement = connection.prepare_cached(question)?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// What SQLite itself finds wrong with the file, a line each; nothing where it is sound.
pub(super) fn integrity(connection: &Connection) -> Result<Vec<String>, Fault> {
    let mut statement = connection.prepare("pragma integrity_check(100)")?;
    let lines = statement.query_map([], |row| row.get(0))?;
    let lines = lines.collect::<Result<Vec<String>, _>>()?;
    Ok(lines.into_iter().filter(|line| line != "ok").collect())
}

/// Looks at what a file is, without touching it.
pub(crate) fn check(path: &std::path::Path) -> Result<(), Fault> {
    open::to_read(path).map(|_| ())
}

/// An empty store, to look at its schema.
#[cfg(test)]
pub(crate) fn schema(path: &std::path::Path) -> Result<Connection, Fault> {
    open::store(path)
}

pub(super) async fn blocking<R: Send + 'static>(
    work: impl FnOnce() -> Result<R, Fault> + Send + 'static,
) -> Result<R, Fault> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(Fault::Closed),
        },
    }
}

pub(super) fn query(
    connection: &Connection,
    sql: &Sql,
    params: &[Value],
) -> Result<Vec<Row>, Fault> {
    let mut statement = connection.prepare_cached(sql.for_sqlite())?;
    let columns = statement.column_count();
    let mut found = statement.query(rusqlite::params_from_iter(params))?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let cells = (0..columns).map(|at| cell(row.get_ref(at)?));
        rows.push(Row(cells.collect::<Result<_, Fault>>()?));
    }
    Ok(rows)
}

pub(super) fn query_each(
    connection: &Connection,
    sql: &Sql,
    params: &[Value],
    mut each: impl FnMut(&Cells<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(sql.for_sqlite())?;
    let mut found = statement.query(rusqlite::params_from_iter(params))?;
    while let Some(row) = found.next()? {
        each(&Cells::Sqlite(row))?;
    }
    Ok(())
}

pub(super) fn execute_each<'p>(
    connection: &Connection,
    sql: &Sql,
    sets: impl Iterator<Item = &'p [Value]>,
) -> Result<Vec<u64>, Fault> {
    let mut statement = connection.prepare_cached(sql.for_sqlite())?;
    let changed = sets.map(|params| {
        let rows = statement.execute(rusqlite::params_from_iter(params))?;
        Ok(rows as u64)
    });
    changed.collect()
}

fn cell(value: ValueRef<'_>) -> Result<Value, Fault> {
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Int(number)),
        ValueRef::Text(text) => match str::from_utf8(text) {
            Ok(text) => Ok(text.into()),
            Err(_) => Err(Fault::corrupt("a text that is not UTF-8".into())),
        },
        ValueRef::Real(number) => Err(Fault::corrupt(format!("the number {number}"))),
        ValueRef::Blob(_) => Err(Fault::corrupt("bytes where a value belongs".into())),
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}
