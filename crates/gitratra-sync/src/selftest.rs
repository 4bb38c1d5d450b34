//! The self-test at the start, which fails loudly: rather no service than one that reads nothing.

use gitratra_core::Metric;
use gitratra_github::{FailureKind, Target};

use crate::collector::{Collector, CollectorError};
use crate::scope::Errand;
use crate::visit::lock;

/// So many repositories are tried before it is said that none can be read.
const TRIED: usize = 20;

/// What asking for one repository has shown.
enum Shown {
    /// It works.
    Well,
    /// It cannot be read, for this reason.
    Refused(String),
    /// GitHub or the network is in trouble, which nobody here has to mend.
    Nothing,
}

impl Collector<'_> {
    /// The store can be written, a credential works, and at least one of the tracked repositories
    /// can be read. What cannot be found out now is left open: the first repository that is read
    /// makes the service ready.
    ///
    /// # Errors
    /// What somebody has to mend before the start.
    pub(crate) async fn test(&mut self) -> Result<(), CollectorError> {
        self.house.store.check_writable().await?;
        if let Some(failure) = self.crew.all_refused() {
            return Err(CollectorError::Unauthorized(failure));
        }
        let mut refusal = None;
        for errand in self.likeliest() {
            let target = Target::Name(errand.job.name().clone());
            for place in &errand.able {
                if self.crew.is_refused(*place) {
                    continue;
                }
                match self.ask_one(&target, *place).await? {
                    Shown::Well => {
                        self.house.status.change(|status| status.is_ready = true);
                        return Ok(());
                    }
                    Shown::Refused(why) => refusal = Some(why),
                    Shown::Nothing => return Ok(()),
                }
            }
        }
        match refusal {
            Some(why) => Err(CollectorError::Unreadable(why)),
            None => {
                self.house.status.change(|status| status.is_ready = true);
                Ok(())
            }
        }
    }

    /// Those that can most likely be read: not gone, and first those that were read before.
    fn likeliest(&self) -> Vec<Errand> {
        let held = lock(&self.held);
        let was_read = |errand: &&Errand| {
            let mut ids = errand.job.ids().into_iter();
            ids.any(|id| held.get(&id).is_some_and(|held| held.newest().is_some()))
        };
        let is_gone = |errand: &&Errand| {
            let mut ids = errand.job.ids().into_iter();
            let known = &self.known.repositories;
            ids.any(|id| known.get(&id).is_some_and(|known| known.gone.is_some()))
        };
        let mut errands: Vec<&Errand> = self
            .queue
            .errands()
            .filter(|errand| !is_gone(errand))
            .collect();
        errands.sort_by_key(|errand| !was_read(errand));
        errands.into_iter().take(TRIED).cloned().collect()
    }

    async fn ask_one(&mut self, target: &Target, place: usize) -> Result<Shown, CollectorError> {
        let client = self.crew.askers[place].client.clone();
        let Err(failure) = client.traffic(target, Metric::Views, None).await else {
            return Ok(Shown::Well);
        };
        match failure.kind {
            FailureKind::Forbidden(_) | FailureKind::NotFound | FailureKind::Blocked { .. } => {
                let why = format!("{failure}; {}", failure.action());
                Ok(Shown::Refused(why))
            }
            FailureKind::Unauthorized => {
                self.crew.stop(place, failure);
                match self.crew.all_refused() {
                    Some(failure) => Err(CollectorError::Unauthorized(failure)),
                    None => Ok(Shown::Nothing),
                }
            }
            _ => Ok(Shown::Nothing),
        }
    }
}
