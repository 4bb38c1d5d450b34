//! Which troubles there are, and what must be told of them to whom.
//!
//! One message tells that a trouble began and one that it is over; in between there is silence,
//! and what could not be delivered is tried again. This module only decides: what is open comes in
//! as plain data ([`Opened`]) and goes out changed, for a store to keep. The words of the messages
//! are in `words`, what is a trouble in `trouble`.

mod trouble;
mod words;

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use self::trouble::{Known, is_unsure, troubles};
use crate::plan::Outage;
use crate::{Day, RepoId, RepoName};

/// The largest useful [`Bounds::days_left`]: a healthy repository has 13 days left in the morning,
/// before the newest day is read.
pub const MOST_DAYS_LEFT: u32 = 12;
/// How long a message that could not be delivered waits: at first, and at most.
const WAITS: (SignedDuration, SignedDuration) =
    (SignedDuration::from_mins(1), SignedDuration::from_hours(1));

/// From when on something is a trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// A repository with fewer days left than this; at most [`MOST_DAYS_LEFT`] counts.
    pub days_left: u32,
    /// The same while GitHub publishes nothing for most of the fleet.
    pub days_left_in_outage: u32,
    /// Nothing stored for so long.
    pub quiet: SignedDuration,
}

impl Default for Bounds {
    /// 7 days, 4 days, 24 hours.
    fn default() -> Self {
        Self {
            days_left: 7,
            days_left_in_outage: 4,
            quiet: SignedDuration::from_hours(24),
        }
    }
}

/// Up to where a repository was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Never, though tracked since then.
    Never {
        /// When it was first tracked.
        since: Timestamp,
    },
    /// It answered, but GitHub has not published any day of it.
    Empty,
    /// The newest day of which views and clones are held.
    To(Day),
}

/// A tracked repository that is not gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// GitHub's number.
    pub id: RepoId,
    /// Its present name.
    pub name: RepoName,
    /// Whether it is private.
    pub is_private: bool,
    /// Up to where it was read.
    pub reach: Reach,
}

/// A credential that GitHub takes no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// What the operator calls it; never the secret.
    pub label: String,
    /// Why, and what to do. It names no repository.
    pub why: String,
}

/// What is so now. Judge after a pass: what a pass is about to bring is no trouble yet.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// GitHub's time.
    pub now: Timestamp,
    /// When this stretch of collecting began: the start of the program, or the end of a long sleep
    /// of the machine.
    pub collecting_since: Timestamp,
    /// Whether a whole pass was made since then. Before, nothing is known of credentials and
    /// outages, so that nothing is told to be over.
    pub has_passed: bool,
    /// Every tracked repository that is not gone, in any order.
    pub repos: &'a [Watched],
    /// The credentials that stopped.
    pub stopped: &'a [Stopped],
    /// When anything was last stored.
    pub last_stored_at: Option<Timestamp>,
    /// What [`crate::plan::outage`] says.
    pub outage: Option<Outage>,
    /// How the copies are that are made of the store.
    pub copies: &'a Copies,
    /// The same of the warehouse that is filled out of it.
    pub warehouse: &'a Copies,
}

/// How the copies are that the collector has made of the store by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Copies {
    /// None are to be made.
    #[default]
    None,
    /// None was made yet since the program began, and none failed.
    Unknown,
    /// The last one was made and looked at.
    Good,
    /// The last one failed.
    Failing {
        /// Why, and what to do. It names no repository that is private.
        why: String,
        /// When the last good one was made, as far as that is known.
        last_good_at: Option<Timestamp>,
    },
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A repository will lose a day soon.
    DaysLeft {
        /// The repository.
        repo: Watched,
        /// Days left, today included; 0 where a day is lost today.
        days_safe: u32,
        /// When the next day is lost.
        next_day_lost_on: Day,
    },
    /// GitHub takes a credential no more.
    CredentialStopped {
        /// What the operator calls it.
        label: String,
        /// Why.
        why: String,
    },
    /// Nothing was stored for long although something is tracked.
    NothingStored {
        /// Since when.
        since: Timestamp,
    },
    /// GitHub publishes nothing for most of the fleet.
    Outage {
        /// The newest day it published.
        newest_day: Day,
        /// Repositories that are behind.
        behind: usize,
        /// Repositories that answer.
        of: usize,
    },
    /// The copies that are to be made of the store fail.
    CopiesFail {
        /// Why.
        why: String,
        /// When the last good one was made.
        last_good_at: Option<Timestamp>,
    },
    /// The warehouse is not brought up to date.
    WarehouseFails {
        /// Why.
        why: String,
        /// When it last was.
        last_good_at: Option<Timestamp>,
    },
}

/// The kinds without what they say, and the first part of every key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Stem {
    DaysLeft,
    CredentialStopped,
    NothingStored,
    Outage,
    CopiesFail,
    WarehouseFails,
}

impl Stem {
    const ALL: [Self; 6] = [
        Self::CredentialStopped,
        Self::Outage,
        Self::NothingStored,
        Self::CopiesFail,
        Self::WarehouseFails,
        Self::DaysLeft,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::DaysLeft => "days-left",
            Self::CredentialStopped => "credential-stopped",
            Self::NothingStored => "nothing-stored",
            Self::Outage => "outage",
            Self::CopiesFail => "copies-fail",
            Self::WarehouseFails => "warehouse-fails",
        }
    }

    fn of(key: &str) -> Option<Self> {
        let first = key.split_once('/').map_or(key, |(first, _)| first);
        Self::ALL.into_iter().find(|stem| stem.as_str() == first)
    }
}

/// A trouble that is so now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// The same for as long as the trouble lasts: `days-left/123`, `credential-stopped/LABEL`,
    /// `nothing-stored`, `outage`, `copies-fail`, `warehouse-fails`.
    pub key: String,
    /// What is wrong.
    pub kind: Kind,
    /// Since when it is known.
    pub since: Timestamp,
}

/// One trouble and what one channel was told of it, as a store keeps it.
///
/// *Shape*: one row for each `key` and `channel`, while the trouble lasts or its end is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// [`Alarm::key`].
    pub key: String,
    /// The name of the channel.
    pub channel: String,
    /// Since when the trouble is known.
    pub since: Timestamp,
    /// What it is about, as far as the channel may hear it: a repository's name, a credential's
    /// label, a day; empty where there is nothing to name or it must not be named.
    pub subject: String,
    /// Whether the channel was told that it began.
    pub is_told: bool,
    /// How often the present message was tried in vain.
    pub tries: u32,
    /// When that was last.
    pub tried_at: Option<Timestamp>,
    /// Whether it is over, which the channel is still to be told.
    pub is_over: bool,
}

impl Opened {
    fn begin(alarm: &Alarm, receiver: &Receiver) -> Self {
        Self {
            key: alarm.key.clone(),
            channel: receiver.channel.clone(),
            since: alarm.since,
            subject: words::subject_of(&alarm.kind, receiver.names),
            is_told: false,
            tries: 0,
            tried_at: None,
            is_over: false,
        }
    }

    fn turn(&mut self, is_over: bool) {
        self.is_over = is_over;
        self.tries = 0;
        self.tried_at = None;
    }

    fn is_pending(&self) -> bool {
        self.is_over || !self.is_told
    }

    fn event(&self) -> Event {
        if self.is_over {
            Event::Over
        } else {
            Event::Raised
        }
    }

    /// When its message is to be tried next. A try in the future came from a clock that was wrong.
    fn due_at(&self, now: Timestamp) -> Timestamp {
        let (first, most) = WAITS;
        match self.tried_at {
            Some(tried_at) if self.tries > 0 && tried_at <= now => {
                let doubled = first * (1 << (self.tries - 1).min(10));
                tried_at
                    .checked_add(doubled.min(most))
                    .unwrap_or(Timestamp::MAX)
            }
            _ => now,
        }
    }
}

/// Which repositories a channel may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Names {
    /// All of them: whoever reads it is the operator.
    #[default]
    All,
    /// Public ones; private ones are counted and not named.
    Public,
}

/// A channel that messages go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receiver {
    /// Its name, by which the store knows it.
    pub channel: String,
    /// What it may hear.
    pub names: Names,
}

/// What a message tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// A trouble began.
    Raised,
    /// A trouble is over.
    Over,
}

impl Event {
    /// `raised` or `over`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Over => "over",
        }
    }
}

/// What to send through one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The name of the channel.
    pub channel: String,
    /// Whether it began or is over.
    pub event: Event,
    /// The key of the one trouble it tells of, or the first part of it for several of one kind.
    pub key: String,
    /// The keys of all of them.
    pub keys: Vec<String>,
    /// One line without control characters.
    pub subject: String,
    /// What happened, what will be lost and when, what to do. Lines end with `\n`.
    pub text: String,
    /// The repositories it names, 20 at most.
    pub repositories: Vec<String>,
    /// How many more it counts.
    pub more: u64,
    /// GitHub's time when it was written.
    pub at: Timestamp,
}

/// What a look at the situation says to do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Review {
    /// The troubles that are so now.
    pub alarms: Vec<Alarm>,
    /// All that is open after this, changed or not.
    pub opened: Vec<Opened>,
    /// Those of them that are new or changed: to be kept before anything is sent.
    pub changed: Vec<Opened>,
    /// What is open no more and needs no message: to be forgotten.
    pub dropped: Vec<Opened>,
    /// What to send now; tell [`settle`] of each how that went.
    pub messages: Vec<Message>,
    /// When the next message that could not be delivered is due again.
    pub next_at: Option<Timestamp>,
}

impl Review {
    /// How many troubles there are, whoever was told.
    #[must_use]
    pub fn open(&self) -> usize {
        let alarms = self.alarms.iter().map(|alarm| &alarm.key);
        let opened = self.opened.iter().filter(|row| !row.is_over);
        let keys: HashSet<_> = alarms.chain(opened.map(|row| &row.key)).collect();
        keys.len()
    }
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settled {
    /// Rows that changed: to be kept.
    pub changed: Vec<Opened>,
    /// Rows that are done with: to be forgotten.
    pub dropped: Vec<Opened>,
}

/// Looks at what is so and says what is open, and what to tell whom.
///
/// `opened` is what a store kept of earlier reviews, in any order. A trouble that is over before
/// anybody was told is forgotten silently; one that returns before its end could be told goes on as
/// if it had never ended. Channels that are not among `receivers` are forgotten.
#[must_use]
pub fn review(
    opened: &[Opened],
    situation: &Situation<'_>,
    bounds: &Bounds,
    receivers: &[Receiver],
) -> Review {
    let known = Known::new(opened);
    let alarms = troubles(&known, situation, bounds);
    let by_key: HashMap<&str, &Alarm> = alarms
        .iter()
        .map(|alarm| (alarm.key.as_str(), alarm))
        .collect();
    let mut found = Review::default();
    for receiver in receivers {
        let rows: Vec<&Opened> = opened
            .iter()
            .filter(|row| row.channel == receiver.channel)
            .collect();
        let told: HashSet<&str> = rows.iter().map(|row| row.key.as_str()).collect();
        for row in rows {
            let is_so = by_key.contains_key(row.key.as_str()) || is_unsure(row, situation);
            if is_so == row.is_over {
                if is_so || row.is_told {
                    let mut row = row.clone();
                    row.turn(!is_so);
                    found.changed.push(row.clone());
                    found.opened.push(row);
                } else {
                    found.dropped.push(row.clone());
                }
            } else {
                found.opened.push(row.clone());
            }
        }
        for alarm in alarms.iter().filter(|a| !told.contains(a.key.as_str())) {
            let row = Opened::begin(alarm, receiver);
            found.changed.push(row.clone());
            found.opened.push(row);
        }
    }
    let channels: HashSet<&str> = receivers.iter().map(|r| r.channel.as_str()).collect();
    let strange = |row: &&Opened| !channels.contains(row.channel.as_str());
    found.dropped.extend(opened.iter().filter(strange).cloned());
    for receiver in receivers {
        write(&mut found, &by_key, situation, receiver);
    }
    found.alarms = alarms;
    found
}

/// Says what to keep after a message was sent, or could not be.
#[must_use]
pub fn settle(opened: &[Opened], message: &Message, is_delivered: bool, now: Timestamp) -> Settled {
    let keys: HashSet<&str> = message.keys.iter().map(String::as_str).collect();
    let mut settled = Settled::default();
    for row in opened {
        let is_meant = row.channel == message.channel
            && keys.contains(row.key.as_str())
            && row.event() == message.event;
        if !is_meant {
            continue;
        }
        let mut row = row.clone();
        if !is_delivered {
            row.tries = row.tries.saturating_add(1);
            row.tried_at = Some(now);
        } else if row.is_over {
            settled.dropped.push(row);
            continue;
        } else {
            row.is_told = true;
            row.turn(false);
        }
        settled.changed.push(row);
    }
    settled
}

/// Writes the messages that one channel is due. If any of a kind is due, all that wait are in it.
fn write(
    review: &mut Review,
    alarms: &HashMap<&str, &Alarm>,
    situation: &Situation<'_>,
    receiver: &Receiver,
) {
    for event in [Event::Raised, Event::Over] {
        for stem in Stem::ALL {
            let rows: Vec<&Opened> = review
                .opened
                .iter()
                .filter(|row| {
                    row.channel == receiver.channel
                        && row.is_pending()
                        && row.event() == event
                        && Stem::of(&row.key) == Some(stem)
                        && (event == Event::Over || alarms.contains_key(row.key.as_str()))
                })
                .collect();
            let due_at = rows.iter().map(|row| row.due_at(situation.now)).min();
            let Some(due_at) = due_at else { continue };
            if due_at > situation.now {
                review.next_at = Some(review.next_at.map_or(due_at, |next| next.min(due_at)));
                continue;
            }
            let words = match event {
                Event::Raised => {
                    let kinds = rows.iter().map(|row| &alarms[row.key.as_str()].kind);
                    words::raised(&kinds.collect::<Vec<_>>(), receiver.names, situation)
                }
                Event::Over => words::over(stem, &rows, receiver.names, situation),
            };
            let keys: Vec<String> = rows.iter().map(|row| row.key.clone()).collect();
            let key = match keys.as_slice() {
                [only] => only.clone(),
                _ => stem.as_str().to_owned(),
            };
            review.messages.push(Message {
                channel: receiver.channel.clone(),
                event,
                key,
                keys,
                subject: words.subject,
                text: words.text,
                repositories: words.repositories,
                more: words.more,
                at: situation.now,
            });
        }
    }
}

#[cfg(test)]
mod tests;
