//! What goes wrong on purpose: which requests a fault meets, and what it makes of the answer.
//!
//! Plans are tried in the order in which they were added, and the first that fits decides.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::fault_mix::FaultMix;
use crate::noise::{Noise, Topic};
use crate::repo::RepoRef;
use crate::route::Endpoint;

/// What happens to an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Another answer altogether.
    Status {
        /// The status code.
        status: u16,
        /// Headers, added to GitHub's own or in their place.
        #[serde(default)]
        headers: Vec<(String, String)>,
        /// The body.
        #[serde(default)]
        body: String,
    },
    /// The right answer, late.
    Slow {
        /// How long nothing comes, in real milliseconds.
        before_ms: u64,
    },
    /// The right answer in small pieces.
    Trickle {
        /// The size of a piece.
        chunk_bytes: usize,
        /// The pause after each piece, in real milliseconds.
        between_ms: u64,
    },
    /// The headers and part of the body; then the connection closes.
    Truncated {
        /// How much of the body is sent.
        keep_bytes: usize,
    },
    /// 200 with nothing in it.
    Empty,
    /// 200 with a page for people.
    Html,
    /// 200 with something else in it.
    Body {
        /// What is in it.
        text: String,
    },
    /// 200 with JSON of about this size.
    Huge {
        /// The size of the body.
        bytes: u64,
    },
    /// The connection closes without an answer.
    Close,
    /// The connection is reset without an answer.
    Reset,
    /// Nothing comes, and the connection stays open.
    Hang,
    /// 200 with something in it that cannot be.
    Tampered {
        /// What cannot be.
        how: Tamper,
    },
    /// Of a GraphQL answer the first half, and errors in the place of the rest; other answers
    /// are left as they are.
    Partial,
    /// 301 to this address, which may be on another host.
    Redirect {
        /// The whole address.
        location: String,
    },
    /// The right answer with this address as its next page.
    NextPage {
        /// The whole address.
        url: String,
    },
}

impl Fault {
    /// An answer with this status and GitHub's usual form of body.
    pub fn status(status: u16, message: &str) -> Self {
        Self::Status {
            status,
            headers: Vec::new(),
            body: json!({ "message": message, "status": status.to_string() }).to_string(),
        }
    }

    /// The same answer with one header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Self::Status { headers, .. } = &mut self {
            headers.push((name.into(), value.into()));
        }
        self
    }

    /// Whether the right answer arrives, whole, all the same.
    pub(crate) fn leaves_the_answer(&self) -> bool {
        matches!(
            self,
            Self::Slow { .. } | Self::Trickle { .. } | Self::NextPage { .. }
        )
    }

    /// How long to wait before anything is sent.
    pub(crate) fn delay(&self) -> Duration {
        match self {
            Self::Slow { before_ms } => Duration::from_millis(*before_ms),
            _ => Duration::ZERO,
        }
    }
}

/// Ways for a body to be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tamper {
    /// A count below 0.
    NegativeCount,
    /// A count of 10^15.
    AbsurdCount,
    /// More people than events.
    UniquesAboveCount,
    /// A timestamp at 07:00.
    NotMidnight,
    /// A day a year from now.
    FutureDay,
    /// `"many"` where a number belongs.
    TextForNumber,
    /// A row without its count.
    MissingField,
    /// `null` where a number belongs.
    NullForNumber,
    /// A number with a fraction.
    FractionalCount,
}

impl Tamper {
    /// Spoils the newest row, or the first line, of a body.
    pub(crate) fn apply(self, body: &str) -> String {
        let Ok(mut value) = serde_json::from_str::<Value>(body) else {
            return body.to_string();
        };
        if let Some(row) = spoilable(&mut value) {
            self.spoil(row);
        }
        value.to_string()
    }

    fn spoil(self, row: &mut Value) {
        match self {
            Self::NegativeCount => row["count"] = json!(-1),
            Self::AbsurdCount => row["count"] = json!(1_000_000_000_000_000_u64),
            Self::UniquesAboveCount => {
                row["uniques"] = json!(row["count"].as_u64().unwrap_or(0) + 1);
            }
            Self::NotMidnight => edit_timestamp(row, |text| text.replace("T00:", "T07:")),
            Self::FutureDay => edit_timestamp(row, |text| {
                let year = text[..4].parse::<u32>().unwrap_or(2000);
                format!("{}{}", year + 1, &text[4..])
            }),
            Self::TextForNumber => row["count"] = json!("many"),
            Self::MissingField => {
                if let Some(fields) = row.as_object_mut() {
                    fields.remove("count");
                }
            }
            Self::NullForNumber => row["count"] = Value::Null,
            Self::FractionalCount => row["count"] = json!(1.5),
        }
    }
}

fn edit_timestamp(row: &mut Value, edit: impl Fn(&str) -> String) {
    if let Some(text) = row["timestamp"].as_str() {
        row["timestamp"] = json!(edit(text));
    }
}

/// The newest row of views or clones, else the first line of a list, else the body itself.
fn spoilable(body: &mut Value) -> Option<&mut Value> {
    if body.is_array() {
        return body.as_array_mut()?.first_mut();
    }
    let rows = ["views", "clones"]
        .into_iter()
        .find(|name| body[*name].as_array().is_some_and(|rows| !rows.is_empty()));
    match rows {
        Some(name) => body[name].as_array_mut()?.last_mut(),
        None => Some(body),
    }
}

/// A fault and the requests that it meets.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultPlan {
    fault: Fault,
    #[serde(default)]
    repo: Option<RepoRef>,
    #[serde(default)]
    endpoint: Option<Endpoint>,
    #[serde(default)]
    skip: u64,
    #[serde(default)]
    times: Option<u64>,
    #[serde(default)]
    probability: Option<f64>,
    /// Tells the plans of one simulation apart.
    #[serde(skip)]
    number: u64,
    #[serde(skip)]
    fitted: u64,
    #[serde(skip)]
    fired: u64,
}

impl FaultPlan {
    /// A fault that meets every request.
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            repo: None,
            endpoint: None,
            skip: 0,
            times: None,
            probability: None,
            number: 0,
            fitted: 0,
            fired: 0,
        }
    }

    /// Only requests about this repository.
    #[must_use]
    pub fn repo(mut self, repo: impl Into<RepoRef>) -> Self {
        self.repo = Some(repo.into());
        self
    }

    /// Only requests to this kind of address.
    #[must_use]
    pub fn endpoint(mut self, endpoint: Endpoint) -> Self {
        self.endpoint = Some(endpoint);
        self
    }

    /// Only from the nth fitting request on, counted from 1.
    #[must_use]
    pub fn from_nth(mut self, nth: u64) -> Self {
        self.skip = nth.saturating_sub(1);
        self
    }

    /// So many times, then no more.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Once, then no more.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// With this probability only.
    #[must_use]
    pub fn probability(mut self, probability: f64) -> Self {
        self.probability = Some(probability);
        self
    }

    pub(crate) fn repo_ref(&self) -> Option<&RepoRef> {
        self.repo.as_ref()
    }

    fn is_over(&self) -> bool {
        self.times.is_some_and(|times| self.fired >= times)
    }

    /// The fault, if this request meets it.
    fn meets(&mut self, endpoint: Endpoint, repo_id: Option<u64>, noise: Noise) -> Option<Fault> {
        let fits_repo = match &self.repo {
            None => true,
            Some(repo) => repo_id.is_some_and(|id| *repo == RepoRef::Id(id)),
        };
        let fits = fits_repo && self.endpoint.is_none_or(|wanted| wanted == endpoint);
        if !fits || self.is_over() {
            return None;
        }
        let before = self.fitted;
        self.fitted += 1;
        let drawn = || noise.unit(Topic::Fault, self.number, before);
        if before < self.skip || self.probability.is_some_and(|chance| drawn() >= chance) {
            return None;
        }
        self.fired += 1;
        Some(self.fault.clone())
    }
}

impl From<Fault> for FaultPlan {
    fn from(fault: Fault) -> Self {
        Self::new(fault)
    }
}

/// All plans, in order, and the mixture that comes after them.
#[derive(Debug, Default)]
pub(crate) struct FaultPlans {
    plans: Vec<FaultPlan>,
    mix: Option<FaultMix>,
    /// Plans so far.
    added: u64,
    /// Requests so far.
    requests: u64,
}

impl FaultPlans {
    pub(crate) fn with_mix(mix: Option<FaultMix>) -> Self {
        Self {
            mix,
            ..Self::default()
        }
    }

    /// Adds a plan whose repository, if it names one, is known to be `repo_id`.
    pub(crate) fn add(&mut self, mut plan: FaultPlan, repo_id: Option<u64>) {
        plan.repo = repo_id.map(RepoRef::Id);
        plan.number = self.added;
        self.added += 1;
        self.plans.push(plan);
    }

    pub(crate) fn set_mix(&mut self, mix: FaultMix) {
        self.mix = Some(mix);
    }

    pub(crate) fn clear(&mut self) {
        self.plans.clear();
        self.added = 0;
        self.mix = None;
    }

    /// What goes wrong with a request, if anything does.
    pub(crate) fn meet(
        &mut self,
        endpoint: Endpoint,
        repo_id: Option<u64>,
        noise: Noise,
    ) -> Option<Fault> {
        let number = self.requests;
        self.requests += 1;
        let mut plans = self.plans.iter_mut();
        let planned = plans.find_map(|plan| plan.meets(endpoint, repo_id, noise));
        if planned.is_some() {
            // A year of plans must not be looked through for every request.
            self.plans.retain(|plan| !plan.is_over());
        }
        planned.or_else(|| self.mix?.draw(endpoint, noise, number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(plan: FaultPlan, requests: &[(Endpoint, u64)]) -> Vec<bool> {
        let mut plans = FaultPlans::default();
        let repo_id = plan.repo_ref().map(|_| 1);
        plans.add(plan, repo_id);
        requests
            .iter()
            .map(|(endpoint, id)| plans.meet(*endpoint, Some(*id), Noise::new(1)).is_some())
            .collect()
    }

    #[test]
    fn a_plan_meets_the_requests_that_it_names() {
        let plan = FaultPlan::new(Fault::Close)
            .repo("octo/alpha")
            .endpoint(Endpoint::Views)
            .from_nth(2)
            .once();
        let (views, clones) = (Endpoint::Views, Endpoint::Clones);
        let requests = [(views, 1), (clones, 1), (views, 2), (views, 1), (views, 1)];
        assert_eq!(met(plan, &requests), [false, false, false, true, false]);
    }

    #[test]
    fn a_probable_fault_meets_some_requests() {
        let plan = FaultPlan::new(Fault::Close).probability(0.3);
        let fired = met(plan, &[(Endpoint::Views, 1); 1000]);
        let fired = fired.iter().filter(|fired| **fired).count();
        assert!((200..400).contains(&fired), "{fired}");
    }

    #[test]
    fn tampering_spoils_the_newest_row_alone() {
        let body = r#"{"count":9,"uniques":4,"views":[{"timestamp":"2026-03-08T00:00:00Z","count":4,"uniques":2},{"timestamp":"2026-03-09T00:00:00Z","count":5,"uniques":2}]}"#;
        let check = |how: Tamper, pointer: &str, expected: Value| {
            let value: Value = serde_json::from_str(&how.apply(body)).unwrap();
            let found = value.pointer(pointer).cloned().unwrap_or(json!("absent"));
            assert_eq!(found, expected, "{how:?}");
            assert_eq!(value["views"][0]["count"], 4);
        };
        check(Tamper::NegativeCount, "/views/1/count", json!(-1));
        check(Tamper::UniquesAboveCount, "/views/1/uniques", json!(6));
        check(Tamper::TextForNumber, "/views/1/count", json!("many"));
        check(Tamper::MissingField, "/views/1/count", json!("absent"));
        let timestamp = "/views/1/timestamp";
        check(
            Tamper::NotMidnight,
            timestamp,
            json!("2026-03-09T07:00:00Z"),
        );
        check(Tamper::FutureDay, timestamp, json!("2027-03-09T00:00:00Z"));
        let list = Tamper::AbsurdCount.apply(r#"[{"referrer":"x","count":1,"uniques":1}]"#);
        assert!(list.contains("1000000000000000"), "{list}");
    }

    #[test]
    fn a_plan_can_be_written_as_json() {
        let text = r#"{"fault":{"kind":"status","status":502},"repo":"octo/alpha","endpoint":"views","times":2}"#;
        let plan: FaultPlan = serde_json::from_str(text).unwrap();
        assert_eq!(plan.repo_ref(), Some(&"octo/alpha".into()));
        assert!(serde_json::from_str::<FaultPlan>(r#"{"fault":{"kind":"typo"}}"#).is_err());
    }
}
