//! What the collector does once no traffic is due: it asks what else there is to know.

use std::collections::HashSet;
use std::sync::Mutex;

use gitratra_core::Timestamp;
use jiff::SignedDuration;

use super::{Collector, CollectorError, ERRANDS_PER_JOB, LABELS_HOLD, later};
use crate::lease::Tenure;
use crate::others::{self, Wanted};
use crate::read::Mode;
use crate::round::{Ending, Round};
use crate::visit::lock;

/// What is due beside traffic goes together once an hour: none of it is urgent.
const APART: SignedDuration = SignedDuration::from_hours(1);
/// Where another collector is at it, this one looks again after this.
const ELSEWHERE: SignedDuration = SignedDuration::from_mins(5);

impl Collector<'_> {
    /// Asks some of what is due beside traffic. Returns how that ended, and whether anything was
    /// asked, so that there may be more.
    pub(super) async fn ask_others(
        &mut self,
        now: Timestamp,
    ) -> Result<(Ending, bool), CollectorError> {
        if now < self.others_at {
            return Ok((Ending::default(), false));
        }
        // One at a time, and what another one did is known before more is asked.
        let (store, terms) = (self.house.store, self.terms);
        let Some(tenure) = Tenure::of_deed(store, terms, "others").await? else {
            self.others_at = later(now, ELSEWHERE);
            return Ok((Ending::default(), false));
        };
        let asked = self.ask_wishes(&tenure, now).await;
        tenure.release().await?;
        asked
    }

    async fn ask_wishes(
        &mut self,
        tenure: &Tenure<'_>,
        now: Timestamp,
    ) -> Result<(Ending, bool), CollectorError> {
        self.learn(now).await?;
        self.extents = self.house.store.extents().await?;
        let mut closed = self.crew.closed(now);
        // One whose hour is half spent keeps no other from asking.
        let askers = self.crew.askers.iter().enumerate();
        let spent = askers.filter(|(_, asker)| !asker.client.has_spare(others::kept(Mode::Due)));
        closed.extend(spent.map(|(place, _)| place));
        let most = self.house.jobs * ERRANDS_PER_JOB;
        let wishes = {
            let held = lock(&self.held);
            let wanted = Wanted {
                known: &self.known,
                held: &held,
                extents: &self.extents,
                runs_of: &self.house.runs_of,
                closed: &closed,
                now,
            };
            wanted.due(self.queue.errands(), most)
        };
        if wishes.is_empty() {
            self.others_at = later(now, APART);
            return Ok((Ending::default(), false));
        }
        self.etags.read(self.house.store, &self.crew.askers).await?;
        let round = Round {
            askers: &self.crew.askers,
            store: self.house.store,
            known: &self.known,
            held: &self.held,
            saved: &HashSet::new(),
            progress: &Mutex::default(),
            etags: &self.etags,
            number_misses: &self.number_misses,
            mode: Mode::Due,
            labels_hold: LABELS_HOLD,
            listed_at: self.listed_at,
            now,
            jobs: self.house.jobs,
            closed: &closed,
            tenure: Some(tenure),
            stop: self.house.stop.clone(),
        };
        let (told, ending) = tenure.keep(round.ask(&self.extents, wishes)).await?;
        self.house.beat();
        if !told.has_asked {
            self.others_at = later(now, APART);
        }
        if !(ending.is_cut_off || ending.is_unreached) {
            for trouble in &told.troubles {
                self.journal.aside(trouble);
            }
            for (_, first) in told.withheld.into_values() {
                self.journal.withheld(&first);
            }
        }
        Ok((ending, told.has_asked))
    }
}
