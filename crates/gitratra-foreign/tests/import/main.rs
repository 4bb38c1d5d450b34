//! What databases of other tools tell, on databases made here with the tables that those tools make.

mod files;
mod gghstats;
mod gh_tracker;
mod ghstats;
mod git_clone_stats;
mod heard;
mod live;
mod made;
mod traffic_vault;
