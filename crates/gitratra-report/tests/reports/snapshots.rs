//! Whole reports, so that a change of what people read is seen.

use gitratra_report::Format;

use super::place::Kind;
use super::{filled, question, text};

#[tokio::test]
async fn markdown_of_one_repository() {
    let (place, store) = filled(Kind::Sqlite).await;
    let told = text(&store, &question("30d", &[3]), Format::Markdown).await;
    insta::assert_snapshot!("one_markdown", told);
    place.end(store).await;
}

#[tokio::test]
async fn markdown_of_several_repositories() {
    let (place, store) = filled(Kind::Sqlite).await;
    let told = text(&store, &question("90d", &[3, 5, 8]), Format::Markdown).await;
    insta::assert_snapshot!("several_markdown", told);
    place.end(store).await;
}

#[tokio::test]
async fn html_of_one_repository() {
    let (place, store) = filled(Kind::Sqlite).await;
    let told = text(&store, &question("14d", &[3]), Format::Html).await;
    // The style is a file of its own, and one line would tell nobody what changed.
    let (before, rest) = told.split_once("<style>").unwrap();
    let (_, after) = rest.split_once("</style>").unwrap();
    let told = format!("{before}{after}").replace("><", ">\n<");
    insta::assert_snapshot!("one_html", told);
    place.end(store).await;
}
