//! Whole files: copying one while it is written to, filling and reading one row by row, and putting
//! one in the place of another.

use std::fs::{File, OpenOptions};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use tokio::sync::mpsc::Sender;

use super::{cell, open};
use crate::copy::{Load, Loads, ROWS, send_now};
use crate::error::Fault;
use crate::tables::{self, TABLES};
use crate::value::Value;

/// How long a copy waits for others to let it read, or for the store to be let go.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long to wait before trying again.
const PAUSE: Duration = Duration::from_millis(50);

/// Copies all pages as they are at one moment; whoever writes goes on writing.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), Fault> {
    let source = open::to_read(from)?;
    make(to)?;
    let mut target = Connection::open_with_flags(
        to,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    let started = Instant::now();
    {
        let backup = Backup::new(&source, &mut target)?;
        loop {
            // All in one step, which reads one state: between steps others could write.
            match backup.step(-1)? {
                StepResult::Done => break,
                _ if started.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
                _ => return Err(busy()),
            }
        }
    }
    drop(source);
    close_up(target, to)
}

/// Makes a new file, for nobody but the user.
fn make(path: &Path) -> Result<(), Fault> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let made = options.open(path);
    made.map(|_| ()).map_err(|error| {
        let why = "the file cannot be made, check its folder and the permissions of it";
        Fault::CannotOpen(why.into(), Some(Arc::new(error)))
    })
}

/// Leaves one file with everything in it, so that it can be carried away and opened anywhere.
fn close_up(target: Connection, path: &Path) -> Result<(), Fault> {
    target.pragma_update(None, "synchronous", "normal")?;
    target.query_row("pragma journal_mode = delete", [], |_| Ok(()))?;
    target.close().map_err(|(_, error)| error)?;
    sync(path)
}

fn sync(path: &Path) -> Result<(), Fault> {
    let synced = File::open(path).and_then(|file| file.sync_all());
    synced.map_err(|error| Fault::Engine(Arc::new(error)))
}

fn busy() -> Fault {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
    Fault::Engine(Arc::new(rusqlite::Error::SqliteFailure(code, None)))
}

/// Reads every table of a file, in one state.
pub(crate) fn read_all(path: &Path, to: &Sender<Load>) -> Result<(), Fault> {
    let connection = open::to_read(path)?;
    connection.execute_batch("begin deferred")?;
    open::all_is_known(&connection)?;
    for table in TABLES {
        let mut names =
            connection.prepare("select name from pragma_table_info(?1) order by cid")?;
        let names = names.query_map([table.name], |row| row.get(0))?;
        let columns = names.collect::<Result<Vec<String>, _>>()?;
        let mut statement = connection.prepare(&tables::select(table, &columns))?;
        let width = columns.len();
        send_now(to, Load::Table(table, columns))?;
        let mut found = statement.query([])?;
        let mut rows = Vec::with_capacity(ROWS);
        while let Some(row) = found.next()? {
            let cells = (0..width).map(|at| cell(row.get_ref(at)?));
            rows.push(cells.collect::<Result<_, Fault>>()?);
            if rows.len() == ROWS {
                send_now(to, Load::Rows(std::mem::take(&mut rows)))?;
            }
        }
        send_now(to, Load::Rows(rows))?;
    }
    send_now(to, Load::End)
}

/// Makes a new file and puts into it what comes.
pub(crate) fn fill(path: &Path, mut loads: Loads) -> Result<(), Fault> {
    make(path)?;
    let connection = open::store(path)?;
    // Until it is whole the file is nobody's; it need not survive anything.
    connection.query_row("pragma journal_mode = delete", [], |_| Ok(()))?;
    connection.query_row("pragma journal_mode = off", [], |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "off")?;
    connection.execute_batch("begin immediate; delete from source;")?;
    let (mut name, mut columns) = ("", Vec::new());
    loop {
        match loads.blocking_recv().ok_or(Fault::Closed)? {
            Load::Table(table, names) => (name, columns) = (table.name, names),
            Load::Rows(rows) => insert(&connection, name, &columns, &rows)?,
            Load::End => break,
        }
    }
    connection.execute_batch("commit")?;
    close_up(connection, path)
}

/// Puts rows into a table.
pub(crate) fn insert(
    connection: &Connection,
    table: &str,
    columns: &[String],
    rows: &[Vec<Value>],
) -> Result<(), Fault> {
    if rows.is_empty() {
        return Ok(());
    }
    let places: Vec<String> = (1..=columns.len()).map(|at| format!("?{at}")).collect();
    let mut statement = connection.prepare_cached(&format!(
        "insert into {table} ({}) values ({})",
        columns.join(", "),
        places.join(", ")
    ))?;
    for row in rows {
        statement.execute(rusqlite::params_from_iter(row))?;
    }
    Ok(())
}

/// Puts `new` at `path` at once.
///
/// The log of the store that stands there is tidied into it first, since it would be nonsense beside
/// another file; that needs the store for oneself, and so does what follows, so that nobody begins a
/// new log meanwhile. A kill at any moment leaves the one store or the other.
pub(crate) fn replace(new: &Path, path: &Path) -> Result<(), Fault> {
    sync(new)?;
    let is_there = std::fs::metadata(path).is_ok_and(|found| found.len() > 0);
    let held = match is_there {
        true => Some(take(path)?),
        false if open::has_log(path) => {
            let why = "the log of a store that is not there lies at its place, move away the files \
                       that begin with its name";
            return Err(Fault::CannotOpen(why.into(), None));
        }
        false => None,
    };
    let moved = std::fs::rename(new, path);
    moved.map_err(|error| {
        let why = "the new file cannot be put in its place, check the permissions of the folder";
        Fault::CannotOpen(why.into(), Some(Arc::new(error)))
    })?;
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        // Not every system can do this with a folder; the file itself is on the disk.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    drop(held);
    Ok(())
}

/// Has a store for oneself, all of it in one file.
fn take(path: &Path) -> Result<Connection, Fault> {
    open::check(path)?;
    let connection = open::connect(path)?;
    let mode: String =
        connection.query_row("pragma journal_mode = delete", [], |row| row.get(0))?;
    if mode != "delete" {
        return Err(busy());
    }
    connection.execute_batch("begin exclusive")?;
    if open::has_log(path) {
        // Somebody was quicker.
        return Err(busy());
    }
    Ok(connection)
}
