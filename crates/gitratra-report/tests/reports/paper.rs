//! What holds for a PDF: read as bytes, without any program for it.

use gitratra_report::{Format, Paper};

use super::place::Kind;
use super::place::Place;
use super::world::{self, Member};
use super::{filled, question, report};

fn count(bytes: &[u8], word: &str) -> usize {
    let word = word.as_bytes();
    bytes
        .windows(word.len())
        .filter(|part| *part == word)
        .count()
}

fn pages(bytes: &[u8]) -> usize {
    count(bytes, "/Type/Page/") + count(bytes, "/Type /Page\n") + count(bytes, "/Type/Page\n")
}

#[tokio::test]
async fn a_pdf_says_what_it_is_and_in_which_language() {
    let (place, store) = filled(Kind::Sqlite).await;
    let (bytes, _) = report(&store, &question("90d", &[3]), Format::Pdf)
        .await
        .unwrap();
    assert!(bytes.starts_with(b"%PDF-1."));
    assert!(bytes.trim_ascii_end().ends_with(b"%%EOF"));
    for word in [
        "Traffic of octo/hello",
        "/Lang",
        "/Outlines",
        "/StructTreeRoot",
        "2026",
    ] {
        assert!(count(&bytes, word) > 0, "{word}");
    }
    for word in ["/JavaScript", "/JS", "/URI", "/EmbeddedFile"] {
        assert_eq!(count(&bytes, word), 0, "{word}");
    }
    place.end(store).await;
}

#[tokio::test]
async fn every_section_begins_on_a_page_of_its_own() {
    let (place, store) = filled(Kind::Sqlite).await;
    let of = async |repos: &[u64]| {
        let question = question("30d", repos);
        let (bytes, _) = report(&store, &question, Format::Pdf).await.unwrap();
        pages(&bytes)
    };
    let one = of(&[3]).await;
    assert!((2..=9).contains(&one), "{one} pages");
    let three = of(&[3, 5, 8]).await;
    // A cover, the contents, three sections and the notes.
    assert!((6..=24).contains(&three), "{three} pages");
    assert!(three > one);
    place.end(store).await;
}

#[tokio::test]
async fn letter_is_another_size_than_a4() {
    let (place, store) = filled(Kind::Sqlite).await;
    let mut asked = question("30d", &[3]);
    let (a4, _) = report(&store, &asked, Format::Pdf).await.unwrap();
    asked.paper = Paper::Letter;
    let (letter, _) = report(&store, &asked, Format::Pdf).await.unwrap();
    assert!(count(&a4, "841.89") > 0 && count(&letter, "841.89") == 0);
    assert!(count(&letter, "612 792") > 0);
    place.end(store).await;
}

#[tokio::test]
async fn the_contents_of_many_lead_to_every_section() {
    let place = Place::new(Kind::Sqlite).await;
    let store = place.open().await;
    let members = (1..=70).map(|id| Member::new(id, &format!("octo/repo-{id}"), id));
    let members: Vec<Member> = members.collect();
    world::fill(&store, &members).await;
    let ids: Vec<u64> = (1..=70).collect();
    let (bytes, _) = report(&store, &question("30d", &ids), Format::Pdf)
        .await
        .unwrap();
    // A link for each entry of the contents and of the league table.
    assert!(count(&bytes, "/Subtype/Link") + count(&bytes, "/Subtype /Link") >= 71);
    assert!(pages(&bytes) > 70);
    place.end(store).await;
}
