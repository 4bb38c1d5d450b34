//! What was asked of the simulated GitHub: the last requests, and counts of all of them.
//!
//! Holds fingerprints of credentials, never the credentials.

use std::collections::{BTreeMap, HashSet, VecDeque};

use serde::Serialize;

use crate::clock::Time;
use crate::route::Endpoint;

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogEntry {
    /// The request method.
    pub method: String,
    /// Path and query; known tokens in it are replaced by `[token]`.
    pub target: String,
    /// What kind of address it is.
    pub endpoint: Endpoint,
    /// The repository it led to.
    pub repo_id: Option<u64>,
    /// Twelve letters that stand for the credential, `none` without one.
    pub credential: String,
    /// Whether the request named an `ETag`.
    pub if_none_match: bool,
    /// The status answered; 0 where the connection was cut without an answer.
    pub status: u16,
    /// Whether a planned fault decided the answer.
    pub is_fault: bool,
    /// The simulated time.
    pub at: Time,
}

/// Counts since the start, or since [`crate::Sim::clear_log`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Requests, those for control apart.
    pub total: u64,
    /// Requests by address.
    pub by_endpoint: BTreeMap<Endpoint, u64>,
    /// Answers by status; 0 stands for a cut connection.
    pub by_status: BTreeMap<u16, u64>,
    /// Answers 304.
    pub not_modified: u64,
    /// Most requests that one credential had under way at once.
    pub max_concurrent: u64,
    /// Most points that one credential spent in any 60 seconds, refused requests apart.
    pub peak_points: u64,
    /// Points that queries of GraphQL took of the hour.
    pub graphql_points: u64,
    /// Requests sent although the primary budget was used up.
    pub primary_violations: u64,
    /// Requests refused by a secondary limit: the one that broke it and those that followed.
    pub secondary_violations: u64,
    /// Requests with a credential that had been answered 401 before.
    pub after_401: u64,
    /// Requests that carried a known token in their address.
    pub tokens_in_addresses: u64,
    /// Tokens issued to installations of Apps.
    pub installation_tokens: u64,
    /// Answers that a planned fault decided.
    pub faults: u64,
    /// Bytes of huge bodies that were taken off our hands.
    pub huge_bytes: u64,
    /// Connections accepted.
    pub connections: u64,
}

impl Counters {
    /// How often an address was asked.
    pub fn of(&self, endpoint: Endpoint) -> u64 {
        self.by_endpoint.get(&endpoint).copied().unwrap_or(0)
    }

    /// Requests to the four traffic addresses.
    pub fn traffic(&self) -> u64 {
        Endpoint::TRAFFIC.iter().map(|each| self.of(*each)).sum()
    }

    /// How often a status was answered.
    pub fn status(&self, status: u16) -> u64 {
        self.by_status.get(&status).copied().unwrap_or(0)
    }
}

/// The last requests, bounded, and the counters.
#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) counters: Counters,
    entries: VecDeque<LogEntry>,
    /// Entries there were before the first that is kept.
    gone: u64,
    capacity: usize,
    /// Fingerprints that were answered 401.
    refused: HashSet<String>,
}

impl Log {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            counters: Counters::default(),
            entries: VecDeque::new(),
            gone: 0,
            capacity,
            refused: HashSet::new(),
        }
    }

    /// Whether entries are kept at all.
    pub(crate) fn keeps_entries(&self) -> bool {
        self.capacity > 0
    }

    pub(crate) fn arrive(&mut self, endpoint: Endpoint, credential: &str, in_flight: u64) {
        let counters = &mut self.counters;
        counters.total += 1;
        *counters.by_endpoint.entry(endpoint).or_default() += 1;
        counters.max_concurrent = counters.max_concurrent.max(in_flight);
        if !self.refused.is_empty() && self.refused.contains(credential) {
            counters.after_401 += 1;
        }
    }

    pub(crate) fn answered(&mut self, status: u16, credential: &str) {
        let counters = &mut self.counters;
        *counters.by_status.entry(status).or_default() += 1;
        match status {
            304 => counters.not_modified += 1,
            401 if credential != "none" => {
                self.refused.insert(credential.to_string());
            }
            _ => {}
        }
    }

    pub(crate) fn push(&mut self, entry: LogEntry) {
        if self.entries.len() >= self.capacity {
            self.entries.pop_front();
            self.gone += 1;
        }
        self.entries.push_back(entry);
    }

    pub(crate) fn entries(&self) -> Vec<LogEntry> {
        self.entries.iter().cloned().collect()
    }

    /// The entries from a number on, the first of all being 0; how many of them are gone; and the
    /// number of the next that comes.
    pub(crate) fn entries_from(&self, from: u64) -> (Vec<LogEntry>, u64, u64) {
        let kept = from.saturating_sub(self.gone);
        let kept = usize::try_from(kept).unwrap_or(usize::MAX);
        let entries = self.entries.iter().skip(kept).cloned().collect();
        let next = self.gone + self.entries.len() as u64;
        (entries, self.gone.saturating_sub(from), next)
    }

    pub(crate) fn clear(&mut self) {
        self.gone += self.entries.len() as u64;
        self.entries.clear();
        self.counters = Counters::default();
    }
}
