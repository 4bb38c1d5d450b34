//! What only a server can do wrong, and what only its addresses can say.

use gitratra_store::{Location, Store, StoreError};

use crate::place::{Kind, Place, with_place};

async fn fails(address: &str) -> StoreError {
    let location = Location::parse(address).unwrap();
    Store::open(&location).await.unwrap_err()
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_unreachable() {
    // Nobody listens on a port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let error = fails(&format!("postgres://me:s3cret@127.0.0.1:{port}/traffic")).await;
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}

#[tokio::test]
async fn where_tls_is_asked_for_nothing_goes_without() {
    with_place(Kind::Postgres, async |place: Place| {
        for mode in ["require", "verify-ca", "verify-full"] {
            let error = fails(&format!("{}?sslmode={mode}", place.text)).await;
            assert!(matches!(error, StoreError::CannotOpen { .. }), "{error:?}");
            assert!(error.to_string().contains("TLS"), "{error}");
        }
        let plain = Location::parse(&format!("{}?sslmode=disable", place.text)).unwrap();
        Store::open(&plain).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_missing_database_or_schema_is_named() {
    with_place(Kind::Postgres, async |place: Place| {
        let error = fails(&format!("{}_missing", place.text)).await;
        assert!(matches!(error, StoreError::CannotOpen { .. }), "{error:?}");
        assert!(error.to_string().contains("no such database"), "{error}");
        let error = fails(&format!(
            "{}?options=-c%20search_path%3Dnowhere",
            place.text
        ))
        .await;
        assert!(matches!(error, StoreError::CannotOpen { .. }), "{error:?}");
        assert!(error.to_string().contains("no such schema"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn two_schemas_of_one_database_are_two_stores() {
    with_place(Kind::Postgres, async |place: Place| {
        place.execute("create schema one; create schema two").await;
        let address = |schema: &str| {
            let text = format!("{}?options=-c%20search_path%3D{schema}", place.text);
            Location::parse(&text).unwrap()
        };
        let one = Store::open(&address("one")).await.unwrap();
        let two = Store::open(&address("two")).await.unwrap();
        one.add_rules(&["octo/*".parse().unwrap()]).await.unwrap();
        assert_eq!(one.rules().await.unwrap().len(), 1);
        assert_eq!(two.rules().await.unwrap().len(), 0);
        assert_eq!(place.number("select count(*) from one.rule").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_database_with_other_tables_of_our_names_is_no_store() {
    with_place(Kind::Postgres, async |place: Place| {
        place.execute("create table run (id integer)").await;
        let error = fails(&place.text).await;
        assert!(matches!(error, StoreError::NotAStore { .. }), "{error:?}");
        let ours = "select count(*) from information_schema.tables where table_name = 'repo'";
        assert_eq!(place.number(ours).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_database_that_may_only_be_read_says_so_when_written() {
    with_place(Kind::Postgres, async |place: Place| {
        place.open().await.close().await;
        let options = "options=-c%20default_transaction_read_only%3Don";
        let location = Location::parse(&format!("{}?{options}", place.text)).unwrap();
        let store = Store::open(&location).await.unwrap();
        assert_eq!(store.rules().await.unwrap(), []);
        let error = store.check_writable().await.unwrap_err();
        assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");
    })
    .await;
}

#[tokio::test]
async fn connections_that_were_cut_are_made_anew() {
    with_place(Kind::Postgres, async |place: Place| {
        let store = place.open().await;
        store.rules().await.unwrap();
        let cut = "select count(pg_terminate_backend(pid)) from pg_stat_activity \
                   where datname = current_database() and pid <> pg_backend_pid()";
        assert!(place.number(cut).await > 0);
        // The first question may still meet the dead connection; after that it is known.
        let mut answers = Vec::new();
        for _ in 0..20 {
            answers.push(store.rules().await.map_err(|error| error.to_string()));
        }
        assert_eq!(answers.pop(), Some(Ok(vec![])));
        for failed in answers.into_iter().filter_map(Result::err) {
            assert!(failed.contains("cannot reach"), "{failed}");
        }
    })
    .await;
}
