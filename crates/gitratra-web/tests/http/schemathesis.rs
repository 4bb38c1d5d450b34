//! A program that believes the description of the API, and asks everything that it allows and much
//! that it does not.

use std::path::{Path, PathBuf};
use std::process::Command;

use gitratra_core::{RepoId, Role, TokenScope};
use gitratra_web::access::Mode;

use crate::house::House;

/// The program: `GITRATRA_SCHEMATHESIS`, or where `scripts/test` installs it.
fn program() -> PathBuf {
    let named = std::env::var_os("GITRATRA_SCHEMATHESIS").map(PathBuf::from);
    named.unwrap_or_else(|| {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        workspace.join("target/venv/bin/schemathesis")
    })
}

/// Lets it ask a house, and answers what it says.
async fn ask(house: &House, settings: &str) {
    let program = program();
    assert!(
        program.exists(),
        "schemathesis is missing: scripts/test installs it, or `python3 -m venv target/venv && \
         target/venv/bin/pip install schemathesis==4.32.5 openapi-spec-validator==0.9.0`"
    );
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("schemathesis.toml"), settings).unwrap();
    // One at a time: Python's own parser, which it uses while it asks, is not sound in threads.
    let mut command = Command::new(program);
    command
        .current_dir(folder.path())
        .env("NO_PROXY", "127.0.0.1")
        .args(["run", "--checks", "all", "--max-examples", "20"])
        .args(["--phases", "examples,coverage,fuzzing,stateful"])
        .args(["--seed", "20261126", "--no-color"])
        .arg(house.url("/api/v1/openapi.json"));
    let ended = tokio::task::spawn_blocking(move || command.output()).await;
    let ended = ended.unwrap().unwrap();
    let told = String::from_utf8_lossy(&ended.stdout).into_owned();
    let errors = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(ended.status.success(), "{told}\n{errors}");
    assert!(told.contains("No issues found"), "{told}");
}

#[tokio::test]
async fn the_description_is_what_openapi_says_it_is() {
    let house = House::empty(Mode::Open).await;
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("openapi.json");
    std::fs::write(&file, house.get("/api/v1/openapi.json").await.text).unwrap();
    let python = program().with_file_name("python");
    let mut command = Command::new(python);
    command.args(["-m", "openapi_spec_validator"]).arg(file);
    let told = command
        .output()
        .expect("scripts/test installs what checks it");
    assert!(told.status.success(), "{told:?}");
}

/// A house with what the examples of the description name.
async fn house(mode: Mode) -> House {
    let house = House::full(mode).await;
    house.fill(13, "octo/hello", false, 40).await;
    let rules = ["octo/*".parse().unwrap()];
    house.store.add_rules(&rules).await.unwrap();
    house
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_described_and_what_is_answered_is_the_same_for_any_question() {
    ask(&house(Mode::Open).await, "").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_described_and_what_is_answered_is_the_same_for_a_repository_that_is_there() {
    let house = house(Mode::Closed).await;
    let token = house.token(Role::Admin, TokenScope::Admin).await;
    let settings = format!(
        "[parameters]\n\"path.owner\" = \"octo\"\n\"path.repo\" = \"hello\"\n\
         [headers]\nAuthorization = \"Bearer {token}\"\n"
    );
    ask(&house, &settings).await;
    // It was really let in.
    let notes = house.store.notes(RepoId(13), None).await.unwrap();
    assert!(!notes.is_empty());
}
