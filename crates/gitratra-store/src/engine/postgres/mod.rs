//! PostgreSQL: a pool of connections, each with its prepared statements.

mod connect;
pub(crate) mod copy;
mod servers;

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Object, Pool, Transaction};
use futures_util::StreamExt;
use futures_util::future::try_join_all;
use tokio_postgres::IsolationLevel;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use super::{Body, Cells, Lock, Tx};
use crate::error::Fault;
use crate::sql::Sql;
use crate::value::{Row, Value};

/// What our locks have in common, so that they do not meet those of another program that shares
/// the database: the letters "gitratra".
const LOCKS: i64 = 0x6769_7472_6174_7261;

/// How long a transaction may take before the server counts as gone. A server that works ends every
/// statement before that by itself.
const SILENCE: Duration = Duration::from_secs(120);

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

    pub(crate) async fn read<R: Send + 'static>(&self, body: impl Body<R>) -> Result<R, Fault> {
        self.run(Purpose::Read, body).await
    }

    pub(crate) async fn write<R: Send + 'static>(&self, body: impl Body<R>) -> Result<R, Fault> {
        self.run(Purpose::Write, body).await
    }

    async fn run<R: Send + 'static>(
        &self,
        purpose: Purpose,
        body: impl Body<R>,
    ) -> Result<R, Fault> {
        let mut body = Some(body);
        let mut tries = 0..=connect::CONNECTIONS;
        loop {
            let mut client = self.pool.get().await?;
            let run = run_on(&mut client, purpose, &mut body);
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
            // Where the body is still there nothing has happened yet, and the next connection may
            // be a living one.
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

async fn begin(
    client: &mut Object,
    purpose: Purpose,
) -> Result<Transaction<'_>, tokio_postgres::Error> {
    match purpose {
        Purpose::Read => {
            let transaction = client.build_transaction().read_only(true);
            let one_state = IsolationLevel::RepeatableRead;
            transaction.isolation_level(one_state).start().await
        }
        Purpose::Write => client.transaction().await,
    }
}

async fn run_on<R: Send + 'static, B: Body<R>>(
    client: &mut Object,
    purpose: Purpose,
    body: &mut Option<B>,
) -> Result<R, Fault> {
    let transaction = begin(client, purpose).await?;
    let body = body.take().ok_or(Fault::Closed)?;
    // A transaction that is dropped is undone, also where the caller goes away.
    let answer = body(&mut Tx::Postgres(&transaction)).await?;
    match purpose {
        Purpose::Read => transaction.rollback().await?,
        Purpose::Write => transaction.commit().await?,
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
    transaction: &Transaction<'_>,
    sql: &Sql,
    params: &[Value],
) -> Result<Vec<Row>, Fault> {
    let statement = transaction.prepare_cached(sql.for_postgres()).await?;
    let found = transaction.query(&statement, &refs(params)).await?;
    let rows = found.iter().map(|row| {
        let cells = (0..row.len()).map(|at| row.try_get(at));
        Ok(Row(cells.collect::<Result<_, _>>()?))
    });
    rows.collect()
}

pub(super) async fn query_each(
    transaction: &Transaction<'_>,
    sql: &Sql,
    params: &[Value],
    mut each: impl FnMut(&Cells<'_>) -> Result<(), Fault> + Send,
) -> Result<(), Fault> {
    let statement = transaction.prepare_cached(sql.for_postgres()).await?;
    let found = transaction.query_raw(&statement, refs(params)).await?;
    let mut found = std::pin::pin!(found);
    while let Some(row) = found.next().await {
        each(&Cells::Postgres(&row?))?;
    }
    Ok(())
}

pub(super) async fn execute(
    transaction: &Transaction<'_>,
    sql: &Sql,
    params: &[Value],
) -> Result<u64, Fault> {
    let statement = transaction.prepare_cached(sql.for_postgres()).await?;
    Ok(transaction.execute(&statement, &refs(params)).await?)
}

pub(super) async fn execute_each<const N: usize>(
    transaction: &Transaction<'_>,
    sql: &Sql,
    sets: &[[Value; N]],
) -> Result<Vec<u64>, Fault> {
    let statement = &transaction.prepare_cached(sql.for_postgres()).await?;
    // The driver sends them one after the other without waiting for answers in between.
    let sent = sets
        .iter()
        .map(|params| async move { transaction.execute(statement, &refs(params)).await });
    Ok(try_join_all(sent).await?)
}

pub(super) async fn lock(transaction: &Transaction<'_>, lock: Lock) -> Result<(), Fault> {
    let key = LOCKS
        ^ match lock {
            Lock::Repo(repo) => repo.0.cast_signed(),
            Lock::Runs => -2,
            Lock::Suspicions => -3,
            Lock::Alarms => -4,
            Lock::Persons => -5,
            Lock::Logins => -6,
            Lock::Sources => -7,
            Lock::Leases => -8,
            Lock::Budgets => -9,
        };
    // Whoever stands still with a lock, or is cut off, keeps all others from their work: from here on
    // the server waits for its next word less long than in transactions that hinder nobody.
    let statement = transaction
        .prepare_cached(
            "select set_config('idle_in_transaction_session_timeout', '15s', true), \
             pg_advisory_xact_lock($1)",
        )
        .await?;
    transaction.execute(&statement, &[&key]).await?;
    Ok(())
}

/// The server's clock at this moment, not at the transaction's begin: a lock may have been waited for.
pub(super) async fn clock(transaction: &Transaction<'_>) -> Result<i64, Fault> {
    let question = "select cast(extract(epoch from clock_timestamp()) * 1000 as bigint)";
    let statement = transaction.prepare_cached(question).await?;
    let row = transaction.query_one(&statement, &[]).await?;
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
