//! PostgreSQL: a pool of connections, each with its prepared statements.

mod connect;

use deadpool_postgres::{Pool, Transaction};
use futures_util::future::try_join_all;
use tokio_postgres::IsolationLevel;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use super::{Body, Lock, Tx};
use crate::error::Fault;
use crate::sql::Sql;
use crate::value::{Row, Value};

/// What our locks have in common, so that they do not meet those of another program that shares
/// the database: the letters "gitratra".
const LOCKS: i64 = 0x6769_7472_6174_7261;

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
        let mut client = self.pool.get().await?;
        let transaction = client
            .build_transaction()
            .read_only(true)
            .isolation_level(IsolationLevel::RepeatableRead)
            .start()
            .await?;
        let answer = body(&mut Tx::Postgres(&transaction)).await;
        let done = transaction.rollback().await;
        let answer = answer?;
        done?;
        Ok(answer)
    }

    pub(crate) async fn write<R: Send + 'static>(&self, body: impl Body<R>) -> Result<R, Fault> {
        let mut client = self.pool.get().await?;
        let transaction = client.transaction().await?;
        // A transaction that is dropped is undone, also where the caller goes away.
        let answer = body(&mut Tx::Postgres(&transaction)).await?;
        transaction.commit().await?;
        Ok(answer)
    }

    pub(crate) fn close(&self) {
        self.pool.close();
    }
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
        };
    let statement = transaction
        .prepare_cached("select pg_advisory_xact_lock($1)")
        .await?;
    transaction.execute(&statement, &[&key]).await?;
    Ok(())
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
