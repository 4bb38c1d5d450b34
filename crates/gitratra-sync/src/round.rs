//! A round: some errands carried out side by side, by all credentials that may still ask.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};

use futures_util::StreamExt;
use futures_util::stream;
use gitratra_core::plan::Extent;
use gitratra_core::{Endpoint, Held, RepoId, Timestamp};
use gitratra_github::Failure;
use gitratra_store::{Store, StoreError};
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::asker::Asker;
use crate::lease::Tenure;
use crate::others::{self, Told, Wishes};
use crate::read::{Mode, Progress};
use crate::report::{Trouble, told};
use crate::scope::{Errand, Job, Known};
use crate::visit::{Desk, Shared, Visited, lock, visit};

/// The validators of the answers that each credential was given last, by its fingerprint. Read from
/// the store once, and kept up to date by every record.
#[derive(Debug, Default)]
pub(crate) struct Etags {
    of: HashMap<String, Mutex<EtagsOf>>,
    /// Those of a credential that was never read.
    none: Mutex<EtagsOf>,
}

/// Those of one credential.
pub(crate) type EtagsOf = HashMap<(RepoId, Endpoint), String>;

impl Etags {
    /// Reads those of credentials that are not known yet.
    pub(crate) async fn read(&mut self, store: &Store, askers: &[Asker]) -> Result<(), StoreError> {
        for asker in askers {
            if !self.of.contains_key(&asker.fingerprint) {
                let etags = store.etags(&asker.fingerprint).await?;
                self.of.insert(asker.fingerprint.clone(), Mutex::new(etags));
            }
        }
        Ok(())
    }
}

/// What a round works with.
pub(crate) struct Round<'a> {
    pub(crate) askers: &'a [Asker],
    pub(crate) store: &'a Store,
    pub(crate) known: &'a Known,
    pub(crate) held: &'a Mutex<HashMap<RepoId, Held>>,
    pub(crate) saved: &'a HashSet<RepoId>,
    pub(crate) progress: &'a Mutex<HashMap<RepoId, Progress>>,
    /// Those of all credentials were read before.
    pub(crate) etags: &'a Etags,
    pub(crate) number_misses: &'a AtomicU32,
    pub(crate) mode: Mode,
    pub(crate) labels_hold: SignedDuration,
    pub(crate) listed_at: Timestamp,
    pub(crate) now: Timestamp,
    pub(crate) jobs: usize,
    /// Credentials that ask nothing in this round, by their places.
    pub(crate) closed: &'a [usize],
    pub(crate) tenure: Option<&'a Tenure<'a>>,
    pub(crate) stop: CancellationToken,
}

/// How a round ended.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    /// What is still to be done.
    pub(crate) left: Vec<Errand>,
    /// Credentials that were stopped, by their places, with the last reason of each.
    pub(crate) stopped: HashMap<usize, Failure>,
    /// Nobody answers any more.
    pub(crate) is_cut_off: bool,
    /// Questions were sent, and none of them found anybody.
    pub(crate) is_unreached: bool,
}

impl Round<'_> {
    fn shared(&self) -> Shared<'_> {
        let none = &self.etags.none;
        let places = self.askers.iter().enumerate();
        let desks = places.map(|(place, asker)| Desk {
            asker,
            etags: self.etags.of.get(&asker.fingerprint).unwrap_or(none),
            is_closed: AtomicBool::new(self.closed.contains(&place)),
        });
        let desks = desks.collect();
        // A collector doubts no answer, and looking through the fleet each round is dear.
        let newest = match self.mode {
            Mode::Due => None,
            Mode::All | Mode::Worth => {
                let held = lock(self.held);
                held.values().filter_map(Held::newest_of_any).max()
            }
        };
        Shared {
            desks,
            store: self.store,
            known: self.known,
            held: self.held,
            mode: self.mode,
            labels_hold: self.labels_hold,
            listed_at: self.listed_at,
            saved: self.saved,
            now: self.now,
            tenure: self.tenure,
            stop: self.stop.clone(),
            unreachable: AtomicU32::new(0),
            is_cut_off: AtomicBool::new(false),
            is_answered: AtomicBool::new(false),
            number_misses: self.number_misses,
            newest: AtomicI64::new(newest.map_or(0, gitratra_core::Day::epoch_days)),
            taken: Mutex::new(HashSet::new()),
            progress: self.progress,
        }
    }

    /// Asks what else is wished for.
    pub(crate) async fn ask(
        &self,
        extents: &HashMap<RepoId, Extent>,
        wishes: Wishes,
    ) -> Result<(Told, Ending), StoreError> {
        let shared = self.shared();
        let mut ending = Ending::default();
        let told = others::ask(&shared, extents, wishes, self.jobs, &mut ending).await?;
        ending.see(&shared);
        Ok((told, ending))
    }

    /// Carries errands out in their order, as many at once as `jobs` says. `on_visit` hears of each.
    pub(crate) async fn run(
        &self,
        errands: Vec<Errand>,
        mut on_visit: impl FnMut(&Job, Visited),
    ) -> Result<Ending, StoreError> {
        let shared = self.shared();
        let shared = &shared;
        let mut ending = Ending::default();
        let visits = stream::iter(errands)
            .map(|errand| async move {
                let visited = visit(shared, &errand).await;
                (errand, visited)
            })
            .buffer_unordered(self.jobs);
        let mut visits = std::pin::pin!(visits);
        while let Some((errand, visited)) = visits.next().await {
            let visited = match visited {
                // What the store cannot take of one repository is that repository's own trouble.
                Err(error @ StoreError::Internal { .. }) => Visited {
                    failed: 1,
                    troubles: vec![not_stored(&errand.job.label(), &error)],
                    ..Visited::default()
                },
                other => other?,
            };
            let mut visited = visited;
            if let Some((place, failure)) = visited.stopped_by.take() {
                shared.desks[place].is_closed.store(true, Ordering::Relaxed);
                ending.stopped.insert(place, failure);
            }
            let is_unfinished = visited.is_unfinished;
            on_visit(&errand.job, visited);
            if is_unfinished {
                ending.left.push(errand);
            }
        }
        ending.see(shared);
        Ok(ending)
    }
}

impl Ending {
    /// Takes in whether anybody answered.
    fn see(&mut self, shared: &Shared<'_>) {
        self.is_cut_off = shared.is_cut_off.load(Ordering::Relaxed);
        self.is_unreached = shared.unreachable.load(Ordering::Relaxed) > 0
            && !shared.is_answered.load(Ordering::Relaxed);
    }
}

pub(crate) fn not_stored(repo: &str, error: &StoreError) -> Trouble {
    Trouble {
        repo: repo.to_owned(),
        endpoint: Endpoint::Repository,
        status: None,
        message: format!("its answers cannot be stored: {}", told(error)),
        action: "please report this, with the message; it is asked again the next time".into(),
    }
}
