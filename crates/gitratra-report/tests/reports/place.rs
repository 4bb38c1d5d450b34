//! An empty store on either engine, gone when the test is over.

use gitratra_store::{Location, Store};
use tempfile::TempDir;
use tokio_postgres::NoTls;

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// A place for one store.
pub(crate) struct Place {
    text: String,
    database: Option<String>,
    _folder: TempDir,
}

impl Place {
    pub(crate) async fn new(kind: Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        if kind == Kind::Sqlite {
            let text = folder.path().join("store.db").to_str().unwrap().to_owned();
            return Self {
                text,
                database: None,
                _folder: folder,
            };
        }
        let name = folder.path().file_name().unwrap().to_str().unwrap();
        let name = format!("rep{}_{}", std::process::id(), name.replace('.', "")).to_lowercase();
        execute(&format!("create database \"{name}\"")).await;
        let server = server();
        let (address, _) = server.rsplit_once('/').unwrap();
        Self {
            text: format!("{address}/{name}"),
            database: Some(name),
            _folder: folder,
        }
    }

    pub(crate) async fn open(&self) -> Store {
        let location = Location::parse(&self.text).unwrap();
        Store::open(&location).await.unwrap()
    }

    /// Clears it away; what a test that failed leaves behind goes with the server.
    pub(crate) async fn end(self, store: Store) {
        store.close().await;
        if let Some(name) = &self.database {
            execute(&format!("drop database \"{name}\" with (force)")).await;
        }
    }
}

async fn execute(sql: &str) {
    let (client, connection) = tokio_postgres::connect(&server(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
}

fn server() -> String {
    std::env::var("GITRATRA_TEST_POSTGRES").expect(
        "these tests need a scratch PostgreSQL server: \
         export GITRATRA_TEST_POSTGRES=\"$(scripts/postgres-for-tests start DIR)\"",
    )
}
