//! Finding out what a file is before it is touched, and opening it.

use std::fs::{DirBuilder, OpenOptions};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior};

use crate::engine::migrate::{self, Dialect};
use crate::error::Fault;
use crate::{Location, StoreError};

/// Marks a SQLite file as a store: the letters "gtrt".
const APPLICATION_ID: i64 = 0x6774_7274;

/// How long a process waits for another one that writes, before it says so. Whoever wants to stop
/// waits as long.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a file may look damaged because it is being made.
const GROWING: Duration = Duration::from_secs(1);

/// How long to wait before looking again.
const PAUSE: Duration = Duration::from_millis(20);

/// Statements that stay prepared: all of ours.
const STATEMENTS: usize = 128;

/// Opens a store for writing, making or updating it where that is needed, and waiting for another
/// process that is at it.
pub(super) fn store(path: &Path) -> Result<Connection, Fault> {
    let started = Instant::now();
    loop {
        let fault = match try_store(path) {
            Ok(connection) => return Ok(connection),
            Err(fault) => fault,
        };
        let patience = match fault.clone().at(&Location::file(path)) {
            // Where two wait for each other, as when both turn the log of a new file on, SQLite
            // sends one of them away at once (<https://sqlite.org/c3ref/busy_handler.html>).
            StoreError::Busy { .. } => PATIENCE,
            // A look without a lock may meet a file that is just growing.
            StoreError::Corrupt { .. } => GROWING,
            _ => return Err(fault),
        };
        if started.elapsed() >= patience {
            return Err(fault);
        }
        std::thread::sleep(PAUSE);
    }
}

fn try_store(path: &Path) -> Result<Connection, Fault> {
    create(path)?;
    let is_new = is_empty(path);
    if !is_new {
        check(path)?;
    }
    let connection = connect(path)?;
    if is_new {
        begin(&connection)?;
    }
    up_to_date(connection)
}

/// Opens what now stands where a store was open: that store, a backup of it, or something else.
/// Nothing is made there, since a store begun anew would look as if all was well.
pub(super) fn again(path: &Path) -> Result<Connection, Fault> {
    if is_empty(path) {
        let why = "its file is empty, put a backup back";
        return Err(Fault::CannotOpen(why.into(), None));
    }
    check(path)?;
    up_to_date(connect(path)?)
}

fn up_to_date(mut connection: Connection) -> Result<Connection, Fault> {
    let found = version(&connection)?;
    if let Err(fault) = may_go_on(&connection, found) {
        leave_as_it_is(&connection)?;
        return Err(fault);
    }
    if found < migrate::known() {
        update(&mut connection)?;
    }
    if !connection.is_readonly("main")? {
        // In this mode readers never wait for the writer. The mode stays with the file.
        connection.pragma_update(None, "journal_mode", "wal")?;
    }
    Ok(connection)
}

/// Opens a store that was opened before, for reading only.
pub(super) fn reader(path: &Path) -> Result<Connection, Fault> {
    let connection = connect(path)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// Opens what may be a store of somebody's, also where it cannot be written, after looking at what it
/// is. Nothing of it is changed.
pub(super) fn to_read(path: &Path) -> Result<Connection, Fault> {
    if !path.is_file() {
        let why = "there is no such file";
        return Err(Fault::CannotOpen(why.into(), None));
    }
    check(path)?;
    let connection = match has_log(path) {
        true => {
            let connection = connect(path)?;
            // What a killed program left is read, and stays where it is.
            leave_as_it_is(&connection)?;
            connection
        }
        // A copy that lies in a folder that cannot be written has no log, and can have none.
        false if is_closed_to_us(path) => {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
                | OpenFlags::SQLITE_OPEN_URI
                | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            Connection::open_with_flags(format!("{}?immutable=1", uri(path)), flags)?
        }
        false => connect(path)?,
    };
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// Whether a file cannot be written, or nothing can be made beside it.
fn is_closed_to_us(path: &Path) -> bool {
    let is_readonly =
        |path: &Path| std::fs::metadata(path).is_ok_and(|found| found.permissions().readonly());
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    is_readonly(path) || folder.is_some_and(is_readonly)
}

/// Makes the file and its folder where they are missing, for nobody but the user.
fn create(path: &Path) -> Result<(), Fault> {
    if let Some(folder) = path.parent() {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(folder)
            .map_err(|error| cannot_open("its folder cannot be made", error))?;
    }
    if let Ok(found) = std::fs::metadata(path)
        && !found.is_file()
    {
        let why = if found.is_dir() {
            "it is a folder, name a file in it"
        } else {
            "it is a device or a pipe, name a file"
        };
        return Err(Fault::CannotOpen(why.into(), None));
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(cannot_open("the file cannot be made", error)),
    }
}

fn cannot_open(why: &str, error: std::io::Error) -> Fault {
    Fault::CannotOpen(why.into(), Some(Arc::new(error)))
}

/// Asks for the length by name: opening and closing the file beside SQLite would let go of the
/// locks that this process holds on it (<https://sqlite.org/howtocorrupt.html>, 2.2).
fn is_empty(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|file| file.len() == 0)
}

/// Looks at what the file is, if possible without touching anything.
pub(super) fn check(path: &Path) -> Result<(), Fault> {
    let fault = match check_head(path) {
        Ok(()) => return Ok(()),
        Err(fault) => fault,
    };
    let is_damaged = matches!(
        fault.clone().at(&Location::file(path)),
        StoreError::Corrupt { .. }
    );
    if !is_damaged || !has_log(path) {
        return Err(fault);
    }
    // A process that is killed while it tidies its log into the file leaves the file by halves: what
    // is whole is the file together with its log, as SQLite reads them.
    let whole = connect(path)?;
    leave_as_it_is(&whole)?;
    check_marks(&whole)
}

/// Whether SQLite left a log beside the file.
pub(super) fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).is_ok_and(|file| file.len() > 0)
}

/// Reads the file's head without a lock and without making a `-wal` beside it.
fn check_head(path: &Path) -> Result<(), Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let head = Connection::open_with_flags(format!("{}?immutable=1", uri(path)), flags)?;
    check_marks(&head)
}

/// Whether a database is a store that this program knows.
fn check_marks(head: &Connection) -> Result<(), Fault> {
    let application: i64 = head.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if application != APPLICATION_ID {
        let why = "it is a SQLite database of another program";
        return Err(Fault::NotAStore(why.into()));
    }
    let found = version(head)?;
    may_go_on(head, found)
}

/// Whether this program may go on with what it found, also where a newer one was at it.
fn may_go_on(connection: &Connection, found: i64) -> Result<(), Fault> {
    if found <= migrate::known() {
        return Ok(());
    }
    let question = "select count(*) from sqlite_master where type = 'table' and name = 'mark'";
    let is_told: i64 = connection.query_row(question, [], |row| row.get(0))?;
    let oldest = match is_told {
        0 => None,
        _ => connection
            .query_row(migrate::OLDEST_PROGRAM, [], |row| row.get(0))
            .optional()?,
    };
    migrate::may_go_on(found, oldest)
}

/// Refuses what touches every table where a newer program has brought some that are not known here.
pub(super) fn all_is_known(connection: &Connection) -> Result<(), Fault> {
    migrate::all_is_known(version(connection)?)
}

/// The file's name as SQLite wants it where options follow
/// (<https://sqlite.org/uri.html>, "The URI Path").
fn uri(path: &Path) -> String {
    let mut uri = String::from("file:");
    for byte in path.to_string_lossy().replace('\\', "/").bytes() {
        match byte {
            b'/' | b':' | b'.' | b'-' | b'_' => uri.push(byte.into()),
            byte if byte.is_ascii_alphanumeric() => uri.push(byte.into()),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

pub(super) fn connect(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.set_transaction_behavior(TransactionBehavior::Immediate);
    // Without it a statement is planned anew whenever its parameters change, which was a fifth of
    // the time that storing a visit took.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // With a write-ahead log a power cut may undo the last commits, and never damages the file.
    connection.pragma_update(None, "synchronous", "normal")?;
    Ok(connection)
}

/// Marks an empty file as ours before anything else is in it.
fn begin(connection: &Connection) -> Result<(), Fault> {
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    Ok(())
}

fn version(connection: &Connection) -> Result<i64, Fault> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Lets a file go without tidying its `-wal` into it.
fn leave_as_it_is(connection: &Connection) -> Result<(), Fault> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(())
}

/// Brings the schema up to date. Another process may be doing the same: whoever comes second fails
/// on what is already there, sees that the work is done and is content.
fn update(connection: &mut Connection) -> Result<(), Fault> {
    let outcome = migrate::runner(Dialect::Sqlite).run(connection);
    if version(connection)? == migrate::known() {
        // So that the version stands in the file itself, where it is looked for first.
        connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?;
        return Ok(());
    }
    outcome?;
    Err(Fault::corrupt("a schema without its version".into()))
}
