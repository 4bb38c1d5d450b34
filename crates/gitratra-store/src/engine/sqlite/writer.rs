//! The one thread that writes: what many ask for at the same time is committed together, since a
//! commit costs more than what is committed.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::file::{File, Look};
use super::{Body, Readers, open, run};
use crate::Location;
use crate::error::{Fault, StoreError};

/// How many jobs share a commit at most, so that none waits long for the others.
const TOGETHER: usize = 64;

/// The way to the thread.
pub(super) struct Writer {
    jobs: Mutex<Option<Sender<Message>>>,
}

enum Message {
    Write(Box<dyn Job>),
    Close(oneshot::Sender<()>),
}

/// One transaction body with the one who waits for it.
trait Job: Send {
    /// Runs the body inside the group's transaction, undoing it alone where it fails. An error
    /// here ends the whole group.
    fn run(&mut self, connection: &mut Connection) -> Result<(), Fault>;
    /// Tells the one who waits how it went.
    fn answer(self: Box<Self>, group: Result<(), Fault>);
}

struct Task<F, R> {
    body: Option<F>,
    result: Option<Result<R, Fault>>,
    reply: oneshot::Sender<Result<R, Fault>>,
}

impl Writer {
    pub(super) fn start(
        file: Arc<File>,
        readers: Arc<Readers>,
        connection: Connection,
    ) -> Result<Self, Fault> {
        let (jobs, queue) = channel();
        let mut worker = Worker {
            file,
            readers,
            connection: Some(connection),
        };
        std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || worker.work(&queue))
            .map_err(|error| Fault::Engine(Arc::new(error)))?;
        Ok(Self {
            jobs: Mutex::new(Some(jobs)),
        })
    }

    pub(super) async fn write<R: Send + 'static>(&self, body: impl Body<R>) -> Result<R, Fault> {
        let (reply, result) = oneshot::channel();
        self.send(Message::Write(Box::new(Task {
            body: Some(body),
            result: None,
            reply,
        })))?;
        result.await.unwrap_or(Err(Fault::Closed))
    }

    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.send(Message::Close(done)).is_ok() {
            // An error says that the thread has ended, which is what is wanted.
            let _ = closed.await;
        }
        *self.jobs.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn send(&self, message: Message) -> Result<(), Fault> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let jobs = jobs.as_ref().ok_or(Fault::Closed)?;
        jobs.send(message).map_err(|_| Fault::Closed)
    }
}

/// The file is not where it was.
pub(super) fn gone() -> Fault {
    let why = "its file is not there, put it back or restart to begin a new one";
    Fault::CannotOpen(why.into(), None)
}

/// What the thread has.
struct Worker {
    file: Arc<File>,
    readers: Arc<Readers>,
    /// Nothing after it has failed in a way that another one may not.
    connection: Option<Connection>,
}

impl Worker {
    fn work(&mut self, queue: &Receiver<Message>) {
        while let Ok(message) = queue.recv() {
            let (mut group, mut close) = gather(message, queue, TOGETHER);
            if !group.is_empty() {
                let outcome = self.commit_together(&mut group);
                if let Err(fault) = &outcome
                    && close.is_none()
                    && self.is_busy(fault)
                    && let Ok(message) = queue.try_recv()
                {
                    // These have waited just as long. One after the other would keep whoever wants
                    // to stop waiting for all of them.
                    let waiting;
                    (waiting, close) = gather(message, queue, usize::MAX);
                    group.extend(waiting);
                }
                for job in group {
                    job.answer(outcome.clone());
                }
            }
            if let Some(done) = close {
                self.connection = None;
                // Nobody may be waiting any more.
                let _ = done.send(());
                return;
            }
        }
    }

    fn commit_together(&mut self, group: &mut [Box<dyn Job>]) -> Result<(), Fault> {
        let connection = self.connection()?;
        let outcome = commit_together(connection, group);
        // A file that may not be written is opened anew each time, since one day it may.
        let is_sound = connection.is_autocommit() && !connection.is_readonly("main")?;
        let is_harmless = match &outcome {
            Ok(()) => true,
            Err(fault) => matches!(
                self.told(fault),
                StoreError::Busy { .. } | StoreError::Full { .. }
            ),
        };
        if !(is_sound && is_harmless) {
            // Whatever it was, a new connection has nothing left of it.
            self.connection = None;
        }
        if outcome.is_ok() {
            self.file.note_log();
        }
        outcome
    }

    /// The connection to the file that stands at the path.
    fn connection(&mut self) -> Result<&mut Connection, Fault> {
        match self.file.look() {
            Look::Same(_) => {}
            // The connection stays: the file may come back, and until then it is only here.
            Look::Nothing => return Err(gone()),
            Look::Other => self.let_go()?,
        }
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                // All connections of a process share what was found out about the log, as that it
                // could not be written; so none of the old ones may be left.
                self.readers.idle().clear();
                self.file.open(open::again)?
            }
        };
        Ok(self.connection.insert(connection))
    }

    /// Finishes the file that was moved away, so that it is whole wherever it is now, and keeps its
    /// log from the file that stands in its place.
    fn let_go(&mut self) -> Result<(), Fault> {
        if let Some(connection) = self.connection.take() {
            let finished = connection.query_row("pragma wal_checkpoint(truncate)", [], |row| {
                row.get::<_, bool>(0)
            });
            match finished {
                Ok(false) => {}
                other => {
                    self.connection = Some(connection);
                    return Err(match other {
                        Ok(_) => Fault::Engine(Arc::new(rusqlite::Error::SqliteFailure(
                            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY),
                            None,
                        ))),
                        Err(error) => error.into(),
                    });
                }
            }
        }
        self.file.remove_log()
    }

    fn is_busy(&self, fault: &Fault) -> bool {
        matches!(self.told(fault), StoreError::Busy { .. })
    }

    fn told(&self, fault: &Fault) -> StoreError {
        fault.clone().at(&Location::file(self.file.path()))
    }
}

/// Takes what is waiting, up to a number of jobs, and the wish to close where it comes.
fn gather(
    first: Message,
    queue: &Receiver<Message>,
    most: usize,
) -> (Vec<Box<dyn Job>>, Option<oneshot::Sender<()>>) {
    let mut group = Vec::new();
    let mut next = Some(first);
    while let Some(message) = next.take() {
        match message {
            Message::Write(job) => group.push(job),
            Message::Close(done) => return (group, Some(done)),
        }
        if group.len() < most {
            next = queue.try_recv().ok();
        }
    }
    (group, None)
}

/// Runs the jobs in one transaction. An error means that nothing of any of them is there.
fn commit_together(connection: &mut Connection, group: &mut [Box<dyn Job>]) -> Result<(), Fault> {
    connection.prepare_cached("begin immediate")?.execute([])?;
    let outcome = group
        .iter_mut()
        .try_for_each(|job| job.run(connection))
        .and_then(|()| {
            connection.prepare_cached("commit")?.execute([])?;
            Ok(())
        });
    if outcome.is_err() && !connection.is_autocommit() {
        connection.execute_batch("rollback")?;
    }
    outcome
}

impl<F: Body<R>, R: Send> Job for Task<F, R> {
    fn run(&mut self, connection: &mut Connection) -> Result<(), Fault> {
        let Some(body) = self.body.take() else {
            return Ok(());
        };
        connection.prepare_cached("savepoint job")?.execute([])?;
        let result = run(connection, body);
        if let Err(fault) = &result {
            // A full disk makes SQLite undo the whole transaction by itself.
            if connection.is_autocommit() {
                return Err(fault.clone());
            }
            connection.prepare_cached("rollback to job")?.execute([])?;
        }
        connection.prepare_cached("release job")?.execute([])?;
        self.result = Some(result);
        Ok(())
    }

    fn answer(self: Box<Self>, group: Result<(), Fault>) {
        let result = match (group, self.result) {
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(Fault::Closed),
            (Err(fault), _) => Err(fault),
        };
        // Whoever asked may have gone; what was written stays.
        let _ = self.reply.send(result);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::engine::Tx;
    use crate::sql;
    use crate::value::params;

    /// Adds a rule as long as asked for.
    fn add(length: usize) -> impl Body<u64> {
        move |tx: &mut Tx<'_>| {
            let text = "x".repeat(length);
            async move {
                let params = params![text.as_str(), text.as_str()];
                tx.execute(&sql::RULE_ADD, &params).await
            }
            .boxed()
        }
    }

    #[tokio::test]
    async fn a_full_disk_loses_nothing_that_was_answered_and_writing_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let file = Arc::new(File::new(path.clone()));
        let connection = file.open(open::store).unwrap();
        connection
            .pragma_update(None, "max_page_count", 60)
            .unwrap();
        let writer = Writer::start(file, Arc::default(), connection).unwrap();
        assert_eq!(writer.write(add(10)).await.unwrap(), 1);
        let location = crate::Location::file(&path);
        for _ in 0..3 {
            // All three are in one group, and one of them needs more than there is.
            let (small, large, other) = tokio::join!(
                writer.write(add(20)),
                writer.write(add(1_000_000)),
                writer.write(add(30)),
            );
            let error = large.unwrap_err().at(&location);
            assert!(matches!(error, crate::StoreError::Full { .. }), "{error}");
            for answer in [small, other] {
                // Either it was written or it says why not.
                if let Err(fault) = answer {
                    let error = fault.at(&location);
                    assert!(matches!(error, crate::StoreError::Full { .. }), "{error}");
                }
            }
        }
        assert_eq!(writer.write(add(40)).await.unwrap(), 1);
        writer.close().await;
        let connection = Connection::open(&path).unwrap();
        let count = "select count(*) from rule where length(pattern) in (10, 40)";
        let kept: i64 = connection.query_row(count, [], |row| row.get(0)).unwrap();
        assert_eq!(kept, 2);
        let large = "select count(*) from rule where length(pattern) > 40";
        let kept: i64 = connection.query_row(large, [], |row| row.get(0)).unwrap();
        assert_eq!(kept, 0);
    }
}
