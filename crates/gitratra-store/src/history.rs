//! Whole histories out of the store and into it: for archives, and for joining two stores.
//!
//! What is held is read as a [`History`], joined with what comes by the rules of
//! [`gitratra_core::history`], and what changed is written, all of it in the transaction that read
//! it. Nothing here decides anything.

pub(crate) mod adopt;
mod forget;
mod house;
mod load;
mod ranked;
mod save;

use std::collections::BTreeSet;

use futures_util::FutureExt;
use gitratra_core::history::{Gained, History, House, SourceName};
use gitratra_core::{Day, Metric, RepoId, Source};

use crate::engine::{Lock, Tx};
use crate::error::Fault;
use crate::table::source;
use crate::{Store, StoreError};

impl Store {
    /// Everything that is held of a repository; nothing where it has no row.
    pub async fn history(&self, repo: RepoId) -> Result<Option<History>, StoreError> {
        self.read(move |tx| {
            async move {
                let history = load::load(tx, repo).await?;
                Ok(history.label.is_some().then_some(history))
            }
            .boxed()
        })
        .await
    }

    /// Joins what other stores hold, all of it or nothing, and says what that brought.
    ///
    /// Histories may come in any order and as often as one likes. What is held under the number of a
    /// name that only a file has told of is taken over by the repository that bears it: its days, its
    /// names as former ones, its notes, its places in groups, its links. The other number is
    /// forgotten.
    pub async fn absorb(&self, histories: Vec<History>) -> Result<Gained, StoreError> {
        self.write(move |tx| absorb(tx, histories).boxed()).await
    }

    /// Rules, groups and suspicions.
    pub async fn house(&self) -> Result<House, StoreError> {
        self.read(|tx| house::load(tx).boxed()).await
    }

    /// Joins the rules, groups and suspicions of another store. Nothing is taken away. Gives how many
    /// of them are new.
    pub async fn absorb_house(&self, house: House) -> Result<u64, StoreError> {
        self.write(move |tx| house::absorb(tx, house).boxed()).await
    }

    /// Forgets everything that is held of a repository, its name, its links and the exact rules that
    /// it was meant by included; `false` where nothing was.
    pub async fn remove_history(&self, repo: RepoId) -> Result<bool, StoreError> {
        self.write(move |tx| {
            async move {
                tx.lock(Lock::Repo(repo)).await?;
                forget::all(tx, repo).await
            }
            .boxed()
        })
        .await
    }
}

async fn absorb(tx: &mut Tx<'_>, mut histories: Vec<History>) -> Result<Gained, Fault> {
    histories.sort_by_key(|history| history.repo);
    let touched = adopt::touched(tx, &histories).await?;
    tx.lock_repos(touched).await?;
    let mut gained = Gained::default();
    let mut brought = Brought::default();
    for history in &histories {
        gained += join(tx, history, &mut brought).await?;
    }
    adopt::borne(tx, &mut brought).await?;
    brought.note(tx).await?;
    crate::table::group::bind(tx).await?;
    Ok(gained)
}

/// The sources of the histories that brought anything. They are noted at the end, all at once, since
/// what is locked for it may keep nobody waiting who waits for a repository.
#[derive(Default)]
pub(crate) struct Brought(BTreeSet<SourceName>);

impl Brought {
    async fn note(self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        if self.0.is_empty() {
            return Ok(());
        }
        let numbers = source::numbers(tx, self.0.iter()).await?;
        let sources = self.0.iter().filter_map(|name| numbers.get(name).copied());
        source::brought(tx, sources.collect::<Vec<_>>()).await
    }
}

/// Joins one history into what is held of its repository, which is locked by the caller.
async fn join(tx: &mut Tx<'_>, told: &History, brought: &mut Brought) -> Result<Gained, Fault> {
    let before = load::load(tx, told.repo).await?;
    let mut after = before.clone();
    after.join(told);
    answer_by_days(&mut after);
    save::save(tx, &before, &after).await?;
    let gained = Gained::between(Some(&before), &after);
    if gained != Gained::default() {
        // Its times are those of the other store, so that they say nothing about what is new here.
        brought.0.extend(told.sources.names().cloned());
        // What is no day of a source was told by GitHub, and leaves no other mark.
        brought.0.insert(SourceName::github());
    }
    Ok(gained)
}

/// An answer reaches at least as far as the days that are held of it.
fn answer_by_days(history: &mut History) {
    for metric in Metric::ALL {
        let mut reach: Option<(Day, gitratra_core::Timestamp)> = None;
        for (day, of, record) in history.records().filter(|(_, of, _)| *of == metric) {
            debug_assert_eq!(of, metric, "records of one metric were asked for");
            let told = record.settled().iter();
            let told = told.filter(|value| value.source == Source::GITHUB);
            if let Some(at) = told.map(|value| value.seen.last).max() {
                let before = reach.map_or(at, |(_, before)| before);
                reach = Some((day, at.max(before)));
            }
        }
        if let Some((newest, at)) = reach {
            history.reach(metric.into(), Some(newest), at);
        }
    }
}
