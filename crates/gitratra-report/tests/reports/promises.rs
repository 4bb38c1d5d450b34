//! What holds for every format.

use gitratra_report::{Format, ReportError};

use super::place::{Kind, Place};
use super::world::{self, HOSTILE, Member};
use super::{FORMATS, filled, question, report, text};

#[tokio::test]
async fn both_engines_and_every_run_give_the_same_bytes() {
    let (place, store) = filled(Kind::Sqlite).await;
    let (other_place, other) = filled(Kind::Postgres).await;
    for repos in [&[3][..], &[8, 3, 5]] {
        for format in FORMATS {
            let question = question("90d", repos);
            let (first, _) = report(&store, &question, format).await.unwrap();
            let (again, _) = report(&store, &question, format).await.unwrap();
            let (elsewhere, _) = report(&other, &question, format).await.unwrap();
            assert!(first == again, "{format:?} differs from run to run");
            assert!(first == elsewhere, "{format:?} differs between engines");
        }
    }
    place.end(store).await;
    other_place.end(other).await;
}

#[tokio::test]
async fn a_report_says_whether_it_tells_of_private_repositories() {
    let (place, store) = filled(Kind::Sqlite).await;
    for format in [Format::Html, Format::Markdown] {
        let public = text(&store, &question("30d", &[3, 8]), format).await;
        assert!(public.contains("Contains no private repository"));
        assert!(!public.contains("secret"), "nobody asked for it");
        let mixed = text(&store, &question("30d", &[3, 5, 8]), format).await;
        assert!(mixed.contains("Contains 1 PRIVATE of 3 repositories"));
        let alone = text(&store, &question("30d", &[5]), format).await;
        assert!(alone.contains("PRIVATE repository"));
    }
    let (_, written) = report(&store, &question("30d", &[3, 5]), Format::Pdf)
        .await
        .unwrap();
    assert_eq!((written.repos, written.private), (2, 1));
    place.end(store).await;
}

#[tokio::test]
async fn a_page_loads_nothing_and_runs_nothing_whatever_names_hold() {
    let (place, store) = filled(Kind::Sqlite).await;
    let html = text(&store, &question("90d", &[3, 5, 8]), Format::Html).await;
    for word in [
        "<script",
        " src=",
        "<link",
        "<iframe",
        "@import",
        "url(http",
        "javascript:",
    ] {
        assert!(!html.contains(word), "{word}");
    }
    // Only fragments of the page itself are led to.
    for part in html.split("href=\"").skip(1) {
        assert!(part.starts_with('#'), "{}", &part[..40]);
    }
    assert!(html.contains("&lt;script&gt;alert(1)"));
    assert!(!html.contains('\u{202e}'));
    let ids: Vec<&str> = html
        .split(" id=\"")
        .skip(1)
        .filter_map(|part| part.split('"').next())
        .collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(ids.len(), unique.len(), "an id is there twice");
    place.end(store).await;
}

#[tokio::test]
async fn markdown_keeps_its_tables_whatever_names_hold() {
    let (place, store) = filled(Kind::Sqlite).await;
    let told = text(&store, &question("90d", &[3]), Format::Markdown).await;
    // Between fences everything is text.
    let outside: String = told.split("```").step_by(2).collect();
    assert!(!outside.contains(HOSTILE[0]) && !outside.contains("](https:"));
    let mut columns = 0;
    for line in told.lines() {
        if line.starts_with('|') {
            let bars = line.matches('|').count();
            assert!(columns == 0 || bars == columns, "{line}");
            columns = bars;
        } else {
            columns = 0;
        }
    }
    place.end(store).await;
}

#[tokio::test]
async fn nothing_known_is_an_error_with_advice() {
    let (place, store) = filled(Kind::Sqlite).await;
    let old = report(
        &store,
        &question("2020-01-01..2020-02-01", &[3]),
        Format::Html,
    )
    .await;
    let told = old.unwrap_err().to_string();
    assert!(
        told.contains("octo/hello") && told.contains("--range"),
        "{told}"
    );
    let none = report(&store, &question("30d", &[]), Format::Html).await;
    assert!(matches!(none, Err(ReportError::NoRepositories)));
    let unknown = report(&store, &question("30d", &[999]), Format::Pdf).await;
    assert!(matches!(unknown, Err(ReportError::NoRepositories)));
    place.end(store).await;
}

#[tokio::test]
async fn gaps_spikes_and_quiet_repositories_are_told() {
    let (place, store) = filled(Kind::Sqlite).await;
    for format in [Format::Html, Format::Markdown] {
        let told = text(&store, &question("90d", &[3, 5, 8]), format).await;
        assert!(told.contains("Lost for good"), "the gap of octo/hello");
        assert!(told.contains("Spikes"), "the spike of octo/hello");
        assert!(told.contains("Gone quiet"), "octo-labs/Atlas");
        assert!(told.contains("How to read these numbers"));
        assert!(told.contains("made by gitratra 1.2.3"));
    }
    place.end(store).await;
}

#[tokio::test]
async fn a_repository_of_which_nothing_was_read_has_a_sentence() {
    let place = Place::new(Kind::Sqlite).await;
    let store = place.open().await;
    world::fill(&store, &world::fleet()).await;
    let empty = Member::new(77, "octo/untouched", 1);
    let repository = gitratra_core::Repository {
        id: empty.id,
        node_id: None,
        name: empty.name.parse().unwrap(),
        is_private: false,
        is_fork: false,
        is_archived: false,
        can_push: None,
    };
    let now = world::newest().end();
    store.save_repositories(&[repository], now).await.unwrap();
    for format in FORMATS {
        let read = report(&store, &question("30d", &[3, 77]), format).await;
        assert_eq!(read.unwrap().1.repos, 2);
    }
    let told = text(&store, &question("30d", &[3, 77]), Format::Markdown).await;
    assert!(told.contains("Nothing was read of it yet."));
    place.end(store).await;
}

#[tokio::test]
async fn a_title_of_ones_own_takes_the_place_of_ours() {
    let (place, store) = filled(Kind::Sqlite).await;
    let mut asked = question("30d", &[3]);
    asked.title = Some("Board <b>report</b>\nQ2".to_owned());
    let html = text(&store, &asked, Format::Html).await;
    assert!(html.contains("<h1>Board &lt;b&gt;report&lt;/b&gt; Q2</h1>"));
    asked.title = Some("  ".to_owned());
    let html = text(&store, &asked, Format::Html).await;
    assert!(html.contains("<h1>Traffic of octo/hello</h1>"));
    place.end(store).await;
}
