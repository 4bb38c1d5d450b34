//! `warehouse`, seen from outside: what a person runs by hand.

use std::path::Path;

use gitratra_sim::{RepoSpec, Sim};
use gitratra_tables::{ReadDay, parquet_read};

use crate::house::{House, github};

fn fleet() -> Sim {
    let github = github().seed(83);
    let github = github
        .repo(RepoSpec::new("octo/a").mean_views(40.0))
        .repo(RepoSpec::new("octo/b").mean_views(9.0).private());
    github.start_on_thread()
}

fn manifest(house: &House, folder: &str) -> serde_json::Value {
    let text = house.read(&format!("{folder}/_gitratra/manifest.json"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// The days of every month of a year.
pub(crate) fn months(year: &Path) -> Vec<ReadDay> {
    let mut days = Vec::new();
    for month in std::fs::read_dir(year).expect("the year has a folder") {
        let month = month.expect("the folder can be read").path();
        let read = parquet_read::read(&month).expect("the month has a file");
        for day in read {
            days.push(day.expect("the file is whole"));
        }
    }
    days
}

#[test]
fn a_folder_is_kept_up_to_date_by_hand() {
    let sim = fleet();
    let house = House::with(&sim);
    house.go("sync octo/a octo/b").exits(0);
    let told = house.go("warehouse w --dry-run --json").exits(0).json();
    assert!(!house.path("w").exists());
    let planned = told["written"].as_array().unwrap().len();
    house
        .go("warehouse w")
        .exits(0)
        .says(&["warehouse in w", "files written", "generation 1"]);
    let made = manifest(&house, "w");
    assert_eq!(made["state"], "complete");
    assert_eq!(made["files"].as_object().unwrap().len(), planned);
    let days = months(&house.path("w/daily/year=2026"));
    let export = house.export();
    assert_eq!(days.len(), export.rows.len());
    house.go("warehouse w").exits(0).says(&["nothing new"]);
    assert_eq!(manifest(&house, "w"), made);

    // Who reads along there should not see what is private.
    house.go("warehouse w --repo !private").exits(0);
    let text = house.read("w/_gitratra/manifest.json");
    assert!(!text.contains("octo"), "{text}");
    let bytes = std::fs::read(house.path("w/repos/part-0.parquet")).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("octo/b"));

    house
        .go("warehouse w --what nonsense")
        .exits(2)
        .says(&["nonsense", "daily", "downloads"]);
    house.go("warehouse").exits(2).says(&["[warehouse]"]);
    house.go("warehouse ftp://x").exits(2).says(&["s3://"]);
    house
        .go("--db none.db warehouse w")
        .exits(2)
        .says(&["none.db"]);
}
