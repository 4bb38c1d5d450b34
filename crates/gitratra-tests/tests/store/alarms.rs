//! Trouble that is told once, however many processes look at it.

use gitratra_core::alarm::Opened;
use gitratra_store::Store;

use crate::place::{Place, on_both_engines};
use crate::samples::at;

on_both_engines![
    what_is_open_is_kept_whole,
    a_row_that_another_process_changed_is_left_alone,
    of_two_who_would_tell_only_one_may,
    many_processes_send_one_message,
    a_message_is_claimed_whole_or_not_at_all,
];

fn row(key: &str) -> Opened {
    Opened {
        key: key.into(),
        channel: "mail".into(),
        since: at("2026-01-14T10:00"),
        subject: "octo/größe".into(),
        is_told: false,
        tries: 0,
        tried_at: None,
        is_over: false,
    }
}

fn told(key: &str) -> Opened {
    Opened {
        is_told: true,
        ..row(key)
    }
}

fn over(key: &str) -> Opened {
    Opened {
        is_over: true,
        ..told(key)
    }
}

async fn save(store: &Store, read: &[Opened], changed: &[Opened], removed: &[Opened]) -> bool {
    store.save_alarms(read, changed, removed).await.unwrap()
}

async fn what_is_open_is_kept_whole(place: Place) {
    let store = place.open().await;
    assert_eq!(store.alarms().await.unwrap(), []);
    let mut tried = row("days-left/7");
    tried.tries = u32::MAX;
    tried.tried_at = Some(at("2026-01-14T11:00"));
    let mut elsewhere = over("days-left/7");
    elsewhere.channel = "hook".into();
    let all = [elsewhere, row("days-left/18446744073709551615"), tried];
    assert!(save(&store, &[], &all, &[]).await);
    assert_eq!(store.alarms().await.unwrap(), all);
    assert!(save(&store, &all, &[told("days-left/7")], &all[..1]).await);
    store.close().await;
    let expected = [all[1].clone(), told("days-left/7")];
    assert_eq!(place.open().await.alarms().await.unwrap(), expected);
}

async fn a_row_that_another_process_changed_is_left_alone(place: Place) {
    let store = place.open().await;
    let read = [told("outage"), row("days-left/1")];
    assert!(save(&store, &[], &read, &[]).await);
    // The other one has told the end of the first and has forgotten it, and has told the second.
    assert!(save(&store, &read, &[told("days-left/1")], &read[..1]).await);
    let now = store.alarms().await.unwrap();
    for (changed, removed) in [
        (vec![over("outage")], vec![]),
        (vec![row("days-left/1")], vec![]),
        (vec![], vec![row("days-left/1")]),
        (vec![row("days-left/2"), over("outage")], vec![]),
    ] {
        assert!(
            !save(&store, &read, &changed, &removed).await,
            "{changed:?}"
        );
        assert_eq!(store.alarms().await.unwrap(), now);
    }
    // What both see for the first time is kept once.
    assert!(save(&store, &now, &[row("days-left/2")], &[]).await);
    assert!(!save(&store, &now, &[row("days-left/2")], &[]).await);
    // What is not touched may have changed.
    assert!(save(&store, &read, &[row("days-left/3")], &[]).await);
}

async fn of_two_who_would_tell_only_one_may(place: Place) {
    let (one, other) = (place.open().await, place.open().await);
    let fresh = [row("outage")];
    assert!(save(&one, &[], &fresh, &[]).await);
    let now = at("2026-01-14T10:01");
    assert!(one.claim_alarms(&fresh, now).await.unwrap());
    assert!(!other.claim_alarms(&fresh, now).await.unwrap());
    // It could not be delivered; the next try is anybody's, and again only one's.
    let failed = Opened {
        tries: 1,
        tried_at: Some(now),
        ..row("outage")
    };
    assert!(save(&one, &fresh, std::slice::from_ref(&failed), &[]).await);
    let read = other.alarms().await.unwrap();
    assert_eq!(read, [failed]);
    let later = at("2026-01-14T10:03");
    assert!(other.claim_alarms(&read, later).await.unwrap());
    assert!(!one.claim_alarms(&read, later).await.unwrap());
    assert!(save(&other, &read, &[told("outage")], &[]).await);
    assert!(!one.claim_alarms(&read, later).await.unwrap());
    assert!(
        !one.claim_alarms(&[row("nothing-stored")], later)
            .await
            .unwrap()
    );
    assert_eq!(one.alarms().await.unwrap(), [told("outage")]);
}

async fn many_processes_send_one_message(place: Place) {
    let first = place.open().await;
    assert!(save(&first, &[], &[told("outage")], &[]).await);
    let senders: Vec<_> = (0..8)
        .map(|_| {
            let location = place.location();
            tokio::spawn(async move {
                let store = Store::open(&location).await.unwrap();
                let read = store.alarms().await.unwrap();
                // Whoever comes late finds nothing to tell.
                if read != [told("outage")] && read != [over("outage")] {
                    return 0;
                }
                let turned = [over("outage")];
                let read =
                    if read == turned || store.save_alarms(&read, &turned, &[]).await.unwrap() {
                        turned.to_vec()
                    } else {
                        store.alarms().await.unwrap()
                    };
                // What another one has claimed or told by now is not told again.
                let now = at("2026-01-14T10:01");
                if read != turned || !store.claim_alarms(&read, now).await.unwrap() {
                    return 0;
                }
                assert!(store.save_alarms(&read, &[], &read).await.unwrap());
                1
            })
        })
        .collect();
    let mut sent = 0;
    for sender in senders {
        sent += sender.await.unwrap();
    }
    assert_eq!(sent, 1);
    assert_eq!(first.alarms().await.unwrap(), []);
}

async fn a_message_is_claimed_whole_or_not_at_all(place: Place) {
    let store = place.open().await;
    let both = [row("days-left/1"), row("days-left/2")];
    assert!(save(&store, &[], &both, &[]).await);
    let now = at("2026-01-14T10:01");
    assert!(store.claim_alarms(&both[1..], now).await.unwrap());
    let before = store.alarms().await.unwrap();
    assert!(!store.claim_alarms(&both, now).await.unwrap());
    assert_eq!(store.alarms().await.unwrap(), before);
    assert!(store.claim_alarms(&before, now).await.unwrap());
}
