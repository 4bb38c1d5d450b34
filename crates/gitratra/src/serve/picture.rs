//! What the program shows of itself over HTTP.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::machine_time;
use crate::command::held;
use crate::settings::Settings;
use gitratra_core::{Metric, Timestamp, plan};
use gitratra_github::{Clock, FailureKind};
use gitratra_store::{Gone, Seen, Store, StoreClock, StoreError};
use gitratra_sync::{RepoStatus, Status};
use gitratra_web::{
    BoxFuture, CollectorState, CredentialRate, Health, Readiness, RepoState, Snapshot, Watched,
};

/// The collector may be silent for so long: GitHub's longest pause, and a step.
const BOUND: Duration = Duration::from_mins(20);
/// A store that takes longer does not answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// The collector's state and the store behind it.
pub(crate) struct Picture {
    pub(crate) status: Status,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) store: Store,
    pub(crate) shows_private: bool,
    /// Where the channels for trouble are.
    pub(crate) settings: Settings,
    /// The time, where it is not the one of this world.
    pub(crate) simulated_now: Option<Timestamp>,
    /// False where nothing is collected, so that nothing has to move.
    pub(crate) collects: bool,
}

impl Picture {
    async fn does_store_answer(&self) -> bool {
        let asked = tokio::time::timeout(PATIENCE, self.store.last_run()).await;
        matches!(asked, Ok(Ok(_)))
    }
}

impl Watched for Picture {
    fn health(&self) -> Health {
        let beat_at = self.status.beat_at();
        let since_beat = self.clock.now().saturating_sub(beat_at);
        Health {
            since_beat: if self.collects {
                since_beat
            } else {
                Duration::ZERO
            },
            bound: BOUND,
        }
    }

    fn now(&self) -> Timestamp {
        let known = self.status.now().or(self.simulated_now);
        known.unwrap_or_else(machine_time)
    }

    fn readiness(&self) -> BoxFuture<'_, Readiness> {
        Box::pin(async {
            Readiness {
                has_passed_self_test: !self.collects || self.status.is_ready(),
                does_store_answer: self.does_store_answer().await,
            }
        })
    }

    fn test_alerts(&self) -> BoxFuture<'_, String> {
        Box::pin(self.try_channels())
    }

    fn snapshot(&self) -> BoxFuture<'_, Result<Snapshot, String>> {
        Box::pin(async {
            let picture = match self.collects {
                true => self.picture(),
                false => {
                    let drawn = self.picture_of_store().await;
                    drawn.map_err(|_| "the store does not answer".to_owned())?
                }
            };
            Ok(Snapshot {
                collectors: self.collectors().await,
                ..picture
            })
        })
    }
}

impl Picture {
    /// Sends a test message through every channel that is configured now.
    async fn try_channels(&self) -> String {
        let channels = match self.settings.channels() {
            Ok(channels) if channels.is_empty() => {
                return "No channel is configured, so nobody would be told of trouble.".to_owned();
            }
            Ok(channels) => channels,
            Err(error) => return format!("The configuration cannot be used: {error:#}"),
        };
        let at = self.now();
        let sending = channels.iter().map(|channel| async move {
            let sent = channel.send(&channel.test_message(at)).await;
            match sent {
                Ok(()) => format!("{}: sent", channel.name()),
                Err(error) => format!("{}: failed: {error}", channel.name()),
            }
        });
        let told: Vec<String> = futures_util::future::join_all(sending).await;
        told.join("; ")
    }

    /// What the store tells of those who collect into it, where this process does not.
    async fn picture_of_store(&self) -> Result<Snapshot, StoreError> {
        let tracked = held(&self.store).await?;
        let tracked: Vec<_> = tracked.into_iter().filter(|one| one.is_tracked).collect();
        let now = Watched::now(self);
        let states = tracked.iter().filter_map(|one| {
            let is_given_up = |gone: &Gone| plan::is_given_up(gone.status, one.held.newest(), now);
            Some(RepoStatus {
                id: one.id?,
                name: one.name.clone(),
                is_private: one.is_private,
                views: one.held.newest_of(Metric::Views),
                clones: one.held.newest_of(Metric::Clones),
                is_failing: one.held.has_failed(),
                is_gone: one.gone.as_ref().is_some_and(is_given_up),
            })
        });
        let repos: Vec<RepoStatus> = states.collect();
        let open: HashSet<String> = self
            .store
            .alarms()
            .await?
            .into_iter()
            .filter(|alarm| !alarm.is_over)
            .map(|alarm| alarm.key)
            .collect();
        let status = gitratra_sync::Snapshot {
            now: Some(now),
            last_pass: self.store.last_run().await?.map(|run| run.finished_at),
            last_stored: self.store.latest_stored().await?,
            unknown: (tracked.len() - repos.len()) as u64,
            alarms: open.len() as u64,
            repos,
            ..self.status.snapshot()
        };
        Ok(self.drawn(&status))
    }

    /// All that collect into the store, where it tells in time.
    async fn collectors(&self) -> Option<Vec<CollectorState>> {
        let asked = self.store.collectors(StoreClock::Own);
        let presence = tokio::time::timeout(PATIENCE, asked).await.ok()?.ok()?;
        let missed: Vec<&str> = presence.missed().map(|one| one.holder.as_str()).collect();
        let state = |seen: &Seen| CollectorState {
            host: seen.host.clone(),
            kind: seen.kind.word(),
            since: seen.since,
            seen_at: seen.seen_at,
            repos: seen.repos,
            is_caretaker: seen.is_caretaker,
            is_missed: missed.contains(&seen.holder.as_str()),
        };
        Some(presence.seen.iter().map(state).collect())
    }

    fn picture(&self) -> Snapshot {
        self.drawn(&self.status.snapshot())
    }

    fn drawn(&self, status: &gitratra_sync::Snapshot) -> Snapshot {
        let days_safe = |newest| status.now.map(|now| plan::days_safe(newest, now));
        let mut behind = 0;
        let mut next_loss_days = None;
        let mut repos = Vec::with_capacity(status.repos.len());
        for repo in &status.repos {
            let left = repo.newest().and_then(days_safe);
            let expected = status.now.map(plan::newest_publishable);
            // Yesterday is published within hours; the day before it should be there.
            let is_behind = repo.newest().map(|newest| newest.plus(1)) < expected;
            if !repo.is_gone {
                behind += u64::from(is_behind);
                next_loss_days = match (next_loss_days, left) {
                    (Some(least), Some(left)) => Some(u32::min(least, left)),
                    (known, left) => known.or(left),
                };
            }
            repos.push(RepoState {
                id: repo.id,
                name: repo.name.clone(),
                is_private: repo.is_private,
                days_safe: left.filter(|_| !repo.is_gone),
                newest_views: repo.views,
                newest_clones: repo.clones,
                is_behind,
                is_failing: repo.is_failing,
                is_gone: repo.is_gone,
            });
        }
        let count = |is_so: fn(&gitratra_sync::RepoStatus) -> bool| {
            status.repos.iter().filter(|repo| is_so(repo)).count() as u64
        };
        let is_failure = |word: &str| FailureKind::WORDS.contains(&word);
        let outcomes: Vec<(&'static str, u64)> = status.requests.outcomes().collect();
        let of = |wanted: bool| {
            let chosen = outcomes
                .iter()
                .filter(move |(word, _)| is_failure(word) == wanted);
            chosen.map(|(word, number)| ((*word).to_owned(), *number))
        };
        let failures = of(true).collect::<std::collections::BTreeMap<_, _>>();
        let mut requests: std::collections::BTreeMap<String, u64> = of(false).collect();
        requests.insert("failed".to_owned(), failures.values().sum());
        requests.insert("retried".to_owned(), status.requests.retried);
        let rates = status.credentials.iter().filter_map(|credential| {
            let rate = credential.rate?;
            Some(CredentialRate {
                label: credential.label.clone(),
                limit: rate.limit,
                remaining: rate.remaining,
                reset_at: rate.reset_at,
            })
        });
        Snapshot {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            rates: rates.collect(),
            shows_private: self.shows_private,
            is_part: false,
            requests,
            failures,
            last_pass_at: status.last_pass,
            last_stored_at: status.last_stored,
            tracked: status.repos.len() as u64 + status.unknown,
            behind,
            failing: count(|repo| repo.is_failing) + status.unknown,
            gone: count(|repo| repo.is_gone),
            next_loss_days,
            store_errors: status.store_errors,
            alarms_open: status.alarms,
            collectors: None,
            resident_bytes: resident_bytes(),
            replica: None,
            repos,
        }
    }
}

/// The memory that the program holds, where the system tells.
fn resident_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}
