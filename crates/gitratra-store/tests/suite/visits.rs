//! Storing what a visit brought.

use crate::place::{Place, on_both_engines};

on_both_engines![a_fresh_store_knows_nothing];

async fn a_fresh_store_knows_nothing(place: Place) {
    let store = place.open().await;
    assert_eq!(store.rules().await.unwrap(), []);
    assert_eq!(store.repositories().await.unwrap(), []);
    assert_eq!(store.held().await.unwrap(), []);
    assert_eq!(store.latest_time().await.unwrap(), None);
    store.check_writable().await.unwrap();
    store.close().await;
}
