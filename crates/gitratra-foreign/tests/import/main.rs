//! What databases of other tools tell, on databases made here with the tables that those tools make.
#![expect(
    clippy::unwrap_used,
    reason = "clippy takes what tests share for no test; a broken one should stop them"
)]

mod files;
mod gghstats;
mod gh_tracker;
mod ghstats;
mod git_clone_stats;
mod heard;
mod live;
mod made;
mod traffic_vault;
