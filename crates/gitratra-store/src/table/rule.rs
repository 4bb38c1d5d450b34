//! What is tracked, as the user wrote it, and which repositories exact names have come to mean.

use futures_util::FutureExt;
use gitratra_core::{Pattern, RepoId, RepoName};

use crate::engine::Tx;
use crate::error::Fault;
use crate::history::adopt;
use crate::sql;
use crate::value::params;
use crate::{Store, StoreError};

impl Store {
    /// The rules in force. *Shape*: sorted by their text in lower case.
    pub async fn rules(&self) -> Result<Vec<Pattern>, StoreError> {
        self.read(|tx| {
            async move {
                let rows = tx.query(&sql::RULE_ALL, &[]).await?;
                rows.iter().map(|row| row.parsed(0)).collect()
            }
            .boxed()
        })
        .await
    }

    /// Adds rules and says which of them are new. Letter case does not make a rule another one.
    pub async fn add_rules(&self, patterns: &[Pattern]) -> Result<Vec<Pattern>, StoreError> {
        let patterns = patterns.to_vec();
        self.write(|tx| add(tx, patterns).boxed()).await
    }

    /// Removes rules, with what they are bound to, and says which of them were there.
    pub async fn remove_rules(&self, patterns: &[Pattern]) -> Result<Vec<Pattern>, StoreError> {
        let patterns = patterns.to_vec();
        self.write(|tx| remove(tx, patterns).boxed()).await
    }

    /// Which repositories the exact names among the rules have come to mean. *Shape*: sorted by
    /// name, then by number; a name may mean several.
    pub async fn bindings(&self) -> Result<Vec<(RepoName, RepoId)>, StoreError> {
        self.read(|tx| {
            async move {
                let rows = tx.query(&sql::RULE_BINDINGS, &[]).await?;
                let bindings = rows.iter().map(|row| Ok((row.parsed(0)?, row.repo(1)?)));
                bindings.collect()
            }
            .boxed()
        })
        .await
    }

    /// Remembers that an exact name means this repository, whatever it is called later.
    pub async fn bind(&self, name: &RepoName, repo: RepoId) -> Result<(), StoreError> {
        let (key, named) = (name.key(), vec![(name.clone(), repo)]);
        self.write(move |tx| {
            async move {
                let waiting = adopt::waiting(tx, named).await?;
                tx.execute(&sql::RULE_BIND, &params![key, repo]).await?;
                waiting.take_over(tx).await
            }
            .boxed()
        })
        .await
    }

    /// Forgets that an exact name means this repository.
    pub async fn unbind(&self, name: &RepoName, repo: RepoId) -> Result<(), StoreError> {
        let key = name.key();
        self.write(move |tx| {
            async move {
                tx.execute(&sql::RULE_UNBIND, &params![key, repo]).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }
}

/// The form by which rules are told apart.
fn key(pattern: &Pattern) -> String {
    pattern.to_string().to_ascii_lowercase()
}

async fn add(tx: &mut Tx<'_>, patterns: Vec<Pattern>) -> Result<Vec<Pattern>, Fault> {
    let patterns = in_one_order(patterns);
    let sets: Vec<_> = patterns
        .iter()
        .map(|(key, _, pattern)| params![key.as_str(), pattern.to_string()])
        .collect();
    let added = tx.execute_each(&sql::RULE_ADD, &sets).await?;
    Ok(changed(patterns, &added))
}

async fn remove(tx: &mut Tx<'_>, patterns: Vec<Pattern>) -> Result<Vec<Pattern>, Fault> {
    let patterns = in_one_order(patterns);
    let sets: Vec<_> = patterns
        .iter()
        .map(|(key, ..)| params![key.as_str()])
        .collect();
    let removed = tx.execute_each(&sql::RULE_REMOVE, &sets).await?;
    tx.execute_each(&sql::RULE_UNBIND_ALL, &sets).await?;
    Ok(changed(patterns, &removed))
}

/// A rule with its key before it, and its place in what the caller gave.
type Placed = (String, usize, Pattern);

/// Sorts rules by key, so that two who write the same do not each wait for the other.
fn in_one_order(patterns: Vec<Pattern>) -> Vec<Placed> {
    let patterns = patterns.into_iter().enumerate();
    let mut placed: Vec<Placed> = patterns
        .map(|(at, pattern)| (key(&pattern), at, pattern))
        .collect();
    placed.sort_by(|one, other| (&one.0, one.1).cmp(&(&other.0, other.1)));
    placed
}

/// Those whose row was changed, in the order in which the caller gave them.
fn changed(patterns: Vec<Placed>, rows: &[u64]) -> Vec<Pattern> {
    let pairs = patterns.into_iter().zip(rows);
    let mut changed: Vec<_> = pairs
        .filter(|(_, rows)| **rows > 0)
        .map(|((_, at, pattern), _)| (at, pattern))
        .collect();
    changed.sort_by_key(|(at, _)| *at);
    changed.into_iter().map(|(_, pattern)| pattern).collect()
}
