//! The end of a pass: what else there is to know of repositories that were read before.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::AtomicU32;

use gitratra_core::{Day, Held, RepoId, Timestamp};

use super::{LABELS_HOLD, MOST_JOBS, Pass};
use crate::lease::Tenure;
use crate::others::Wanted;
use crate::read::Mode;
use crate::report::{Ended, Note, PassError};
use crate::round::{Etags, Round};
use crate::scope::{Errand, Known};

/// Those that were met on an earlier day and read whole since: whoever is new is read for traffic
/// alone, since only that is lost by waiting.
pub(super) fn read_before(
    errands: &[Errand],
    known: &Known,
    held: &HashMap<RepoId, Held>,
    now: Timestamp,
) -> Vec<Errand> {
    let was_read = |id: &RepoId| {
        let met = known.repositories.get(id).map(|known| known.first_seen);
        let is_old = met.is_some_and(|met| Day::of(met) < Day::of(now));
        is_old && held.get(id).is_some_and(|held| held.asked_at().is_some())
    };
    let errands = errands.iter();
    let read = errands.filter(|errand| errand.job.ids().iter().any(was_read));
    read.cloned().collect()
}

impl Pass<'_> {
    /// Asks what is due of these, and leaves the rest to the next pass once little is left of the
    /// hour's requests.
    pub(super) async fn ask_others(&mut self, errands: &[Errand]) -> Result<(), PassError> {
        let tenure = match self.sharing().await? {
            Some(terms) => {
                // One at a time, as with collectors.
                let Some(tenure) = Tenure::of_deed(self.store, terms, "others").await? else {
                    self.report.notes.push(Note::OthersElsewhere);
                    return Ok(());
                };
                Some(tenure)
            }
            None => None,
        };
        let asked = self.ask_wishes(errands, tenure.as_ref()).await;
        if let Some(tenure) = tenure {
            tenure.release().await?;
        }
        asked
    }

    async fn ask_wishes(
        &mut self,
        errands: &[Errand],
        tenure: Option<&Tenure<'_>>,
    ) -> Result<(), PassError> {
        // Names and validators may be others by now.
        let known = Known::read(self.store).await?;
        let held: HashMap<RepoId, Held> = self.store.held().await?.into_iter().collect();
        let extents = self.store.extents().await?;
        let closed: Vec<usize> = self.stopped.keys().copied().collect();
        let now = self.report.finished_at;
        let wanted = Wanted {
            known: &known,
            held: &held,
            extents: &extents,
            runs_of: &self.options.runs_of,
            closed: &closed,
            now,
        };
        let wishes = wanted.due(errands.iter(), usize::MAX);
        if wishes.is_empty() {
            return Ok(());
        }
        let held = Mutex::new(held);
        let mut etags = Etags::default();
        etags.read(self.store, self.askers).await?;
        let round = Round {
            askers: self.askers,
            store: self.store,
            known: &known,
            held: &held,
            saved: &HashSet::new(),
            progress: &Mutex::default(),
            etags: &etags,
            number_misses: &AtomicU32::new(0),
            mode: Mode::Worth,
            labels_hold: LABELS_HOLD,
            listed_at: self.report.started_at,
            now,
            jobs: self.options.jobs.clamp(1, MOST_JOBS),
            closed: &closed,
            tenure,
            stop: self.options.interrupt.clone(),
        };
        let asking = round.ask(&extents, wishes);
        let (told, ending) = match tenure {
            Some(tenure) => tenure.keep(asking).await?,
            None => asking.await?,
        };
        self.saw(told.at);
        let untold = told.troubles.into_iter().map(Note::Untold);
        self.report.notes.extend(untold);
        if told.left > 0 {
            self.report.notes.push(Note::Left(told.left));
        }
        let withheld = told.withheld.into_iter();
        let notes = withheld.map(|(endpoint, (number, first))| Note::Withheld {
            endpoint,
            number,
            first,
        });
        self.report.notes.extend(notes);
        for (place, failure) in ending.stopped {
            self.stop(place, failure)?;
        }
        if self.options.interrupt.is_cancelled() {
            self.report.ended = Ended::Interrupted;
        }
        Ok(())
    }
}
