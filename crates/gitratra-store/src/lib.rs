//! Core values to rows and back, in SQLite or PostgreSQL.
//!
//! The store keeps and answers. It decides nothing: how values merge is told by
//! [`gitratra_core::merge`], which runs inside the transaction that writes, so that two processes
//! cannot lose each other's values. It never asks for the time: every time comes in with what is
//! stored and is GitHub's. It never calls out.
//!
//! A question is a file under `sql/`, the same text for both engines; a file under `src/table/`
//! has the questions of one table; what the engines do differently is in `src/engine/`. What the
//! tables mean is told by `docs/schema.md`.
//!
//! Repositories are saved with [`Store::save_repositories`] before their answers are stored with
//! [`Store::record`]: a repository without a row has no name and is not part of the fleet.

mod carry;
mod copy;
mod days;
mod engine;
mod error;
mod history;
mod import;
mod layout;
mod location;
mod runs;
mod seal;
mod sql;
mod store;
mod table;
mod tables;
mod value;
mod verify;
mod visit;

pub use carry::{Carried, Entry};
pub use copy::{check_file, copy_file, replace_file};
pub use error::{Cause, StoreError};
pub use import::{Difference, ImportEffect, Imported, ToldRepo};
pub use layout::{Layout, LayoutPlan, LayoutStep};
pub use location::Location;
pub use store::Store;
pub use table::asked::Problem;
pub use table::budget::{Given, Hour, Want};
pub use table::collector::{CollectorKind, CredentialElsewhere, CredentialNote, Presence, Seen};
pub use table::counters::CounterRun;
pub use table::house_key::HouseKey;
pub use table::invite::Invited;
pub use table::lease::{Lease, StoreClock};
pub use table::mark::Mark;
pub use table::outline::{Outline, Outlined, Reach};
pub use table::person::{PasswordHash, Vouched};
pub use table::ranked::{RankedHistory, RankedName, RankedRun};
pub use table::releases::{KnownAsset, KnownRelease};
pub use table::repo::{Found, Gone, KnownRepo};
pub use table::run::Run;
pub use table::seal::Sealed;
pub use table::session::Session;
pub use table::share::{NewShare, Share, Shared};
pub use table::stars::Stars;
pub use table::sweep::{FleetRepo, FleetStars, Part, Swept, SweptDay};
pub use table::token::{NewToken, Token};
pub use verify::{Finding, Verified};
pub use visit::{Outcome, Recorded, Visit};
