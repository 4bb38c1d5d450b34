//! `report`: which repositories it means, which file it writes, and what it says where it does not.

use std::fs;

use gitratra_sim::{RepoSpec, Sim};

use crate::house::{House, github};

const REPO: &str = "octo/tool";
const SECRET: &str = "octo/secret";

/// A house that read three repositories once a day.
fn reader() -> (Sim, House) {
    let sim = github()
        .seed(5)
        .repo(RepoSpec::new(REPO).mean_views(40.0).stars(9))
        .repo(RepoSpec::new(SECRET).mean_views(4.0).private())
        .repo(RepoSpec::new("labs/other").mean_views(12.0))
        .start_on_thread();
    let house = House::with(&sim);
    house
        .go(&format!("track {REPO} {SECRET} labs/other"))
        .exits(0);
    for day in 0..3 {
        if day > 0 {
            sim.advance_days(1);
        }
        house.go("sync").exits(0);
    }
    (sim, house)
}

#[test]
fn the_ending_says_how_the_report_is_written() {
    let (_sim, house) = reader();
    for (file, begins) in [
        ("one.html", "<!DOCTYPE html>"),
        ("one.md", "# Traffic of octo/tool"),
        ("one.pdf", "%PDF-"),
    ] {
        let ran = house.go(&format!("report {REPO} -o {file}")).exits(0);
        assert!(
            ran.out.is_empty() && ran.err.contains("1 repository"),
            "{ran:?}"
        );
        let bytes = fs::read(house.path(file)).unwrap();
        assert!(bytes.starts_with(begins.as_bytes()), "{file}");
        house.go(&format!("report {REPO} -o again-{file}")).exits(0);
        let again = fs::read(house.path(&format!("again-{file}"))).unwrap();
        assert!(bytes == again, "{file} differs from run to run");
    }
    let ran = house.go(&format!("report {REPO} -o one.docx")).exits(2);
    ran.says(&["one.docx", ".html", ".md", ".pdf"]);
    assert!(!house.path("one.docx").exists());
}

#[test]
fn patterns_groups_and_names_choose_what_is_told() {
    let (_sim, house) = reader();
    house.run(&["group", "add", "web", "octo/*"]).exits(0);
    let told = |words: &[&str]| {
        let all = [&["report", "-o", "told.md", "--range", "14d"], words].concat();
        let ran = house.run(&all).exits(0);
        let text = house.read("told.md");
        let has = [REPO, SECRET, "labs/other"].map(|name| text.contains(name));
        (has, ran.err)
    };
    let (has, said) = told(&[]);
    assert_eq!(has, [true, true, true]);
    assert!(said.contains("3 repositories") && said.contains("1 of them private"));
    assert_eq!(told(&["@web"]).0, [true, true, false]);
    assert_eq!(told(&["@WEB", "!private"]).0, [true, false, false]);
    assert_eq!(told(&["labs/*"]).0, [false, false, true]);
    assert_eq!(told(&["labs/*", "octo/tool"]).0, [true, false, true]);
    assert_eq!(told(&["!private"]).0, [true, false, true]);
    assert_eq!(told(&[SECRET, "!private"]).0, [false, true, false]);
}

#[test]
fn where_there_is_nothing_to_tell_no_file_is_left() {
    let empty = House::empty();
    empty.go("report -o all.pdf").exits(2).says(&["sync"]);
    let (_sim, house) = reader();
    let check = |words: &str, says: &[&str]| {
        house
            .go(&format!("report {words} -o none.html"))
            .exits(2)
            .says(says);
        assert!(!house.path("none.html").exists(), "{words}");
    };
    check("nobody/*", &["nobody/*", "gitratra repos"]);
    check("@none", &["none", "gitratra group list"]);
    check("octo/unknown", &["octo/unknown", "sync"]);
    check(
        &format!("{REPO} --range 2001-01-01..2001-02-01"),
        &["--range"],
    );
    check(&format!("{REPO} --range soon"), &["soon"]);
}
