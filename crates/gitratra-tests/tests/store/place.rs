//! A fresh place for a store on either engine, gone when the test is over.

use std::future::Future;
use std::pin::Pin;

use gitratra_core::Day;
use gitratra_store::{Layout, Location, Store};
use tempfile::TempDir;
use tokio_postgres::NoTls;

/// The newest version of the schema.
pub(crate) const NEWEST: i64 = 9;

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
    /// PostgreSQL, with the tables of repositories cut up as `admin distribute --partitions` does.
    Parts,
}

/// So many parts.
const PARTS: u16 = 2;

/// An empty place.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) kind: Kind,
    /// What `Location::parse` takes.
    pub(crate) text: String,
    pub(crate) folder: TempDir,
    is_cut: bool,
}

impl Place {
    pub(crate) fn location(&self) -> Location {
        Location::parse(&self.text).unwrap()
    }

    pub(crate) async fn open(&self) -> Store {
        let store = Store::open(&self.location()).await.unwrap();
        if self.is_cut {
            let (to, today) = (Layout::Parts(PARTS), Day::MAX);
            for step in store.layout_plan(to, today).await.unwrap().steps {
                store.lay_out(step.table, to, today).await.unwrap();
            }
        }
        store
    }

    /// A plain connection, to look at what the store wrote.
    pub(crate) fn sqlite(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(&self.text).unwrap()
    }

    /// A plain connection, to look at what the store wrote.
    pub(crate) async fn postgres(&self) -> tokio_postgres::Client {
        connect(&self.text).await.unwrap()
    }

    /// Runs statements behind the store's back.
    pub(crate) async fn execute(&self, sql: &str) {
        match self.kind {
            Kind::Sqlite => self.sqlite().execute_batch(sql).unwrap(),
            Kind::Postgres | Kind::Parts => {
                self.postgres().await.batch_execute(sql).await.unwrap();
            }
        }
    }

    /// The names of the files, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    /// The one number that a question behind the store's back answers.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        match self.kind {
            Kind::Sqlite => self.sqlite().query_row(sql, [], |row| row.get(0)).unwrap(),
            Kind::Postgres | Kind::Parts => {
                let row = self.postgres().await.query_one(sql, &[]).await.unwrap();
                row.get(0)
            }
        }
    }
}

/// Set to anything, it has every test on PostgreSQL done with tables that are cut up.
const CUT: &str = "GITRATRA_TEST_PARTS";

/// Gives a test a place and clears it away afterwards, also when the test fails.
pub(crate) async fn with_place<F>(kind: Kind, test: impl FnOnce(Place) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let (place, server) = make(kind).await;
    // Hundreds of tests would each be compiled with a scheduler of their own.
    let test: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(test(place));
    end(tokio::spawn(test).await, server).await;
}

/// A database of a server, until it is dropped.
struct Database {
    client: tokio_postgres::Client,
    name: String,
}

async fn make(kind: Kind) -> (Place, Option<Database>) {
    let folder = tempfile::tempdir().unwrap();
    if kind == Kind::Sqlite {
        let text = folder.path().join("store.db").to_str().unwrap().to_owned();
        let place = Place {
            kind,
            text,
            folder,
            is_cut: false,
        };
        return (place, None);
    }
    let server = server();
    let name = folder.path().file_name().unwrap().to_str().unwrap();
    // Names of temporary folders are unique on a machine, and the server is on this one.
    let name = format!("t{}_{}", std::process::id(), name.replace('.', "")).to_lowercase();
    let client = connect(&server).await.unwrap();
    let create = format!("create database \"{name}\"");
    client.batch_execute(&create).await.unwrap();
    let (address, _) = server.rsplit_once('/').unwrap();
    let text = format!("{address}/{name}");
    let place = Place {
        kind: Kind::Postgres,
        text,
        folder,
        is_cut: kind == Kind::Parts || std::env::var_os(CUT).is_some(),
    };
    (place, Some(Database { client, name }))
}

async fn end(outcome: Result<(), tokio::task::JoinError>, server: Option<Database>) {
    if let Some(Database { client, name }) = server {
        let drop = format!("drop database \"{name}\" with (force)");
        client.batch_execute(&drop).await.unwrap();
    }
    if let Err(error) = outcome {
        std::panic::resume_unwind(error.into_panic());
    }
}

fn server() -> String {
    std::env::var("GITRATRA_TEST_POSTGRES").expect(
        "these tests need a scratch PostgreSQL server: \
         export GITRATRA_TEST_POSTGRES=\"$(scripts/postgres-for-tests start DIR)\"",
    )
}

pub(crate) async fn connect(url: &str) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// Makes a test of each claim on each engine. A claim is an async function that takes a [`Place`].
macro_rules! on_both_engines {
    ($($claim:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $claim() {
                crate::place::with_place(crate::place::Kind::Sqlite, super::$claim).await;
            })*
        }

        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $claim() {
                crate::place::with_place(crate::place::Kind::Postgres, super::$claim).await;
            })*
        }
    };
}
pub(crate) use on_both_engines;

/// Makes a test of each claim also on tables that are cut up: for whatever writes and reads what is
/// known of repositories.
macro_rules! on_both_engines_and_in_parts {
    ($($claim:ident),* $(,)?) => {
        crate::place::on_both_engines![$($claim),*];

        mod in_parts {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $claim() {
                crate::place::with_place(crate::place::Kind::Parts, super::$claim).await;
            })*
        }
    };
}
pub(crate) use on_both_engines_and_in_parts;
