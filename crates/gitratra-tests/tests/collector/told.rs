//! Several collectors and what is told of trouble: once, by one of them, for all.

use gitratra_core::alarm::{Event, Names, Receiver};
use gitratra_sync::CollectorError;

use crate::house::TOKEN;
use crate::place::{Place, on_both_engines};
use crate::several::{Member, QuietClock, house};

on_both_engines![
    whoever_cannot_begin_is_heard_beside_one_that_was_killed,
    a_credential_that_only_another_one_has_is_watched,
];

const REPOS: usize = 12;
const WRONG: &str = "ghp_wrong";
/// What the operator calls one and then the other token.
const LABEL: &str = "GITHUB_TOKEN";
const HOUR: i64 = 3600;

fn hears(member: &mut Member) {
    member.receivers = vec![Receiver {
        channel: "room".into(),
        names: Names::All,
    }];
}

/// Event, key and text of what a member sent.
fn sent(member: &Member) -> Vec<(Event, String, String)> {
    let sent = member.letters.sent.lock().unwrap();
    let sent = sent.iter();
    sent.map(|letter| (letter.event, letter.key.clone(), letter.text.clone()))
        .collect()
}

/// Waits until a member looks after the fleet.
async fn is_caretaker(member: &Member) {
    loop {
        let found = member.store.collectors(member.terms.store_clock()).await;
        let seen = found.unwrap().seen;
        if seen
            .iter()
            .any(|seen| seen.is_caretaker && seen.holder == member.terms.holder)
        {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
}

async fn whoever_cannot_begin_is_heard_beside_one_that_was_killed(place: Place) {
    let house = house(place, REPOS).await;
    let clock = QuietClock::new(&house).await;
    let one = Member::new(&house, "one", &clock).await;
    let mut two = Member::new(&house, "two", &clock).await;
    let mut three = Member::new(&house, "three", &clock).await;
    two.tokens.set(&[WRONG]);
    two.tokens.label = Some(LABEL);
    hears(&mut two);
    hears(&mut three);
    let story = async {
        is_caretaker(&one).await;
        one.fate.kill();
        two.run().await;
        assert!(matches!(
            two.outcome.lock().unwrap().take(),
            Some(Err(CollectorError::Unauthorized(_)))
        ));
        let told = sent(&two);
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].1, format!("credential-stopped/{LABEL}"));
        // Whoever looks after the fleet next knows that this is not over.
        let later = async {
            is_caretaker(&three).await;
            clock.pass(6 * HOUR).await;
            three.stop.cancel();
        };
        tokio::join!(three.run(), later);
        assert_eq!(sent(&three), []);
    };
    clock
        .run_while(async { tokio::join!(one.run(), story) })
        .await;
    // One that takes its place on its machine, with a token of that name, knows better.
    let mut anew = Member::new(&house, "two", &clock).await;
    anew.terms.holder = "anew".into();
    anew.tokens.label = Some(LABEL);
    hears(&mut anew);
    let later = async {
        clock.pass(3 * HOUR).await;
        anew.stop.cancel();
    };
    clock
        .run_while(async { tokio::join!(anew.run(), later) })
        .await;
    let told = sent(&anew);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].0, Event::Over);
}

async fn a_credential_that_only_another_one_has_is_watched(place: Place) {
    let house = house(place, REPOS).await;
    let clock = QuietClock::new(&house).await;
    let mut one = Member::new(&house, "one", &clock).await;
    let mut two = Member::new(&house, "two", &clock).await;
    two.tokens.set(&[TOKEN, WRONG]);
    hears(&mut one);
    hears(&mut two);
    let story = async {
        is_caretaker(&one).await;
        let later = async {
            clock.pass(3 * HOUR).await;
            let told = sent(&one);
            assert_eq!(told.len(), 1, "{told:?}");
            assert_eq!(told[0].1, format!("credential-stopped/{WRONG}"));
            assert!(told[0].2.contains("\"two\""), "{told:?}");
            two.tokens.set(&[TOKEN]);
            clock.pass(6 * HOUR).await;
            two.stop.cancel();
            one.stop.cancel();
        };
        tokio::join!(two.run(), later);
    };
    clock
        .run_while(async { tokio::join!(one.run(), story) })
        .await;
    let told: Vec<_> = sent(&one).into_iter().map(|(event, ..)| event).collect();
    assert_eq!(told, [Event::Raised, Event::Over]);
    assert_eq!(sent(&two), []);
}
