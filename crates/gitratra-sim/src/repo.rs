//! One repository: what a test says of it, and what the simulated GitHub keeps of it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;

use serde::{Deserialize, Serialize};

use crate::clock::{DAY_SECS, Day, Time};
use crate::daily::Daily;
use crate::noise::{Noise, Topic};
use crate::numbers::{About, Counted};
use crate::release::{ReleaseSpec, Releases};
use crate::stars::Stars;
use crate::truth::{Character, DayCounts, Metric};

/// A repository by its id or by any of its names, present or former.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RepoRef {
    /// The number that never changes.
    Id(u64),
    /// `owner/name`, in any spelling of case.
    Name(String),
}

impl fmt::Display for RepoRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "{id}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl From<u64> for RepoRef {
    fn from(id: u64) -> Self {
        Self::Id(id)
    }
}

impl From<&str> for RepoRef {
    /// A text of digits alone is an id.
    fn from(text: &str) -> Self {
        text.parse()
            .map_or_else(|_| Self::Name(text.into()), Self::Id)
    }
}

/// A repository as a test describes it; what is left out is drawn from the seed.
#[derive(Clone, Debug)]
pub struct RepoSpec {
    pub(crate) full_name: String,
    pub(crate) id: Option<u64>,
    pub(crate) private: bool,
    pub(crate) fork: bool,
    pub(crate) archived: bool,
    pub(crate) disabled: bool,
    pub(crate) blocked: Option<String>,
    pub(crate) created: Option<Time>,
    pub(crate) stars: Option<u64>,
    pub(crate) stars_per_day: Option<f64>,
    pub(crate) mean_views: Option<f64>,
    pub(crate) about: About,
    pub(crate) tags: Vec<Tag>,
    pub(crate) releases: Vec<ReleaseSpec>,
    pub(crate) runs: Option<Daily>,
    pub(crate) clones_per_run: u64,
}

/// A tag of a commit.
#[derive(Clone, Debug)]
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) committed: Time,
    /// When an annotated tag was made; `None` for a plain one.
    pub(crate) tagged: Option<Time>,
}

impl Tag {
    fn is_there(&self, at: Time) -> bool {
        self.tagged.unwrap_or(self.committed) <= at
    }
}

impl RepoSpec {
    /// A public repository `owner/name`.
    pub fn new(full_name: impl Into<String>) -> Self {
        Self {
            full_name: full_name.into(),
            id: None,
            private: false,
            fork: false,
            archived: false,
            disabled: false,
            blocked: None,
            created: None,
            stars: None,
            stars_per_day: None,
            mean_views: None,
            about: About {
                description: None,
                language: Some("Rust".into()),
                license: None,
                topics: Vec::new(),
                size_kib: 0,
            },
            tags: Vec::new(),
            releases: Vec::new(),
            runs: None,
            clones_per_run: 0,
        }
    }

    /// With this id instead of the next free one.
    #[must_use]
    pub fn id(mut self, id: u64) -> Self {
        self.id = Some(id);
        self
    }

    /// Private: only tokens that were told of it see it.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.private = true;
        self
    }

    /// A fork of something.
    #[must_use]
    pub fn fork(mut self) -> Self {
        self.fork = true;
        self
    }

    /// Archived: readable as ever.
    #[must_use]
    pub fn archived(mut self) -> Self {
        self.archived = true;
        self
    }

    /// Disabled.
    #[must_use]
    pub fn disabled(mut self) -> Self {
        self.disabled = true;
        self
    }

    /// Blocked for a reason (`dmca`, `tos` or `unavailable`): answers are 451.
    #[must_use]
    pub fn blocked(mut self, reason: impl Into<String>) -> Self {
        self.blocked = Some(reason.into());
        self
    }

    /// Created at that moment; nothing happened before.
    #[must_use]
    pub fn created(mut self, created: impl Into<Time>) -> Self {
        self.created = Some(created.into());
        self
    }

    /// With that many stars when it comes into the world.
    #[must_use]
    pub fn stars(mut self, stars: u64) -> Self {
        self.stars = Some(stars);
        self
    }

    /// With about that many stars more on a plain day; a small part of all stars is taken away
    /// again later. Left out, as many come as came before.
    #[must_use]
    pub fn stars_per_day(mut self, stars: f64) -> Self {
        self.stars_per_day = Some(stars);
        self
    }

    /// With about that many views on a plain day; 0 for none ever.
    #[must_use]
    pub fn mean_views(mut self, views: f64) -> Self {
        self.mean_views = Some(views);
        self
    }

    /// With that description.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.about.description = Some(text.into());
        self
    }

    /// Written mostly in that language instead of Rust.
    #[must_use]
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.about.language = Some(language.into());
        self
    }

    /// Under the licence with that SPDX identifier instead of none.
    #[must_use]
    pub fn license(mut self, spdx_id: impl Into<String>) -> Self {
        self.about.license = Some(spdx_id.into());
        self
    }

    /// With those topics.
    #[must_use]
    pub fn topics(mut self, topics: &[&str]) -> Self {
        self.about.topics = topics.iter().map(ToString::to_string).collect();
        self
    }

    /// With a release; a text alone is the tag of one without files.
    #[must_use]
    pub fn release(mut self, release: impl Into<ReleaseSpec>) -> Self {
        self.releases.push(release.into());
        self
    }

    /// With a plain tag of a commit made at that moment.
    #[must_use]
    pub fn tag(mut self, name: impl Into<String>, committed: impl Into<Time>) -> Self {
        self.tags.push(Tag {
            name: name.into(),
            committed: committed.into(),
            tagged: None,
        });
        self
    }

    /// With an annotated tag, made at `tagged`, of a commit made at `committed`.
    #[must_use]
    pub fn annotated_tag(
        mut self,
        name: impl Into<String>,
        committed: impl Into<Time>,
        tagged: impl Into<Time>,
    ) -> Self {
        self.tags.push(Tag {
            name: name.into(),
            committed: committed.into(),
            tagged: Some(tagged.into()),
        });
        self
    }

    /// Its workflows run so often, and each run clones it so many times. These clones are part of
    /// the day's.
    #[must_use]
    pub fn workflow_runs(mut self, runs: Daily, clones_per_run: u64) -> Self {
        self.runs = Some(runs);
        self.clones_per_run = clones_per_run;
        self
    }

    /// Of that size instead of one that follows from its id.
    #[must_use]
    pub fn size_kib(mut self, size: u64) -> Self {
        self.about.size_kib = size;
        self
    }
}

impl From<&str> for RepoSpec {
    fn from(full_name: &str) -> Self {
        Self::new(full_name)
    }
}

impl From<String> for RepoSpec {
    fn from(full_name: String) -> Self {
        Self::new(full_name)
    }
}

/// A repository as the simulated GitHub keeps it.
#[derive(Debug)]
pub(crate) struct Repo {
    pub(crate) id: u64,
    pub(crate) full_name: String,
    pub(crate) lower_name: String,
    /// Former names, each with the moment it ended, oldest first.
    pub(crate) former: Vec<(Time, String)>,
    pub(crate) private: bool,
    pub(crate) fork: bool,
    pub(crate) archived: bool,
    pub(crate) disabled: bool,
    pub(crate) blocked: Option<String>,
    pub(crate) deleted: bool,
    pub(crate) created: Time,
    pub(crate) about: About,
    pub(crate) counted: Counted,
    tags: Vec<Tag>,
    pub(crate) releases: Releases,
    runs: Option<Daily>,
    clones_per_run: u64,
    pub(crate) views: Character,
    pub(crate) clones: Character,
    /// How often views and clones were asked for, to vary what varies by request.
    pub(crate) asked: [AtomicU64; 2],
    /// Requests about it, whatever was asked and answered.
    pub(crate) requests: AtomicU64,
    first_served: [Mutex<FirstServed>; 2],
}

/// When each day was first told, by days from `first` on.
#[derive(Debug, Default)]
pub(crate) struct FirstServed {
    first: i32,
    times: VecDeque<Option<Time>>,
}

impl FirstServed {
    /// These days were told at `at`.
    pub(crate) fn note(&mut self, days: &[Day], at: Time) {
        for day in days {
            let number = day.number();
            if self.times.is_empty() {
                self.first = number;
            }
            while number < self.first {
                self.first -= 1;
                self.times.push_front(None);
            }
            let index = (number - self.first) as usize;
            if index >= self.times.len() {
                self.times.resize(index + 1, None);
            }
            self.times[index].get_or_insert(at);
        }
    }

    pub(crate) fn of(&self, day: Day) -> Option<Time> {
        let index = usize::try_from(day.number() - self.first).ok()?;
        self.times.get(index).copied().flatten()
    }
}

impl Repo {
    /// Builds a repository with `id` in a world whose clock reads `now`.
    ///
    /// *Errors*: two releases of the same tag.
    pub(crate) fn build(spec: &RepoSpec, noise: Noise, id: u64, now: Time) -> Result<Self, String> {
        let age_days = 40 + noise.below(Topic::Age, id, 0, 3000);
        let created = spec
            .created
            .unwrap_or_else(|| now.plus_secs(-(age_days as i64) * DAY_SECS));
        let drawn = noise.unit(Topic::Stars, id, 0);
        let stars = spec
            .stars
            .unwrap_or((3000.0 * drawn * drawn * drawn * drawn) as u64);
        let history = Stars::new(id, (created, now), stars, spec.stars_per_day);
        let mut about = spec.about.clone();
        if about.size_kib == 0 {
            about.size_kib = 100 + id % 5000;
        }
        let character = |metric| Character::draw(noise, id, metric, spec.mean_views);
        Ok(Self {
            id,
            full_name: spec.full_name.clone(),
            lower_name: spec.full_name.to_lowercase(),
            former: Vec::new(),
            private: spec.private,
            fork: spec.fork,
            archived: spec.archived,
            disabled: spec.disabled,
            blocked: spec.blocked.clone(),
            deleted: false,
            created,
            about,
            counted: Counted::new(id, history, stars, now),
            tags: spec.tags.clone(),
            releases: Releases::new(id, &spec.releases, now)?,
            runs: spec.runs.clone(),
            clones_per_run: spec.clones_per_run,
            views: character(Metric::Views),
            clones: character(Metric::Clones),
            asked: [AtomicU64::new(0), AtomicU64::new(0)],
            requests: AtomicU64::new(0),
            first_served: Default::default(),
        })
    }

    pub(crate) fn owner(&self) -> &str {
        self.full_name.split('/').next().unwrap_or_default()
    }

    pub(crate) fn name(&self) -> &str {
        self.full_name.split('/').nth(1).unwrap_or_default()
    }

    pub(crate) fn character(&self, metric: Metric) -> &Character {
        match metric {
            Metric::Views => &self.views,
            Metric::Clones => &self.clones,
        }
    }

    /// When each day of a metric was first told.
    pub(crate) fn first_served(&self, metric: Metric) -> &Mutex<FirstServed> {
        &self.first_served[usize::from(metric == Metric::Clones)]
    }

    /// The tags that there are, those of releases included, in no order.
    pub(crate) fn tags_at(&self, at: Time) -> Vec<Tag> {
        let tags = self.tags.iter().filter(|tag| tag.is_there(at));
        let mut tags: Vec<_> = tags.cloned().collect();
        for (name, committed) in self.releases.tags(at) {
            if tags.iter().all(|known| known.name != name) {
                tags.push(Tag {
                    name: name.into(),
                    committed,
                    tagged: None,
                });
            }
        }
        tags
    }

    /// How many workflow runs began on a day.
    pub(crate) fn runs_on(&self, noise: Noise, day: Day) -> u64 {
        let runs = self.runs.as_ref().filter(|_| day >= self.created.day());
        runs.map_or(0, |runs| runs.on(noise, Topic::Runs, self.id, day))
    }

    /// How many of a day's clones its workflow runs made, each on a machine that nobody saw before.
    pub(crate) fn clones_by_runs(&self, noise: Noise, day: Day) -> DayCounts {
        let runs = self.runs_on(noise, day);
        DayCounts {
            count: runs * self.clones_per_run,
            once: runs.min(runs * self.clones_per_run),
            regulars: 0,
        }
    }

    /// The name visitors used on `day`.
    pub(crate) fn name_on(&self, day: Day) -> &str {
        self.former
            .iter()
            .find(|(ended, _)| day < ended.day())
            .map_or(&self.full_name, |(_, name)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_keeps_the_moment_at_which_it_was_first_told() {
        let mut served = FirstServed::default();
        let day = |number| Day::from_number(number);
        served.note(&[day(10), day(11)], Time::from_secs(1));
        served.note(&[day(11), day(13)], Time::from_secs(2));
        served.note(&[day(8), day(13)], Time::from_secs(3));
        let times: Vec<_> = (7..15)
            .map(|number| served.of(day(number)).map(Time::secs))
            .collect();
        let expected = [None, Some(3), None, Some(1), Some(1), None, Some(2), None];
        assert_eq!(times, expected);
    }
}
