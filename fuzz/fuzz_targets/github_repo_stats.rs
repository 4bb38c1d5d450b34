//! Tables of jgehrcke/github-repo-stats.

#![no_main]

use gitratra_core::import::Kind;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let names = [
        "2026-01-02_030405_views_clones_series_fragment.csv",
        "2026-01-02_030405_top_referrers_snapshot.csv",
        "2026-01-02_030405_top_paths_snapshot.csv",
        "table.csv",
    ];
    gitratra_fuzz::run(Kind::GithubRepoStats, &names, bytes);
});
