//! PostgreSQL: a pool of connections, each with its prepared statements.

mod connect;
pub(crate) mod copy;
pub(crate) mod layout;
mod servers;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{ClientWrapper, Object, Pool};
use futures_util::FutureExt;
use futures_util::future::try_join_all;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

pub(super) use self::stream::query_each;
use super::{Body, Lock, Reading, Tx};
use crate::error::Fault;
use crate::sql::Sql;
use crate::value::{Row, Value};

/// What our locks have in common, so that they do not meet those of another program that shares
/// the database: the letters "gitratra".
const LOCKS: i64 = 0x6769_7472_6174_7261;

/// How long a transaction may take before the server counts as gone. A server that works ends every
/// statement before that by itself.
const SILENCE: Duration = Duration::from_secs(120);

/// How often what reads is begun again where the server went away in the middle: what brings a server
/// down is not to do so again and again.
const READ_AGAIN: u32 = 2;

/// One database, or one schema of it.
pub(crate) struct Database {
    pool: Pool,
}

impl Database {
    pub(crate) async fn open(config: &tokio_postgres::Config) -> Result<Self, Fault> {
        Ok(Self {
            pool: connect::open(config).await?,
        })
    }

    pub(crate) fn follow(config: &tokio_postgres::Config) -> Result<Self, Fault> {
        Ok(Self {
            pool: connect::follow(config)?,
        })
    }

    pub(crate) async fn read<R: Send + 'static>(&self, body: impl Reading<R>) -> Result<R, Fault> {
        let mut left = READ_AGAIN;
        let again = move |body: &_| {
            let is_left = left > 0;
            left = left.saturating_sub(1);
            is_left.then(|| Clone::clone(body))
        };
        self.run(Purpose::Read, body, again).await
    }

    pub(crate) async fn write<R: Send + 'static>(&self, body: impl Body<R>) -> Result<R, Fault> {
        self.run(Purpose::Write, body, |_| None).await
    }

    /// `again` is what is run where a body came to nothing because the server went away.
    async fn run<R: Send + 'static, B: Body<R>>(
        &self,
        purpose: Purpose,
        body: B,
        mut again: impl FnMut(&B) -> Option<B> + Send,
    ) -> Result<R, Fault> {
        let mut body = Some(body);
        let mut tries = 0..=connect::CONNECTIONS;
        loop {
            let client = self.pool.get().await?;
            let run = run_on(&client, purpose, &mut body, &mut again);
            let fault = match tokio::time::timeout(SILENCE, run).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(fault)) => fault,
                Err(elapsed) => {
                    // Whoever got this connection next would wait as long, or any other to a
                    // server that stands still.
                    drop(Object::take(client));
                    self.forget_idle();
                    return Err(Fault::Engine(Arc::new(elapsed)));
                }
            };
            let is_cut = was_cut(&fault);
            if is_cut {
                // To find out of one after the other that its server is gone takes half a minute
                // for each.
                self.forget_idle();
            }
            // Where a body is still there nothing has happened yet that must not happen twice, and
            // the next connection may be a living one.
            if body.is_none() || !is_cut || tries.next().is_none() {
                return Err(fault);
            }
        }
    }

    /// Ends the connections that nobody uses at the moment.
    fn forget_idle(&self) {
        self.pool.retain(|_, _| false);
    }

    pub(crate) fn close(&self) {
        self.pool.close();
    }
}

/// What a transaction is for.
#[derive(Debug, Clone, Copy)]
enum Purpose {
    Read,
    Write,
}

/// How a transaction begins that reads one state of everything and writes nothing.
const READING: &str = "start transaction isolation level repeatable read, read only";

/// A transaction that is open. Where it is dropped it is undone, also where the caller goes away.
struct Open<'c> {
    client: &'c ClientWrapper,
    is_open: bool,
}

impl<'c> Open<'c> {
    async fn begin(client: &'c ClientWrapper, purpose: Purpose) -> Result<Self, Fault> {
        let begin = match purpose {
            // What is sent comes in order, so that the first question need not wait for the answer.
            Purpose::Read => client.batch_execute(READING).now_or_never(),
            Purpose::Write => Some(client.batch_execute("begin").await),
        };
        begin.transpose()?;
        Ok(Self {
            client,
            is_open: true,
        })
    }

    async fn commit(mut self) -> Result<(), Fault> {
        self.is_open = false;
        Ok(self.client.batch_execute("commit").await?)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if self.is_open {
            // Whoever uses the connection next comes after it.
            let _ = self.client.batch_execute("rollback").now_or_never();
        }
    }
}

async fn run_on<R: Send + 'static, B: Body<R>>(
    client: &ClientWrapper,
    purpose: Purpose,
    body: &mut Option<B>,
    again: &mut impl FnMut(&B) -> Option<B>,
) -> Result<R, Fault> {
    let transaction = Open::begin(client, purpose).await?;
    let now = body.take().ok_or(Fault::Closed)?;
    *body = again(&now);
    let answer = now(&mut Tx::Postgres(client)).await?;
    if let Purpose::Write = purpose {
        transaction.commit().await?;
    }
    Ok(answer)
}

/// Whether the server has ended a connection since it was last used, as it does with all of them
/// when it is restarted.
fn was_cut(fault: &Fault) -> bool {
    let Fault::Engine(cause) = fault else {
        return false;
    };
    let ends = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::IDLE_SESSION_TIMEOUT,
    ];
    let error = cause.downcast_ref::<tokio_postgres::Error>();
    error.is_some_and(|error| {
        error.is_closed() || error.code().is_some_and(|code| ends.contains(code))
    })
}

pub(super) async fn query(
    client: &ClientWrapper,
    sql: &Sql,
    params: &[Value],
) -> Result<Vec<Row>, Fault> {
    let statement = client.prepare_cached(sql.for_postgres()).await?;
    let found = client.query(&statement, &refs(params)).await?;
    let rows = found.iter().map(|row| {
        let cells = (0..row.len()).map(|at| row.try_get(at));
        Ok(Row(cells.collect::<Result<_, _>>()?))
    });
    rows.collect()
}

pub(super) async fn execute(
    client: &ClientWrapper,
    sql: &Sql,
    params: &[Value],
) -> Result<u64, Fault> {
    let statement = client.prepare_cached(sql.for_postgres()).await?;
    Ok(client.execute(&statement, &refs(params)).await?)
}

pub(super) async fn execute_each<const N: usize>(
    client: &ClientWrapper,
    sql: &Sql,
    sets: &[[Value; N]],
) -> Result<Vec<u64>, Fault> {
    let statement = &client.prepare_cached(sql.for_postgres()).await?;
    // The driver sends them one after the other without waiting for answers in between.
    let sent = sets
        .iter()
        .map(|params| async move { client.execute(statement, &refs(params)).await });
    Ok(try_join_all(sent).await?)
}

/// By which a lock is known to the server. -8 was that of all leases.
fn key(lock: Lock) -> i64 {
    LOCKS
        ^ match lock {
            Lock::Repo(repo) => repo.0.cast_signed(),
            Lock::Runs => -2,
            Lock::Suspicions => -3,
            Lock::Alarms => -4,
            Lock::Persons => -5,
            Lock::Logins => -6,
            Lock::Sources => -7,
            Lock::Budgets => -9,
            Lock::Lease(number) => number,
        }
}

pub(super) async fn lock(client: &ClientWrapper, lock: Lock) -> Result<(), Fault> {
    // Whoever stands still with a lock, or is cut off, keeps all others from their work: from here on
    // the server waits for its next word less long than in transactions that hinder nobody.
    let statement = client
        .prepare_cached(
            "select set_config('idle_in_transaction_session_timeout', '15s', true), \
             pg_advisory_xact_lock($1)",
        )
        .await?;
    client.execute(&statement, &[&key(lock)]).await?;
    Ok(())
}

pub(super) async fn try_locks(client: &ClientWrapper, locks: &[Lock]) -> Result<Vec<bool>, Fault> {
    let question = "select pg_try_advisory_xact_lock($1)";
    let statement = &client.prepare_cached(question).await?;
    let asked = locks.iter().map(|lock| async move {
        let row = client.query_one(statement, &[&key(*lock)]).await?;
        row.try_get(0)
    });
    Ok(try_join_all(asked).await?)
}

/// The server's clock at this moment, not at the transaction's begin: a lock may have been waited for.
pub(super) async fn clock(client: &ClientWrapper) -> Result<i64, Fault> {
    let question = "select cast(extract(epoch from clock_timestamp()) * 1000 as bigint)";
    let statement = client.prepare_cached(question).await?;
    let row = client.query_one(&statement, &[]).await?;
    Ok(row.try_get(0)?)
}

/// How far the log is written here, or followed where this server is a copy of another one.
pub(super) async fn position(client: &ClientWrapper) -> Result<i64, Fault> {
    let question = "select cast(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() \
                    else pg_current_wal_lsn() end - '0/0' as bigint)";
    let statement = client.prepare_cached(question).await?;
    let row = client.query_one(&statement, &[]).await?;
    Ok(row.try_get(0)?)
}

fn refs(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as _).collect()
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Text(text) => text.to_sql(ty, out),
            Self::Int(number) => match *ty {
                Type::BOOL => (*number != 0).to_sql(ty, out),
                Type::INT2 => i16::try_from(*number)?.to_sql(ty, out),
                Type::INT4 => i32::try_from(*number)?.to_sql(ty, out),
                Type::INT8 => number.to_sql(ty, out),
                _ => Err(format!("a number cannot be written as {ty}").into()),
            },
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(
            *ty,
            Type::BOOL | Type::INT2 | Type::INT4 | Type::INT8 | Type::TEXT
        )
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(
        ty: &Type,
        raw: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(match *ty {
            Type::BOOL => bool::from_sql(ty, raw)?.into(),
            Type::INT2 => Self::Int(i16::from_sql(ty, raw)?.into()),
            Type::INT4 => Self::Int(i32::from_sql(ty, raw)?.into()),
            Type::INT8 => Self::Int(i64::from_sql(ty, raw)?),
            _ => <&str>::from_sql(ty, raw)?.into(),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(ty: &Type) -> bool {
        <Self as ToSql>::accepts(ty)
    }
}
