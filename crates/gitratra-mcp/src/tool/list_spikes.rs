//! `list_spikes`: days far above the usual, and what moved along.

use gitratra_answer::fleet::FleetQuestion;
use gitratra_answer::{About, Asked, FoundSpike, SpikeAccount, spikes_within};
use gitratra_core::figures::Step;
use gitratra_core::page::PageNames;
use gitratra_core::{DayRange, Metric, Series, Timestamp};
use gitratra_store::FleetRepo;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::asked::{Cursor, Traffic, days_of, limit, metrics, range};
use crate::fault::Fault;
use crate::legend::Subject;
use crate::reply::Reply;
use crate::seen::Seen;

/// Spikes that are told at most; the newest stay.
const MOST: usize = 100;

/// What is asked.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Question {
    /// The repository as owner/name; the busiest ones where nothing is said
    repo: Option<String>,
    /// Only views or only clones; both where nothing is said
    metric: Option<Traffic>,
    /// 7d, 30d, 12w, 1y, all or FROM..TO with days as YYYY-MM-DD; 90d where nothing is said
    range: Option<String>,
    /// Without repo: so many repositories are looked at, the busiest first, 1 to 50; 20 where nothing is said
    limit: Option<u32>,
    /// `next_cursor` of the answer before
    cursor: Option<String>,
}

/// Where spikes are looked for.
struct Place {
    repos: Vec<About>,
    range: Option<DayRange>,
    cut: Option<String>,
    next_cursor: Option<String>,
    withheld: Option<u64>,
}

/// What one looks for names and words of strangers in.
pub(super) const STRANGER: &[&str] = &["name", "text"];
/// What is counted.
pub(super) const UNIT: &str =
    "events of the metric (page loads or full clones); excess is events beyond the usual";

impl Question {
    pub(super) async fn answer(
        self,
        seen: &Seen,
        as_of: Option<Timestamp>,
    ) -> Result<Reply, Fault> {
        let asked = range(self.range.as_deref(), 90)?;
        let metrics = metrics(self.metric);
        let place = match &self.repo {
            Some(text) => one(seen, text, asked).await?,
            None => self.busiest(seen, asked, as_of).await?,
        };
        let mut told: Vec<(String, Value)> = Vec::new();
        for about in &place.repos {
            let Some(range) = place.range.or(about.known) else {
                continue;
            };
            let name = about.name.to_string();
            for found in spikes(seen, about, range, &metrics).await? {
                let peak = found.spike.peak.to_string();
                told.push((peak, super::json(SpikeAccount::of(&name, &found))));
            }
        }
        told.sort_by(|(one, _), (other, _)| other.cmp(one));
        let mut cut = place.cut;
        if told.len() > MOST {
            let more = format!("the newest {MOST} spikes of {}", told.len());
            cut = Some(cut.map_or(more.clone(), |cut| format!("{cut}; {more}")));
            told.truncate(MOST);
        }
        let headline = match told.len() {
            0 => "No day stands far above what is usual.".to_owned(),
            1 => "1 spike.".to_owned(),
            count => format!("{count} spikes, the newest first."),
        };
        let spikes: Vec<Value> = told.into_iter().map(|(_, told)| told).collect();
        let looked_at: Vec<String> = place.repos.iter().map(|of| of.name.to_string()).collect();
        Ok(Reply {
            range: place.range,
            subjects: vec![Subject::Spikes, Subject::Traffic, Subject::Sources],
            withheld: place.withheld,
            cut,
            next_cursor: place.next_cursor,
            stranger: STRANGER,
            ..Reply::new(
                headline,
                UNIT,
                json!({"looked_at": looked_at, "spikes": spikes}),
            )
        })
    }

    /// The busiest repositories of a range.
    async fn busiest(
        &self,
        seen: &Seen,
        asked: Asked,
        as_of: Option<Timestamp>,
    ) -> Result<Place, Fault> {
        let most = limit(self.limit, 20, 50)?;
        let cursor = Cursor::read(self.cursor.as_deref())?;
        let sees = |repo: &FleetRepo| seen.sees(repo);
        let question = FleetQuestion {
            offset: cursor.lines,
            ..FleetQuestion::all(&sees, most, as_of.unwrap_or(Timestamp::UNIX_EPOCH))
        };
        let shelf = seen.shelf();
        let step = Some(Step::Month);
        let answer = match cursor.after {
            Some(after) => shelf.ask_after(asked, step, &question, after).await?,
            None => shelf
                .ask(asked, step, &question)
                .await?
                .map(|answer| (0, answer)),
        };
        let withheld = Some(seen.withheld().await?);
        let Some((offset, answer)) = answer else {
            return Ok(Place {
                repos: Vec::new(),
                range: None,
                cut: None,
                next_cursor: None,
                withheld,
            });
        };
        let mut repos = Vec::with_capacity(answer.lines.len());
        for line in &answer.lines {
            repos.extend(About::read(seen.store(), line.repo.id).await?);
        }
        // One may have been hidden since the book was read.
        repos.retain(|about| seen.tells(about));
        let end = offset + answer.lines.len();
        let last = answer.lines.last().filter(|_| end < answer.repos_found);
        let is_cut = answer.lines.len() < answer.repos_found;
        let of = answer.repos_found;
        Ok(Place {
            repos,
            range: Some(answer.range),
            cut: is_cut.then(|| {
                format!(
                    "repositories {} to {end} of {of} by views were looked at",
                    offset + 1
                )
            }),
            next_cursor: last.map(|last| Cursor::text(end, last.repo.id)),
            withheld,
        })
    }
}

/// One repository alone.
async fn one(seen: &Seen, text: &str, asked: Asked) -> Result<Place, Fault> {
    let about = seen.repository(text).await?;
    let known = about
        .known
        .ok_or_else(|| Fault::Bad(format!("nothing was read of {} yet", about.name)))?;
    let range = days_of(asked, known)?;
    Ok(Place {
        repos: vec![about],
        range: Some(range),
        cut: None,
        next_cursor: None,
        withheld: None,
    })
}

/// The spikes of a repository whose peak lies in a range.
pub(super) async fn spikes(
    seen: &Seen,
    about: &About,
    range: DayRange,
    metrics: &[Metric],
) -> Result<Vec<FoundSpike>, Fault> {
    let names = PageNames::new(about.name.clone(), about.former.clone());
    // What is usual on a day is told by all days around it.
    let series = Series::new(seen.store().days(about.id, None).await?);
    let of = (about.id, &names);
    Ok(spikes_within(seen.store(), of, &series, range, metrics).await?)
}
