//! A store with a fleet in it, made by plain SQL, and runs of a warehouse.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gitratra_core::{RepoId, Timestamp};
use gitratra_store::{Location, Store};
use gitratra_warehouse::{
    Done, FolderPlace, Manifest, Options, Place, Request, WarehouseError, What, manifest, run,
};
use rusqlite::Connection;

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Options under which nobody waits.
pub(crate) fn quick() -> Options {
    Options {
        beat: Duration::from_secs(3600),
        patience: Duration::ZERO,
        ..Options::default()
    }
}

/// A store and a folder for warehouses.
pub(crate) struct House {
    folder: tempfile::TempDir,
    pub(crate) store: Store,
    pub(crate) repos: Vec<(RepoId, String)>,
}

impl House {
    /// An empty store.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Location::file(folder.path().join("store.db"))).await;
        Self {
            store: store.unwrap(),
            folder,
            repos: Vec::new(),
        }
    }

    /// Three repositories with a year of everything.
    pub(crate) async fn small() -> Self {
        let mut house = Self::new().await;
        house.fill(3, "2025-09-20", 365, 30);
        house
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn sql(&self) -> Connection {
        Connection::open(self.path("store.db")).unwrap()
    }

    pub(crate) fn change(&self, sql: &str) {
        self.sql().execute_batch(sql).unwrap();
    }

    /// So many repositories with so many days of traffic from a day on, and of lists, counters,
    /// stars and releases on the first of these days.
    pub(crate) fn fill(&mut self, repos: u32, first: &str, days: u32, lists: u32) {
        let first: gitratra_core::Day = first.parse().unwrap();
        let first = first.epoch_days();
        let last_list = i64::from(lists) - 1;
        self.change(&format!(
            "begin;
             create temp table n as with recursive n (n) as (
                 select 0 union all select n + 1 from n where n < {most}
             ) select n from n;
             insert into repo (repo_id, full_name, name_key, is_private, is_fork, is_archived,
                 first_seen, named_at)
             select n + 1, 'octo/r' || (n + 1), 'octo/r' || (n + 1), n % 5 = 2, n % 3 = 1, n % 7 = 4,
                 {first} * 86400 + 3600, {first} * 86400 + 3600
             from n where n < {repos};
             insert into traffic_day (repo_id, day, views, views_uniques, views_first_seen,
                 views_last_seen, views_source, clones, clones_uniques, clones_first_seen,
                 clones_last_seen, clones_source, views_window_uniques)
             select r.repo_id, {first} + n, v, v / 3, 3600, 7200, 0,
                 case when (r.repo_id + n) % 11 = 0 then null else v / 7 end,
                 case when (r.repo_id + n) % 11 = 0 then null else v / 19 end,
                 case when (r.repo_id + n) % 11 = 0 then null else 3600 end,
                 case when (r.repo_id + n) % 11 = 0 then null else 7200 end,
                 case when (r.repo_id + n) % 11 = 0 then null else 0 end,
                 v
             from (
                 select repo_id, n,
                     (repo_id * 7919 + n * 104729 + repo_id * n * 13) % 997 as v
                 from repo, n where n < {days} and (repo_id * 31 + n * 17) % 97 > 0
             ) as r;
             insert into traffic_week (repo_id, monday, views, views_uniques)
             select repo_id, ({first} + n) / 7 * 7 + 4, 100 + n, 50 from repo, n
             where n < {lists} and n % 7 = 0;
             insert into ranked_window (repo_id, last_day, referrers_seen, paths_seen)
             select repo_id, {first} + n, 3600, 3600 from repo, n where n < {lists} and n % 13 > 0;
             insert into ranked_name (repo_id, ranking, name_id, name, title)
             select repo_id, 0, n, 'site' || n || '.example', null from repo, n where n < 5
             union all
             select repo_id, 1, n, '/' || full_name || '/p' || n,
                 case when n % 2 = 0 then 'Page ' || n end
             from repo, n where n < 4;
             insert into ranked_run (repo_id, ranking, name_id, first_window, last_window, count,
                 uniques)
             select repo_id, 0, n % 5, {first} + n / 5 * 10,
                 min({first} + n / 5 * 10 + n % 5 * 2, {first} + {last_list}), 10 + n, 5 + n / 3
             from repo, n where n / 5 * 10 < {lists}
             union all
             select repo_id, 1, n % 4, {first} + n / 4 * 10, {first} + n / 4 * 10, 20 + n, 7
             from repo, n where n / 4 * 10 < {lists};
             insert into counter_run (repo_id, first_day, last_day, stars, forks, watchers)
             select repo_id, {first} + n * 5, {first} + n * 5 + 3, 100 + n * repo_id, n, 3
             from repo, n where n * 5 + 3 < {lists};
             insert into star_span (repo_id, first_day, last_day, read_at)
             select repo_id, 0, {first} + {lists}, ({first} + {lists} + 9) * 86400 from repo;
             insert into star_day (repo_id, day, given, still)
             select repo_id, {first} + n, n % 4 + 1, n % 3 from repo, n
             where n < {lists} and n % 3 = 0;
             insert into release (repo_id, release_id, tag, name, published_at, is_prerelease,
                 seen_at)
             select repo_id, repo_id * 10 + n, 'v' || n, case when n = 1 then null else 'Nr ' || n end,
                 ({first} + n * 9) * 86400 + 7, n = 2, ({first} + n * 9) * 86400 + 99
             from repo, n where n < 3;
             insert into asset (repo_id, asset_id, release_id, name, size_bytes, created_at)
             select repo_id, release_id, release_id, 'tool-linux-amd64.tar.gz', 9, published_at
             from release;
             insert into asset_run (repo_id, asset_id, first_day, last_day, downloads)
             select asset.repo_id, asset_id, {first} + 30 + n * 4, {first} + 30 + n * 4 + 1,
                 n * (asset.repo_id % 50) + asset_id % 10
             from asset, n where n * 4 < {lists};
             drop table n;
             commit;",
            most = days.max(lists).max(repos),
        ));
        self.repos = self.names();
    }

    /// Repositories and what they are called, in the order of names.
    pub(crate) fn names(&self) -> Vec<(RepoId, String)> {
        let sql = self.sql();
        let mut asked = sql
            .prepare("select repo_id, full_name from repo order by name_key")
            .unwrap();
        let rows = asked.query_map([], |row| {
            let id: i64 = row.get(0)?;
            Ok((RepoId(id.cast_unsigned()), row.get(1)?))
        });
        rows.unwrap().map(Result::unwrap).collect()
    }

    /// A run as by hand.
    pub(crate) async fn run(
        &self,
        place: &dyn Place,
        options: Options,
    ) -> Result<Done, WarehouseError> {
        self.run_of(place, &What::WAREHOUSE, options).await
    }

    pub(crate) async fn run_of(
        &self,
        place: &dyn Place,
        tables: &[What],
        options: Options,
    ) -> Result<Done, WarehouseError> {
        static RUNS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let number = RUNS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let request = Request {
            store: &self.store,
            repos: &self.repos,
            tables,
            rules: &[],
            rules_text: "",
            at: at("2026-11-27T03:00:00Z"),
            writer: format!("run {number}"),
            options,
        };
        run(place, request).await
    }

    /// A run into a folder.
    pub(crate) async fn go(&self, folder: &str) -> Done {
        let place = FolderPlace::open(&self.path(folder)).unwrap();
        self.run(&place, quick()).await.unwrap()
    }

    /// A warehouse that was made of the store as it is now, from nothing.
    pub(crate) async fn fresh(&self, folder: &str) -> BTreeMap<String, String> {
        self.go(folder).await;
        contents(&FolderPlace::look(&self.path(folder))).await
    }
}

/// The manifest of a place.
pub(crate) async fn manifest_of(place: &dyn Place) -> Manifest {
    let (bytes, _) = place.read(manifest::PATH).await.unwrap().unwrap();
    Manifest::read(&bytes, "here").unwrap()
}

/// The SHA-256 of each Parquet file that lies there, by its path, as a reader meets it.
pub(crate) async fn contents(place: &dyn Place) -> BTreeMap<String, String> {
    let mut contents = BTreeMap::new();
    for path in place.list().await.unwrap().into_keys() {
        if path.ends_with(".parquet") {
            let (bytes, _) = place.read(&path).await.unwrap().unwrap();
            let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
            let digest = digest.as_ref().iter().map(|byte| format!("{byte:02x}"));
            contents.insert(path, digest.collect());
        }
    }
    contents
}

/// Demands that the manifest tells exactly what lies there.
pub(crate) async fn is_whole(place: &dyn Place) {
    let manifest = manifest_of(place).await;
    assert_eq!(manifest.state, manifest::State::Complete);
    let told: BTreeMap<String, String> = manifest
        .files
        .iter()
        .map(|(path, written)| (path.clone(), written.sha256.clone()))
        .collect();
    assert_eq!(told, contents(place).await);
}

/// The Python that has the other programs: `GITRATRA_PYTHON`, or where `scripts/test` puts it.
pub(crate) fn python() -> PathBuf {
    let named = std::env::var_os("GITRATRA_PYTHON").map(PathBuf::from);
    named.unwrap_or_else(|| {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        workspace.join("target/venv/bin/python")
    })
}
