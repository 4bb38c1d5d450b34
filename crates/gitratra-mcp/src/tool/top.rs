//! `top`: repositories in the order of what a range brought them, or of how it changed.

use gitratra_answer::fleet::{Direction, FleetAnswer, FleetLine, FleetQuestion, LineMetric, Sort};
use gitratra_core::change::{FLOOR, is_move};
use gitratra_core::figures::{Comparison, Step};
use gitratra_core::{DayRange, Metric, Timestamp};
use gitratra_store::FleetRepo;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::traffic;
use crate::asked::{Cursor, limit, range, short};
use crate::fault::Fault;
use crate::legend::Subject;
use crate::reply::Reply;
use crate::seen::Seen;

/// What is asked.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Question {
    /// What is ranked; views where nothing is said
    metric: Option<Ranked>,
    /// By total, or those that rose or fell most; total where nothing is said
    order: Option<Order>,
    /// 7d, 30d, 12w, 1y, all or FROM..TO with days as YYYY-MM-DD; 30d where nothing is said
    range: Option<String>,
    /// Only repositories of this user or organisation
    owner: Option<String>,
    /// So many at most, 1 to 100; 20 where nothing is said
    limit: Option<u32>,
    /// `next_cursor` of the answer before
    cursor: Option<String>,
}

/// What can be ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Ranked {
    /// Page loads
    Views,
    /// Full clones
    Clones,
    /// Stars as they stood at the end of the range
    Stars,
}

/// What repositories are ranked by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Order {
    /// The total
    Total,
    /// The largest gain on the range of the same length before
    Rising,
    /// The largest loss
    Falling,
}

impl Ranked {
    const fn word(self) -> &'static str {
        match self {
            Self::Views => "views",
            Self::Clones => "clones",
            Self::Stars => "stars",
        }
    }
}

impl Order {
    const fn word(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Rising => "rising",
            Self::Falling => "falling",
        }
    }
}

/// A repository in its place.
#[derive(Serialize)]
struct Line {
    place: usize,
    repo: String,
    /// Nothing where no day is known, or stars were not read.
    count: Option<u64>,
    kind: &'static str,
    #[serde(flatten)]
    more: More,
}

#[derive(Serialize)]
#[serde(untagged)]
enum More {
    Traffic {
        days_measured: u64,
        of_days: u64,
        days_missing: u64,
        before: Before,
    },
    Stars {
        /// The day on which they were read.
        day: Option<String>,
        change: Option<i64>,
        /// The day since which they changed so.
        change_since: Option<String>,
    },
}

/// Days measured on both sides, compared with those of the range before.
#[derive(Serialize)]
struct Before {
    count_now: u64,
    count_before: u64,
    days_compared: u64,
    percent: Option<f64>,
}

impl Question {
    pub(super) async fn answer(
        self,
        seen: &Seen,
        as_of: Option<Timestamp>,
    ) -> Result<Reply, Fault> {
        let most = limit(self.limit, 20, 100)?;
        let asked = range(self.range.as_deref(), 30)?;
        let cursor = Cursor::read(self.cursor.as_deref())?;
        let owner = self.owner.as_deref().map(|owner| short("owner", owner));
        let owner = owner.transpose()?;
        let metric = self.metric.unwrap_or(Ranked::Views);
        let order = self.order.unwrap_or(Order::Total);
        let sees = |repo: &FleetRepo| seen.sees(repo);
        let (sort, direction) = sort(metric, order);
        let question = FleetQuestion {
            owner,
            sort,
            direction,
            // Whether a change is one is seen only line by line.
            limit: if order == Order::Total {
                most
            } else {
                usize::MAX
            },
            offset: if order == Order::Total {
                cursor.lines
            } else {
                0
            },
            ..FleetQuestion::all(&sees, most, as_of.unwrap_or(Timestamp::UNIX_EPOCH))
        };
        let shelf = seen.shelf();
        let step = Some(Step::Month);
        let answer = match (order, cursor.after) {
            (Order::Total, Some(after)) => shelf.ask_after(asked, step, &question, after).await?,
            _ => shelf
                .ask(asked, step, &question)
                .await?
                .map(|answer| (cursor.lines, answer)),
        };
        let withheld = Some(seen.withheld().await?);
        let Some((offset, answer)) = answer else {
            return Ok(Reply {
                withheld,
                ..Reply::new(
                    "No day of any repository that is told here is known in that range.".to_owned(),
                    traffic::UNIT,
                    json!({"places": []}),
                )
            });
        };
        let placed = placed(&answer, metric, order);
        let (found, skip) = match order {
            Order::Total => (answer.repos_found, 0),
            // After the line that the cursor names, wherever it stands by now.
            _ => (placed.len(), after(&placed, cursor)),
        };
        let offset = if order == Order::Total { offset } else { skip };
        let told: Vec<&FleetLine> = placed.into_iter().skip(skip).take(most).collect();
        let end = offset + told.len();
        let last = told.last().filter(|_| end < found);
        let next_cursor = last.map(|last| Cursor::text(end, last.repo.id));
        let of_days = answer.range.days().unsigned_abs();
        let places = told.iter().zip(offset + 1..);
        let places: Vec<Line> = places
            .map(|(line, place)| Line::of(line, place, metric, of_days))
            .collect();
        Ok(Reply {
            range: Some(answer.range),
            subjects: subjects(metric),
            remarks: remarks(order),
            withheld,
            cut: (told.len() < found).then(|| format!("places {} to {end} of {found}", offset + 1)),
            next_cursor,
            ..Reply::new(
                headline(metric, order, answer.range),
                unit(metric),
                json!({
                    "metric": metric.word(),
                    "order": order.word(),
                    "repositories": answer.repos_found,
                    "places": super::json(places),
                }),
            )
        })
    }
}

const fn sort(metric: Ranked, order: Order) -> (Sort, Direction) {
    let sort = match (metric, order) {
        (Ranked::Views, Order::Total) => Sort::Count(Metric::Views),
        (Ranked::Clones, Order::Total) => Sort::Count(Metric::Clones),
        (Ranked::Stars, Order::Total) => Sort::Stars,
        (Ranked::Views, _) => Sort::Change(Metric::Views),
        (Ranked::Clones, _) => Sort::Change(Metric::Clones),
        (Ranked::Stars, _) => Sort::StarsChange,
    };
    let direction = match order {
        Order::Total | Order::Rising => Direction::Down,
        Order::Falling => Direction::Up,
    };
    (sort, direction)
}

/// The lines that have a place: all by total, and those of which a change can be told.
fn placed(answer: &FleetAnswer, metric: Ranked, order: Order) -> Vec<&FleetLine> {
    let has_place = |line: &&FleetLine| {
        let change = match traffic_of(line, metric) {
            Some(of) => of
                .comparison
                .change()
                .filter(|_| is_move(&of.comparison, FLOOR)),
            None => line.stars.and_then(|stars| Some(stars.change?.0)),
        };
        match order {
            Order::Total => true,
            Order::Rising => change.is_some_and(|change| change > 0),
            Order::Falling => change.is_some_and(|change| change < 0),
        }
    };
    answer.lines.iter().filter(has_place).collect()
}

/// How many lines stand up to the one that a cursor names, itself among them.
fn after(placed: &[&FleetLine], cursor: Cursor) -> usize {
    let is_last = |line: &&FleetLine| Some(line.repo.id) == cursor.after;
    placed
        .iter()
        .position(is_last)
        .map_or(cursor.lines, |at| at + 1)
}

const fn traffic_of(line: &FleetLine, metric: Ranked) -> Option<&LineMetric> {
    let [views, clones] = &line.metrics;
    match metric {
        Ranked::Views => Some(views),
        Ranked::Clones => Some(clones),
        Ranked::Stars => None,
    }
}

impl Line {
    fn of(line: &FleetLine, place: usize, metric: Ranked, of_days: u64) -> Self {
        let repo = line.repo.name.to_string();
        let kind = "measured";
        let Some(of) = traffic_of(line, metric) else {
            let change = line.stars.and_then(|stars| stars.change);
            return Self {
                place,
                repo,
                count: line.stars.map(|stars| stars.stars),
                kind,
                more: More::Stars {
                    day: line.stars.map(|stars| stars.day.to_string()),
                    change: change.map(|(change, _)| change),
                    change_since: change.map(|(_, day)| day.to_string()),
                },
            };
        };
        let total = of.total;
        let days_known = total.days_measured + total.days_partial;
        Self {
            place,
            repo,
            count: (days_known > 0).then_some(total.count),
            kind,
            more: More::Traffic {
                days_measured: total.days_measured,
                of_days,
                // Days before the first reading are as unknown as those amid it.
                days_missing: of_days.saturating_sub(days_known),
                before: Before::of(&of.comparison),
            },
        }
    }
}

impl Before {
    fn of(comparison: &Comparison) -> Self {
        Self {
            count_now: comparison.now,
            count_before: comparison.before,
            days_compared: comparison.days,
            percent: comparison.percent(),
        }
    }
}

fn headline(metric: Ranked, order: Order, range: DayRange) -> String {
    let of = metric.word();
    match order {
        Order::Total => format!("Repositories by {of} in {range}, the most first."),
        Order::Rising => format!("Repositories whose {of} rose most in {range}."),
        Order::Falling => format!("Repositories whose {of} fell most in {range}."),
    }
}

const fn unit(metric: Ranked) -> &'static str {
    match metric {
        Ranked::Views => "page loads",
        Ranked::Clones => "full clones",
        Ranked::Stars => "stars as they stood on the day told",
    }
}

fn subjects(metric: Ranked) -> Vec<Subject> {
    match metric {
        Ranked::Views | Ranked::Clones => vec![Subject::Traffic, Subject::Sums],
        Ranked::Stars => vec![Subject::Counters],
    }
}

fn remarks(order: Order) -> Vec<String> {
    match order {
        Order::Total => Vec::new(),
        Order::Rising | Order::Falling => vec![format!(
            "of views and clones only changes beyond chance are told, of repositories with at least \
             {FLOOR} events on one side and half of the days measured on both: which others changed \
             nobody can tell"
        )],
    }
}
