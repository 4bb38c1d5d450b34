//! Which collectors were seen lately, for people who wonder how many there are, and what each of them
//! says of its credentials, for the one of them that tells of trouble.

use std::time::Duration;

use futures_util::FutureExt;
use gitratra_core::Timestamp;

use crate::error::Fault;
use crate::sql;
use crate::table::lease::{StoreClock, millis};
use crate::value::{Row, params};
use crate::{Store, StoreError};

/// Who was not seen for so long is forgotten, in milliseconds.
const FORGOTTEN: i64 = 24 * 60 * 60 * 1000;

/// What asks GitHub and keeps what it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CollectorKind {
    /// It goes on for years, and is missed where it is not seen.
    Serve,
    /// It makes one pass.
    Sync,
}

impl CollectorKind {
    /// `serve` or `sync`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Serve => "serve",
            Self::Sync => "sync",
        }
    }
}

/// A collector that was seen. Times are those of whoever keeps the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What it calls itself in leases.
    pub holder: String,
    /// The machine on which it runs.
    pub host: String,
    /// What it is.
    pub kind: CollectorKind,
    /// When it began.
    pub since: Timestamp,
    /// When it was last seen.
    pub seen_at: Timestamp,
    /// Repositories that it is asking about, or is about to.
    pub repos: u64,
    /// Whether it looks after the fleet.
    pub is_caretaker: bool,
}

/// Those that were seen, and when that was looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// In the order in which they began.
    pub seen: Vec<Seen>,
    /// The time by the same clock as theirs.
    pub at: Timestamp,
}

impl Presence {
    /// A collector that goes on comes back within this, also while it waits for something: it is
    /// missed after that.
    pub const MISSED_AFTER: Duration = Duration::from_mins(30);

    /// Those that are at work.
    pub fn present(&self) -> impl Iterator<Item = &Seen> {
        self.seen.iter().filter(|seen| self.is_fresh(seen))
    }

    /// Those that should be at work and were not seen for long. One that was started anew on its
    /// machine is replaced and not missed.
    pub fn missed(&self) -> impl Iterator<Item = &Seen> {
        self.seen.iter().filter(|seen| {
            let mut others = self.seen.iter().filter(|other| other.holder != seen.holder);
            let is_replaced = others.any(|other| {
                other.kind == seen.kind && other.host == seen.host && other.since >= seen.seen_at
            });
            let goes_on = seen.kind == CollectorKind::Serve;
            goes_on && !is_replaced && !self.is_fresh(seen)
        })
    }

    fn is_fresh(&self, seen: &Seen) -> bool {
        let age = self.at.as_second().saturating_sub(seen.seen_at.as_second());
        age < Self::MISSED_AFTER.as_secs().cast_signed()
    }
}

/// How GitHub takes a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialNote {
    /// Its fingerprint.
    pub credential: String,
    /// What the operator calls it; never the secret.
    pub label: String,
    /// Why GitHub does not take it, and what to do; nothing where it does.
    pub refused: Option<String>,
}

/// What another collector says of a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialElsewhere {
    /// Who says so.
    pub holder: String,
    /// The machine on which that one runs, or ran.
    pub host: String,
    /// What it says.
    pub note: CredentialNote,
}

impl Store {
    /// Notes that a collector is at work.
    pub async fn note_collector(
        &self,
        holder: &str,
        host: &str,
        kind: CollectorKind,
        clock: StoreClock,
    ) -> Result<(), StoreError> {
        let (holder, host) = (holder.to_owned(), host.to_owned());
        self.write(move |tx| {
            async move {
                let now = clock.read(tx).await?;
                let row = params![holder, host, kind.word(), now.div_euclid(1000)];
                tx.execute(&sql::COLLECTOR_BEAT, &row).await?;
                let forgotten = now.saturating_sub(FORGOTTEN).div_euclid(1000);
                tx.execute(&sql::COLLECTOR_SWEEP, &params![forgotten])
                    .await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// Notes how GitHub takes the credentials of a collector, in the place of what it said before.
    pub async fn note_credentials(
        &self,
        holder: &str,
        host: &str,
        notes: &[CredentialNote],
        clock: StoreClock,
    ) -> Result<(), StoreError> {
        let (holder, host, notes) = (holder.to_owned(), host.to_owned(), notes.to_vec());
        self.write(move |tx| {
            async move {
                let now = clock.read(tx).await?;
                let at = now.div_euclid(1000);
                let forgotten = now.saturating_sub(FORGOTTEN).div_euclid(1000);
                let missed = now.saturating_sub(millis(Presence::MISSED_AFTER));
                let missed = missed.div_euclid(1000);
                tx.execute(&sql::COLLECTOR_CREDENTIAL_REMOVE, &params![holder.as_str()])
                    .await?;
                let replaced = notes.iter().map(|note| {
                    let label = note.label.as_str();
                    params![forgotten, host.as_str(), label, holder.as_str(), missed]
                });
                let replaced: Vec<_> = replaced.collect();
                tx.execute_each(&sql::COLLECTOR_CREDENTIAL_SWEEP, &replaced)
                    .await?;
                let rows = notes.iter().map(|note| {
                    params![
                        holder.as_str(),
                        note.credential.as_str(),
                        host.as_str(),
                        note.label.as_str(),
                        note.refused.as_deref(),
                        at
                    ]
                });
                let rows: Vec<_> = rows.collect();
                tx.execute_each(&sql::COLLECTOR_CREDENTIAL_ADD, &rows)
                    .await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// What other collectors said of their credentials within a day, those included that were killed
    /// or could not go on. *Shape*: the newest word first.
    pub async fn credentials_of_others(
        &self,
        holder: &str,
        clock: StoreClock,
    ) -> Result<Vec<CredentialElsewhere>, StoreError> {
        let holder = holder.to_owned();
        self.read(move |tx| {
            async move {
                let now = clock.read(tx).await?;
                let since = now.saturating_sub(FORGOTTEN).div_euclid(1000);
                let question = params![holder, since];
                let rows = tx
                    .query(&sql::COLLECTOR_CREDENTIAL_OF_OTHERS, &question)
                    .await?;
                rows.iter().map(elsewhere).collect()
            }
            .boxed()
        })
        .await
    }

    /// Notes that a collector does not go on. What it said of its credentials stays where GitHub
    /// refuses one of them, since somebody has to mend that.
    pub async fn forget_collector(
        &self,
        holder: &str,
        keeps_credentials: bool,
    ) -> Result<(), StoreError> {
        let holder = holder.to_owned();
        self.write(move |tx| {
            async move {
                let of = params![holder];
                tx.execute(&sql::COLLECTOR_REMOVE, &of).await?;
                if !keeps_credentials {
                    tx.execute(&sql::COLLECTOR_CREDENTIAL_REMOVE, &of).await?;
                }
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// The collectors that were seen within a day and have not ended.
    pub async fn collectors(&self, clock: StoreClock) -> Result<Presence, StoreError> {
        self.read(move |tx| {
            async move {
                let now = clock.read(tx).await?;
                let since = now.saturating_sub(FORGOTTEN).div_euclid(1000);
                let question = params![since, now];
                let rows = tx.query(&sql::COLLECTOR_SEEN_SINCE, &question).await?;
                let at = Timestamp::from_millisecond(now).ok();
                let at = at.ok_or_else(|| Fault::corrupt("the clock of the store".into()))?;
                Ok(Presence {
                    seen: rows.iter().map(seen).collect::<Result<_, _>>()?,
                    at,
                })
            }
            .boxed()
        })
        .await
    }

    /// Who holds a lease now, and the machine of that one, where it is known.
    pub async fn lease_holder(
        &self,
        key: &str,
        clock: StoreClock,
    ) -> Result<Option<(String, Option<String>)>, StoreError> {
        let key = key.to_owned();
        self.read(move |tx| {
            async move {
                let now = clock.read(tx).await?;
                let rows = tx.query(&sql::LEASE_HOLDER, &params![key, now]).await?;
                let holder = rows.first().map(|row| {
                    let host = row.opt_text(1)?.map(str::to_owned);
                    Ok((row.text(0)?.to_owned(), host))
                });
                holder.transpose()
            }
            .boxed()
        })
        .await
    }
}

fn seen(row: &Row) -> Result<Seen, Fault> {
    Ok(Seen {
        holder: row.text(0)?.to_owned(),
        host: row.text(1)?.to_owned(),
        kind: match row.text(2)? {
            "sync" => CollectorKind::Sync,
            _ => CollectorKind::Serve,
        },
        since: row.time(3)?,
        seen_at: row.time(4)?,
        repos: row.whole(5)?,
        is_caretaker: row.int(6)? > 0,
    })
}

fn elsewhere(row: &Row) -> Result<CredentialElsewhere, Fault> {
    Ok(CredentialElsewhere {
        holder: row.text(0)?.to_owned(),
        host: row.text(2)?.to_owned(),
        note: CredentialNote {
            credential: row.text(1)?.to_owned(),
            label: row.text(3)?.to_owned(),
            refused: row.opt_text(4)?.map(str::to_owned),
        },
    })
}
