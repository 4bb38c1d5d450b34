//! What GitHub counts of a repository besides its traffic, and what a repository says of itself.

use serde::{Deserialize, Serialize};

use crate::clock::{Day, Time};
use crate::counter::Counter;
use crate::noise::Noise;
use crate::stars::Stars;

/// What is counted of a repository at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Numbers {
    /// Stars that still exist.
    pub stars: u64,
    /// Forks.
    pub forks: u64,
    /// People who watch it, `subscribers_count` in GitHub's words.
    pub watchers: u64,
    /// Open issues, pull requests apart.
    pub issues: u64,
    /// Open pull requests.
    pub pulls: u64,
}

/// The numbers that a test can set; stars have a history of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Number {
    /// Forks.
    Forks,
    /// People who watch it.
    Watchers,
    /// Open issues, pull requests apart.
    Issues,
    /// Open pull requests.
    Pulls,
}

/// What a repository says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// A sentence.
    pub description: Option<String>,
    /// The language most of it is written in.
    pub language: Option<String>,
    /// The SPDX identifier of its licence.
    pub license: Option<String>,
    /// In lower case, in order.
    pub topics: Vec<String>,
    /// Kibibytes on GitHub's disks.
    pub size_kib: u64,
}

/// How all numbers of a repository move.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) stars: Stars,
    counters: [Counter; 4],
}

impl Counted {
    /// Numbers that fit to the stars that a repository has when it comes into the world.
    pub(crate) fn new(repo_id: u64, stars: Stars, first_stars: u64, now: Time) -> Self {
        let open = first_stars / 11;
        let first = [
            first_stars / 7,
            1 + first_stars / 20,
            open - open / 3,
            open / 3,
        ];
        let mut key = repo_id.wrapping_mul(4);
        let counters = first.map(|base| {
            key = key.wrapping_add(1);
            Counter::new(key, base, now.day())
        });
        Self { stars, counters }
    }

    pub(crate) fn at(&self, noise: Noise, at: Time) -> Numbers {
        let [forks, watchers, issues, pulls] = &self.counters;
        let on = |counter: &Counter| counter.on(noise, at.day());
        Numbers {
            stars: self.stars.count(noise, at),
            forks: on(forks),
            watchers: on(watchers),
            issues: on(issues),
            pulls: on(pulls),
        }
    }

    /// From `day` on a number is `value`.
    pub(crate) fn choose(&mut self, number: Number, day: Day, value: u64) {
        self.counters[number as usize].choose(day, value);
    }
}
