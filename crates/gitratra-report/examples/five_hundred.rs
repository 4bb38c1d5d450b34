//! How long a report of 500 repositories takes: fills a store of its own, writes each format into
//! the folder that is named (or nowhere), and says how long that took and how large it is.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    dead_code,
    reason = "a measurement, which nobody ships, with a part of the tests' fleet"
)]

#[path = "../tests/reports/world.rs"]
mod world;

use std::time::Instant;

use gitratra_report::{Format, Paper, Question, write};
use gitratra_store::{Location, Store};

use world::Member;

const REPOS: u64 = 500;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("store.db");
    let location = Location::parse(place.to_str().unwrap()).unwrap();
    let store = Store::open(&location).await.unwrap();
    let member = |id: u64| Member {
        is_private: id.is_multiple_of(50),
        ..Member::new(
            id,
            &format!("owner-{}/repository-{id}", id % 7),
            5 + id % 200,
        )
    };
    let members: Vec<Member> = (1..=REPOS).map(member).collect();
    let begun = Instant::now();
    world::fill(&store, &members).await;
    println!("filled in {:.1} s", begun.elapsed().as_secs_f64());
    let question = Question {
        asked: "90d".parse().unwrap(),
        repos: members.iter().map(|member| member.id).collect(),
        scope: "all repositories".to_owned(),
        title: None,
        rules: Vec::new(),
        paper: Paper::A4,
        version: "0.0.0".to_owned(),
    };
    let out = std::env::args().nth(1);
    for (format, ending) in [
        (Format::Markdown, "md"),
        (Format::Html, "html"),
        (Format::Pdf, "pdf"),
    ] {
        let begun = Instant::now();
        let mut bytes = Vec::new();
        write(&store, &question, format, &mut bytes).await.unwrap();
        println!(
            "{ending}: {:.2} s, {:.1} MB",
            begun.elapsed().as_secs_f64(),
            bytes.len() as f64 / 1e6
        );
        if let Some(out) = &out {
            std::fs::write(format!("{out}/report.{ending}"), &bytes).unwrap();
        }
    }
    store.close().await;
}
