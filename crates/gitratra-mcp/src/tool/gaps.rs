//! `gaps`: days that were never read, and when the next one is lost.

use gitratra_answer::{About, GapAccount, gaps};
use gitratra_core::{RepoId, Timestamp};
use gitratra_store::FleetRepo;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::list_repositories::{after, days_safe, key, text};
use crate::asked::limit;
use crate::fault::Fault;
use crate::legend::Subject;
use crate::reply::Reply;
use crate::seen::Seen;

/// Runs of days that are told of one repository at most; the newest stay.
const RUNS: usize = 50;

/// What is asked.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Question {
    /// The repository as owner/name; all that are tracked where nothing is said
    repo: Option<String>,
    /// So many repositories at most, 1 to 100; 50 where nothing is said
    limit: Option<u32>,
    /// `next_cursor` of the answer before
    cursor: Option<String>,
}

/// What is missing of a repository.
#[derive(Serialize)]
struct Line {
    repo: String,
    is_tracked: bool,
    is_gone: bool,
    newest_day: Option<String>,
    /// Days left, that of `as_of` included, until the next one is lost.
    days_safe: Option<u32>,
    /// Never read, and lost for good.
    days_missing: i64,
    gaps: Vec<GapAccount>,
}

impl Question {
    pub(super) async fn answer(
        self,
        seen: &Seen,
        as_of: Option<Timestamp>,
    ) -> Result<Reply, Fault> {
        let most = limit(self.limit, 50, 100)?;
        let after = self.cursor.as_deref().map(after).transpose()?;
        let named: Option<RepoId> = match &self.repo {
            Some(text) => Some(seen.repository(text).await?.id),
            None => None,
        };
        let tracked = seen.tracked().await?;
        let roll = seen.roll().await?;
        let is_meant = |repo: &&FleetRepo| match named {
            Some(id) => repo.id == id,
            None => seen.sees(repo) && tracked.contains(&repo.id),
        };
        let found: Vec<&FleetRepo> = roll.repos().iter().filter(is_meant).collect();
        let is_after = |repo: &&&FleetRepo| after.as_ref().is_none_or(|after| key(repo) > *after);
        let rest: Vec<&FleetRepo> = found.iter().filter(is_after).copied().collect();
        let told_before = found.len() - rest.len();
        let mut lines = Vec::new();
        let mut cuts = Vec::new();
        for repo in rest.iter().take(most) {
            let is_tracked = tracked.contains(&repo.id);
            let (line, runs) = line(seen, repo, is_tracked, as_of).await?;
            if runs > RUNS {
                cuts.push(format!("the newest {RUNS} runs of {runs} of {}", repo.name));
            }
            lines.push(line);
        }
        let has_more = rest.len() > lines.len();
        if lines.len() < found.len() {
            let (first, last) = (told_before + 1, told_before + lines.len());
            cuts.push(format!("repositories {first} to {last} of {}", found.len()));
        }
        let with_gaps = lines.iter().filter(|line| line.days_missing > 0).count();
        let headline = match (lines.len(), with_gaps) {
            (0, _) => "No repository that is told here is tracked.".to_owned(),
            (_, 0) => "No gaps: every published day since the first reading is held.".to_owned(),
            (all, some) => format!("{some} of {all} repositories told here have gaps."),
        };
        let last = rest.get(lines.len().wrapping_sub(1));
        Ok(Reply {
            subjects: vec![Subject::Gaps],
            remarks: vec![
                "a gap is not known, and no zero; days_safe is as of the time of this answer"
                    .to_owned(),
            ],
            withheld: match named {
                Some(_) => None,
                None => Some(seen.withheld().await?),
            },
            cut: (!cuts.is_empty()).then(|| cuts.join("; ")),
            next_cursor: last.filter(|_| has_more).map(|repo| text(repo)),
            ..Reply::new(
                headline,
                "days (UTC), of views, clones or both",
                json!({"repos": lines}),
            )
        })
    }
}

/// What is missing of a repository, and how many runs of days that is.
async fn line(
    seen: &Seen,
    repo: &FleetRepo,
    is_tracked: bool,
    as_of: Option<Timestamp>,
) -> Result<(Line, usize), Fault> {
    let days = seen.store().days(repo.id, None).await?;
    let about = match repo.gone {
        Some(_) => About::read(seen.store(), repo.id).await?,
        None => None,
    };
    let gone_since = about.and_then(|about| about.gone).map(|gone| gone.since);
    // Of what nobody asks for, only what lies amid known days is missing.
    let now = as_of.filter(|_| is_tracked);
    let mut missing = GapAccount::joined(gaps(days, gone_since, now));
    let runs = missing.len();
    let days_missing = missing.iter().map(GapAccount::days).sum();
    missing.drain(..runs.saturating_sub(RUNS));
    let [views, clones] = repo.newest;
    let line = Line {
        repo: repo.name.to_string(),
        is_tracked,
        is_gone: repo.gone.is_some(),
        newest_day: views.min(clones).map(|day| day.to_string()),
        days_safe: days_safe(repo, as_of),
        days_missing,
        gaps: missing,
    };
    Ok((line, runs))
}
