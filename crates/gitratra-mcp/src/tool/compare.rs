//! `compare`: several repositories side by side in the same range.

use gitratra_answer::usual_step;
use gitratra_core::DayRange;
use gitratra_core::figures::Step;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::traffic;
use crate::asked::{By, Traffic, days_of, metrics, range};
use crate::fault::Fault;
use crate::legend::Subject;
use crate::reply::Reply;
use crate::seen::Seen;

/// Repositories at most.
const MOST: usize = 8;
/// Steps of each at most.
const STEPS: usize = 120;

/// What is asked.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    /// Two to eight repositories as owner/name
    #[schemars(length(min = 2, max = 8))]
    repos: Vec<String>,
    /// Only views or only clones; both where nothing is said
    metric: Option<Traffic>,
    /// 7d, 30d, 12w, 1y, all or FROM..TO with days as YYYY-MM-DD; 30d where nothing is said
    range: Option<String>,
    /// Also the numbers of each step; none where nothing is said
    by: Option<By>,
}

impl Question {
    pub(super) async fn answer(self, seen: &Seen) -> Result<Reply, Fault> {
        if !(2..=MOST).contains(&self.repos.len()) {
            return Err(Fault::Bad(format!(
                "\"repos\" are two to {MOST} names as owner/name; `series` tells of one"
            )));
        }
        let asked = range(self.range.as_deref(), 30)?;
        let mut sides = Vec::with_capacity(self.repos.len());
        for text in &self.repos {
            let about = seen.repository(text).await?;
            if sides
                .iter()
                .any(|side: &gitratra_answer::About| side.id == about.id)
            {
                return Err(Fault::Bad(format!(
                    "{} is named twice: a comparison needs different ones",
                    about.name
                )));
            }
            sides.push(about);
        }
        // The same days for all of them, as far as any is known.
        let known = sides.iter().filter_map(|side| side.known);
        let known = known.reduce(|one, other| {
            let (first, last) = (one.first().min(other.first()), one.last().max(other.last()));
            DayRange::new(first, last).unwrap_or(one)
        });
        let known = known.ok_or_else(|| {
            Fault::Bad("nothing was read of any of them yet: `gitratra sync` does".to_owned())
        })?;
        let range = days_of(asked, known)?;
        let step = self.by.map(Step::from);
        if step.is_some_and(|step| step.of(range).len() > STEPS) {
            return Err(Fault::Bad(format!(
                "that makes more than {STEPS} steps: fold by week or month, or shorten the range"
            )));
        }
        let mut repos = Vec::with_capacity(sides.len());
        for about in &sides {
            let series = traffic::series(seen.store(), about, range).await?;
            let mut told: Vec<Value> = Vec::new();
            for metric in metrics(self.metric) {
                let of = (metric, range, step.unwrap_or_else(|| usual_step(range)));
                let account = traffic::account(seen.store(), about, &series, of).await?;
                let account = super::json(account);
                let left_out: &[&str] = match step {
                    Some(_) => &["weekdays"],
                    None => &["weekdays", "steps"],
                };
                told.push(super::without(account, left_out));
            }
            repos.push(json!({"repo": about.name.to_string(), "metrics": told}));
        }
        let names: Vec<String> = sides.iter().map(|side| side.name.to_string()).collect();
        let headline = format!("{} side by side.", names.join(", "));
        Ok(Reply {
            range: Some(range),
            subjects: vec![Subject::Traffic, Subject::Uniques],
            remarks: vec![
                "compare counts only where days_missing is alike: a repository with more missing \
                 days may have had more"
                    .to_owned(),
            ],
            ..Reply::new(headline, traffic::UNIT, json!({"repos": repos}))
        })
    }
}
