//! Histories of another store or of an archive on their way into the store, some at a time, and
//! what a person is told of it.

use anyhow::Result;
use gitratra_core::history::{Gained, History, House};
use gitratra_store::Store;
use serde::Serialize;

use crate::output::Voice;

/// So many days of history are held at most before they are written; a single repository may have
/// more.
const DAYS_AT_ONCE: usize = 20_000;

/// Takes histories in.
pub(super) struct Joining<'s> {
    store: &'s Store,
    is_dry_run: bool,
    waiting: Vec<History>,
    days_waiting: usize,
    joined: Joined,
}

/// What came.
#[derive(Debug, Default)]
pub(crate) struct Joined {
    pub(super) is_dry_run: bool,
    /// Repositories that were told of.
    pub(super) repositories: u64,
    pub(super) gained: Gained,
    /// Rules, groups and suspicions that are new.
    pub(super) house: u64,
    /// What came of each repository of which anything did.
    pub(super) repos: Vec<(String, Gained)>,
}

impl<'s> Joining<'s> {
    pub(super) fn new(store: &'s Store, is_dry_run: bool) -> Self {
        Self {
            store,
            is_dry_run,
            waiting: Vec::new(),
            days_waiting: 0,
            joined: Joined {
                is_dry_run,
                ..Joined::default()
            },
        }
    }

    /// Takes one in. What was taken before may be written by that.
    pub(super) async fn take(&mut self, history: History) -> Result<()> {
        self.joined.repositories += 1;
        let held = self.store.history(history.repo).await?;
        let mut after = held.clone().unwrap_or_else(|| History::new(history.repo));
        after.join(&history);
        let gained = Gained::between(held.as_ref(), &after);
        if gained != Gained::default() {
            let name = after.name().or(history.name());
            let name = name.map_or_else(|| history.repo.to_string(), ToString::to_string);
            self.joined.repos.push((name, gained));
            self.joined.gained += gained;
            if !self.is_dry_run {
                self.days_waiting += history.days.len();
                self.waiting.push(history);
            }
        }
        if self.days_waiting > DAYS_AT_ONCE || self.waiting.len() >= 100 {
            self.write().await?;
        }
        Ok(())
    }

    /// Takes in what belongs to no repository, and writes what is left.
    pub(super) async fn end(mut self, house: House) -> Result<Joined> {
        self.write().await?;
        if self.is_dry_run {
            let before = self.store.house().await?;
            let mut after = before.clone();
            after.join(&house);
            self.joined.house = after.beyond(&before);
        } else {
            self.joined.house = self.store.absorb_house(house).await?;
        }
        Ok(self.joined)
    }

    async fn write(&mut self) -> Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        self.days_waiting = 0;
        if !waiting.is_empty() {
            self.store.absorb(waiting).await?;
        }
        Ok(())
    }
}

#[derive(Serialize)]
struct Account<'a> {
    dry_run: bool,
    repositories: u64,
    new_repositories: u64,
    changed_repositories: u64,
    new_days: u64,
    raised_days: u64,
    lists: u64,
    counter_days: u64,
    download_days: u64,
    notes: u64,
    rules_and_groups: u64,
    repos: Vec<OneRepo<'a>>,
}

#[derive(Serialize)]
struct OneRepo<'a> {
    repo: &'a str,
    is_new: bool,
    new_days: u64,
    raised_days: u64,
}

impl Joined {
    /// Says what came: a line for each repository that changed, then the sum.
    pub(crate) fn tell(&self, is_json: bool, voice: Voice) -> Result<()> {
        let gained = self.gained;
        if is_json {
            let repos = self.repos.iter().map(|(repo, gained)| OneRepo {
                repo,
                is_new: gained.repositories > 0,
                new_days: gained.new_days,
                raised_days: gained.raised,
            });
            return voice.json(&Account {
                dry_run: self.is_dry_run,
                repositories: self.repositories,
                new_repositories: gained.repositories,
                changed_repositories: gained.changed,
                new_days: gained.new_days,
                raised_days: gained.raised,
                lists: gained.lists,
                counter_days: gained.counters,
                download_days: gained.downloads,
                notes: gained.notes,
                rules_and_groups: self.house,
                repos: repos.collect(),
            });
        }
        let mut text = String::new();
        for (repo, gained) in &self.repos {
            text.push_str(&format!("{repo}: {}\n", words(gained)));
        }
        voice.data(&text)?;
        let verb = if self.is_dry_run {
            "would come"
        } else {
            "came"
        };
        if self.repos.is_empty() && self.house == 0 {
            voice.say("nothing new: all of it was here already");
            return Ok(());
        }
        let of = match self.repositories {
            1 => "1 repository".to_owned(),
            several => format!("{several} repositories"),
        };
        let mut line = format!(
            "{verb} from {of}: {} changed, {} new; {}",
            gained.changed,
            gained.repositories,
            words(&gained)
        );
        if self.house > 0 {
            line.push_str(&format!("; {} rules, groups and suspicions", self.house));
        }
        voice.say(&line);
        Ok(())
    }
}

fn words(gained: &Gained) -> String {
    let mut parts = vec![
        format!("{} new days", gained.new_days),
        format!("{} raised", gained.raised),
    ];
    let rest = [
        (gained.lists, "lists of referrers and paths"),
        (gained.counters, "days of counters"),
        (gained.downloads, "days of downloads"),
        (gained.notes, "notes"),
    ];
    let some = rest.into_iter().filter(|(number, _)| *number > 0);
    parts.extend(some.map(|(number, what)| format!("{number} {what}")));
    parts.join(", ")
}
