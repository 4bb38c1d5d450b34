//! `list_repositories`: whose traffic is kept, and how far.

use gitratra_core::{Timestamp, plan};
use gitratra_store::FleetRepo;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::asked::{limit, no_cursor, short};
use crate::fault::Fault;
use crate::legend::Subject;
use crate::reply::Reply;
use crate::seen::Seen;

/// What is asked.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Question {
    /// Only repositories of this user or organisation
    owner: Option<String>,
    /// Only repositories with these words in owner/name
    search: Option<String>,
    /// So many at most, 1 to 200; 50 where nothing is said
    limit: Option<u32>,
    /// `next_cursor` of the answer before
    cursor: Option<String>,
}

/// A repository as it is told.
#[derive(Serialize)]
struct Line {
    repo: String,
    is_private: bool,
    is_archived: bool,
    /// GitHub no longer answers for it.
    is_gone: bool,
    /// The last question about it failed.
    is_failing: bool,
    known_from: Option<String>,
    known_to: Option<String>,
    newest_views: Option<String>,
    newest_clones: Option<String>,
    days_safe: Option<u32>,
}

impl Question {
    pub(super) async fn answer(
        self,
        seen: &Seen,
        as_of: Option<Timestamp>,
    ) -> Result<Reply, Fault> {
        let most = limit(self.limit, 50, 200)?;
        let after = self.cursor.as_deref().map(after).transpose()?;
        let owner = self.owner.as_deref().map(|owner| short("owner", owner));
        let owner = owner.transpose()?.map(str::to_ascii_lowercase);
        let search = short("search", self.search.as_deref().unwrap_or(""))?;
        let search = search.to_ascii_lowercase();
        let is_meant = |repo: &FleetRepo| {
            let key = repo.name.key();
            let is_owned = |owner: &String| repo.name.owner().eq_ignore_ascii_case(owner);
            owner.as_ref().is_none_or(is_owned)
                && search.split_whitespace().all(|word| key.contains(word))
        };
        let roll = seen.roll().await?;
        let found = roll.repos().iter().filter(|repo| seen.sees(repo));
        let found: Vec<&FleetRepo> = found.filter(|repo| is_meant(repo)).collect();
        let rest = found.iter().copied();
        let mut rest: Vec<&FleetRepo> = rest
            .filter(|repo| after.as_ref().is_none_or(|after| key(repo) > *after))
            .collect();
        let has_more = rest.len() > most;
        let told_before = found.len() - rest.len();
        rest.truncate(most);
        let lines: Vec<Line> = rest.iter().map(|repo| line(repo, as_of)).collect();
        let data = serde_json::json!({
            "repositories": found.len(),
            "repos": super::json(&lines),
        });
        let headline = match found.len() {
            0 => "No repository that is told here is meant by that.".to_owned(),
            1 => "1 repository.".to_owned(),
            count => format!("{count} repositories, by name."),
        };
        let unit =
            "days are UTC; days_safe counts days, today included, before the next one is lost";
        Ok(Reply {
            subjects: vec![Subject::Traffic],
            remarks: vec![
                "what failed is told to whoever runs gitratra by `gitratra doctor`".to_owned(),
            ],
            withheld: Some(seen.withheld().await?),
            cut: (rest.len() < found.len()).then(|| {
                let (first, last) = (told_before + 1, told_before + rest.len());
                format!("{first} to {last} of {}", found.len())
            }),
            next_cursor: rest.last().filter(|_| has_more).map(|repo| text(repo)),
            ..Reply::new(headline, unit, data)
        })
    }
}

fn line(repo: &FleetRepo, as_of: Option<Timestamp>) -> Line {
    let [views, clones] = repo.newest;
    Line {
        repo: repo.name.to_string(),
        is_private: repo.is_private,
        is_archived: repo.is_archived,
        is_gone: repo.gone.is_some(),
        is_failing: repo.is_failing,
        known_from: repo.days.map(|days| days.first().to_string()),
        known_to: repo.days.map(|days| days.last().to_string()),
        newest_views: views.map(|day| day.to_string()),
        newest_clones: clones.map(|day| day.to_string()),
        days_safe: days_safe(repo, as_of),
    }
}

/// Days left, the day of `as_of` included; nothing where nothing was read or it is gone.
pub(super) fn days_safe(repo: &FleetRepo, as_of: Option<Timestamp>) -> Option<u32> {
    let [views, clones] = repo.newest;
    let newest = views.zip(clones).map(|(views, clones)| views.min(clones));
    let newest = newest.filter(|_| repo.gone.is_none());
    newest
        .zip(as_of)
        .map(|(newest, as_of)| plan::days_safe(newest, as_of))
}

/// What repositories are ordered by; two may have had one name, and their numbers differ.
pub(super) fn key(repo: &FleetRepo) -> (String, u64) {
    (repo.name.key(), repo.id.0)
}

/// A cursor is what to go on after, so that a new repository moves nothing.
pub(super) fn text(repo: &FleetRepo) -> String {
    let (name, id) = key(repo);
    format!("{name}:{id}")
}

/// What to go on after.
pub(super) fn after(cursor: &str) -> Result<(String, u64), Fault> {
    let parsed = short("cursor", cursor)?.rsplit_once(':');
    let parsed = parsed.and_then(|(name, id)| Some((name.to_owned(), id.parse().ok()?)));
    parsed.ok_or_else(no_cursor)
}
