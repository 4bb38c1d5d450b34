//! What people wrote, and workflow runs by day.

use gitratra_core::{DayRange, Endpoint, NoteText};
use gitratra_store::Outcome;

use crate::place::{Place, on_both_engines_and_in_parts};
use crate::samples::{REPO, at, day, visit};

on_both_engines_and_in_parts![
    a_note_added_twice_is_one,
    the_number_of_a_removed_note_is_not_given_again,
    the_larger_number_of_workflow_runs_stays,
];

fn text(text: &str) -> NoteText {
    text.parse().unwrap()
}

async fn a_note_added_twice_is_one(place: Place) {
    let store = place.open().await;
    let (monday, now) = (day("2026-03-02"), at("2026-03-04T09:00"));
    let add = async |day, words: &str| store.add_note(REPO, day, &text(words), now).await.unwrap();
    assert_eq!(add(monday, "blog post").await, 1);
    assert_eq!(add(monday, "blog post").await, 1);
    assert_eq!(add(monday, "Blog post").await, 2);
    assert_eq!(add(monday.plus(-1), "blog post").await, 3);
    let notes = store.notes(REPO, None).await.unwrap();
    let numbers: Vec<_> = notes.iter().map(|note| note.id).collect();
    assert_eq!(numbers, [3, 1, 2]);
    assert_eq!(notes[1].text, text("blog post"));
    assert_eq!((notes[1].day, notes[1].written_at), (monday, now));
    let range = DayRange::new(monday, monday);
    assert_eq!(store.notes(REPO, range).await.unwrap().len(), 2);
    let other = gitratra_core::RepoId(7);
    assert_eq!(store.notes(other, None).await.unwrap(), []);
}

async fn the_number_of_a_removed_note_is_not_given_again(place: Place) {
    let store = place.open().await;
    let (monday, now) = (day("2026-03-02"), at("2026-03-04T09:00"));
    let add = async |words: &str| {
        store
            .add_note(REPO, monday, &text(words), now)
            .await
            .unwrap()
    };
    assert_eq!(add("one").await, 1);
    assert!(store.remove_note(REPO, 1).await.unwrap());
    assert!(!store.remove_note(REPO, 1).await.unwrap());
    assert!(!store.remove_note(REPO, 2).await.unwrap());
    assert_eq!(store.notes(REPO, None).await.unwrap(), []);
    assert_eq!(add("one").await, 2);
    let kept = "select count(*) from note where body is not null";
    assert_eq!(place.number(kept).await, 1);
}

async fn the_larger_number_of_workflow_runs_stays(place: Place) {
    let store = place.open().await;
    for (asked_at, text, runs) in [
        ("2026-03-03T09:00", "2026-03-02", 12),
        ("2026-03-04T09:00", "2026-03-03", 0),
        ("2026-03-04T10:00", "2026-03-02", 9),
        ("2026-03-04T11:00", "2026-03-02", 14),
    ] {
        let outcome = Outcome::WorkflowRuns {
            day: day(text),
            runs,
        };
        let outcomes = vec![(Endpoint::WorkflowRuns, outcome)];
        store.record(visit(asked_at, outcomes)).await.unwrap();
    }
    let days = store.workflow_days(REPO, None).await.unwrap();
    assert_eq!(days, [(day("2026-03-02"), 14), (day("2026-03-03"), 0)]);
    let held = store.held().await.unwrap().remove(0).1;
    let asked = held.asked(Endpoint::WorkflowRuns).unwrap();
    assert_eq!(asked.newest, Some(day("2026-03-03")));
    assert_eq!(asked.answered_at, Some(at("2026-03-04T11:00")));
}
