//! Every row of a server: read in one snapshot, or replaced in one transaction.

use std::pin::Pin;

use futures_util::StreamExt;
use tokio::sync::mpsc::Sender;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, IsolationLevel};

use super::{Database, refs};
use crate::copy::{Load, Loads, ROWS, send};
use crate::error::Fault;
use crate::tables::{self, TABLES};
use crate::value::Value;

/// A copy takes as long as it takes. A server that is gone is noticed by the connection.
pub(super) const AS_LONG_AS_IT_TAKES: &str = "set local statement_timeout = 0; \
                                   set local idle_in_transaction_session_timeout = 0";

const COLUMNS: &str = "select column_name::text from information_schema.columns \
                       where table_schema = current_schema() and table_name = $1 \
                       order by ordinal_position";

impl Database {
    /// Reads every table, in one state.
    pub(crate) async fn read_all(&self, to: &Sender<Load>) -> Result<(), Fault> {
        let mut client = self.pool.get().await?;
        super::connect::all_is_known(&client).await?;
        let transaction = client.build_transaction().read_only(true);
        let one_state = IsolationLevel::RepeatableRead;
        let transaction = transaction.isolation_level(one_state).start().await?;
        transaction.batch_execute(AS_LONG_AS_IT_TAKES).await?;
        for table in TABLES {
            let names = transaction.query(COLUMNS, &[&table.name]).await?;
            let names = names.iter().map(|row| row.try_get(0));
            let columns = names.collect::<Result<Vec<String>, _>>()?;
            let text = tables::select(table, &columns);
            let width = columns.len();
            send(to, Load::Table(table, columns)).await?;
            let found = transaction.query_raw(&text, refs(&[])).await?;
            let mut found = std::pin::pin!(found);
            let mut rows = Vec::with_capacity(ROWS);
            while let Some(row) = found.next().await {
                let row = row?;
                let cells = (0..width).map(|at| row.try_get(at));
                rows.push(cells.collect::<Result<Vec<Value>, _>>()?);
                if rows.len() == ROWS {
                    send(to, Load::Rows(std::mem::take(&mut rows))).await?;
                }
            }
            send(to, Load::Rows(rows)).await?;
        }
        send(to, Load::End).await?;
        transaction.rollback().await?;
        Ok(())
    }

    /// Puts what comes in the place of everything, all of it or nothing.
    pub(crate) async fn fill(&self, mut loads: Loads) -> Result<(), Fault> {
        let mut client = self.pool.get().await?;
        super::connect::all_is_known(&client).await?;
        let transaction = client.transaction().await?;
        transaction.batch_execute(AS_LONG_AS_IT_TAKES).await?;
        let names: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
        let truncate = format!("truncate table {}", names.join(", "));
        transaction.batch_execute(&truncate).await?;
        let mut writer: Option<Pin<Box<BinaryCopyInWriter>>> = None;
        loop {
            match loads.recv().await.ok_or(Fault::Closed)? {
                Load::Table(table, columns) => {
                    finish(writer.take()).await?;
                    writer = Some(writer_to(transaction.client(), table.name, &columns).await?);
                }
                Load::Rows(rows) => {
                    let Some(writer) = &mut writer else {
                        return Err(Fault::corrupt("rows of no table".into()));
                    };
                    write(writer, &rows).await?;
                }
                Load::End => break,
            }
        }
        finish(writer).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Puts rows into a table.
pub(crate) async fn insert(
    client: &Client,
    table: &str,
    columns: &[String],
    rows: &[Vec<Value>],
) -> Result<(), Fault> {
    let mut writer = writer_to(client, table, columns).await?;
    write(&mut writer, rows).await?;
    finish(Some(writer)).await
}

async fn writer_to(
    client: &Client,
    table: &str,
    columns: &[String],
) -> Result<Pin<Box<BinaryCopyInWriter>>, Fault> {
    let columns = columns.join(", ");
    let text = format!("select {columns} from {table} limit 0");
    let described = client.prepare(&text).await?;
    let types = described.columns().iter().map(|column| column.type_());
    let types: Vec<Type> = types.cloned().collect();
    let text = format!("copy {table} ({columns}) from stdin (format binary)");
    let sink = client.copy_in(&text).await?;
    Ok(Box::pin(BinaryCopyInWriter::new(sink, &types)))
}

async fn write(
    writer: &mut Pin<Box<BinaryCopyInWriter>>,
    rows: &[Vec<Value>],
) -> Result<(), Fault> {
    for row in rows {
        let cells = row.iter().map(|value| value as &(dyn ToSql + Sync));
        let cells: Vec<_> = cells.collect();
        writer.as_mut().write(&cells).await?;
    }
    Ok(())
}

async fn finish(writer: Option<Pin<Box<BinaryCopyInWriter>>>) -> Result<(), Fault> {
    if let Some(mut writer) = writer {
        writer.as_mut().finish().await?;
    }
    Ok(())
}
