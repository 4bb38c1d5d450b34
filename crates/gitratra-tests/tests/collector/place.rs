//! A fresh place for a store on either engine, gone when the test is over.

use std::panic::{AssertUnwindSafe, resume_unwind};

use futures_util::FutureExt as _;
use gitratra_store::Location;
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// An empty place.
pub(crate) struct Place {
    pub(crate) kind: Kind,
    /// What `Location::parse` takes.
    pub(crate) text: String,
    _folder: TempDir,
}

impl Place {
    /// A file.
    pub(crate) fn file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("test.db").to_str().unwrap().to_owned();
        Self {
            kind: Kind::Sqlite,
            text,
            _folder: folder,
        }
    }

    pub(crate) fn location(&self) -> Location {
        Location::parse(&self.text).unwrap()
    }

    /// A plain connection to a server; none to a file.
    pub(crate) async fn connection(&self) -> Option<Client> {
        match self.kind {
            Kind::Sqlite => None,
            Kind::Postgres => Some(connect(&self.text).await),
        }
    }

    /// Host and port of the server.
    pub(crate) fn server(&self) -> &str {
        let (_, rest) = self.text.split_once('@').unwrap();
        rest.split_once('/').unwrap().0
    }

    /// The same place by way of another port of this machine.
    pub(crate) fn by_way_of(&self, address: &str) -> Location {
        let text = self.text.replace(self.server(), address);
        Location::parse(&text).unwrap()
    }
}

/// Gives a test a place and clears it away afterwards, also when the test fails.
pub(crate) async fn with_place<F>(kind: Kind, test: impl FnOnce(Place) -> F)
where
    F: Future<Output = ()>,
{
    let file = Place::file();
    if kind == Kind::Sqlite {
        return test(file).await;
    }
    let server = std::env::var("GITRATRA_TEST_POSTGRES").expect(
        "these tests need a scratch PostgreSQL server: \
         export GITRATRA_TEST_POSTGRES=\"$(scripts/postgres-for-tests start DIR)\"",
    );
    let folder = file._folder.path().file_name().unwrap();
    // Names of temporary folders are unique on a machine, and the server is on this one.
    let name = format!("sync{}_{}", std::process::id(), folder.to_str().unwrap());
    let name = name.replace('.', "").to_lowercase();
    let client = connect(&server).await;
    let create = format!("create database \"{name}\"");
    client.batch_execute(&create).await.unwrap();
    let (address, _) = server.rsplit_once('/').unwrap();
    let place = Place {
        kind,
        text: format!("{address}/{name}"),
        ..file
    };
    let outcome = AssertUnwindSafe(test(place)).catch_unwind().await;
    let drop = format!("drop database \"{name}\" with (force)");
    client.batch_execute(&drop).await.unwrap();
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Makes a test of each claim on each engine. A claim is an async function that takes a [`Place`].
macro_rules! on_both_engines {
    ($($claim:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $claim() {
                crate::place::with_place(crate::place::Kind::Sqlite, super::$claim).await;
            })*
        }

        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $claim() {
                crate::place::with_place(crate::place::Kind::Postgres, super::$claim).await;
            })*
        }
    };
}
pub(crate) use on_both_engines;
