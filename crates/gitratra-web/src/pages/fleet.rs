//! The fleet: totals, chart, what needs attention, and the league table.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use gitratra_answer::fleet::{
    Direction, FleetAnswer, FleetLine, FleetMetric, FleetQuestion, Sees, Sort, StepSum,
};
use gitratra_core::figures::Step;
use gitratra_core::spike::Spike;
use gitratra_core::{DayRange, Group, GroupName, Metric, RepoId};
use gitratra_render::chart::{
    Calendar, CalendarDay, Cell, Ink, Layer, Point, PointValue, Shape, TimeChart,
};
use gitratra_render::number::grouped;
use gitratra_store::FleetRepo;
use maud::{Markup, html};

use super::figure::{self, Place};
use super::{range, welcome, words};
use crate::access::{Scope, Viewer};
use crate::layout;
use crate::params::{Params, View};
use crate::problem::Problem;
use crate::site::{Call, Site};

mod rolled;
mod table;

/// Lines of the table on a page.
const LINES: usize = 50;
/// Lines that a program may ask for at once.
pub(crate) const MOST_LINES: usize = 200;
/// Groups that are told at most.
const MOST_GROUPS: usize = 100;
/// Of so many of the busiest a spike is told.
const WATCHED: usize = 20;
/// Spikes that are told at once.
const SPIKES: usize = 5;

/// How the words of an address sort.
const SORTS: [(&str, Sort); 8] = [
    ("name", Sort::Name),
    ("views", Sort::Count(Metric::Views)),
    ("views-change", Sort::Percent(Metric::Views)),
    ("clones", Sort::Count(Metric::Clones)),
    ("clones-change", Sort::Percent(Metric::Clones)),
    ("stars", Sort::Stars),
    ("newest", Sort::NewestDay),
    ("safe", Sort::DaysSafe),
];

pub(crate) async fn page(State(site): State<Site>, call: Call) -> Result<Response, Problem> {
    let params = &call.params;
    let view = View::of(params)?;
    let order = Order::of(params)?;
    let page: usize = params.parsed("page")?.unwrap_or(1_usize).clamp(1, 100_000);
    let answer = ask(&site, &call, ((page - 1) * LINES, None), LINES).await?;
    let answer = answer.map(|(_, answer)| answer);
    let body = match &answer {
        Some(answer) => {
            let spikes = spikes(&site, answer).await?;
            let shown = Shown {
                answer,
                view: &view,
                params,
                order,
                page,
            };
            shown.body(&spikes)
        }
        None => nothing(&site, &call, &view).await?,
    };
    Ok(layout::page(&call.frame, "Overview", &body).into_response())
}

/// Asks for some lines of the fleet as an address says, after so many or after a repository, and says
/// after how many they really stand.
pub(crate) async fn ask(
    site: &Site,
    call: &Call,
    (offset, after): (usize, Option<RepoId>),
    limit: usize,
) -> Result<Option<(usize, FleetAnswer)>, Problem> {
    let params = &call.params;
    let view = View::of(params)?;
    let order = Order::of(params)?;
    let sees = |repo: &FleetRepo| call.viewer.sees_in_fleet(repo);
    let groups = groups(site, &call.viewer).await?;
    let group = match params.get("group") {
        Some(text) => Some(group_of(&groups, text)?),
        None => None,
    };
    let is_in = |repo: &FleetRepo| group.is_some_and(|group| group.holds(repo.id, &repo.name));
    let question = FleetQuestion {
        sees: &sees,
        in_group: group.map(|_| &is_in as Sees<'_>),
        groups: &groups[..groups.len().min(MOST_GROUPS)],
        owner: params.get("owner"),
        search: params.get("q"),
        sort: order.sort,
        direction: order.direction,
        offset,
        limit,
        now: site.now(),
    };
    let (asked, step) = (view.asked, view.step);
    Ok(match after {
        Some(after) => {
            let shelf = site.shelf();
            shelf.ask_after(asked, step, &question, after).await?
        }
        None => {
            let answer = site.shelf().ask(asked, step, &question).await?;
            answer.map(|answer| (offset, answer))
        }
    })
}

/// The groups that a viewer may know of: all for whoever sees everything, else those they were given.
async fn groups(site: &Site, viewer: &Viewer) -> Result<Vec<Group>, Problem> {
    let mut groups = match &viewer.scope {
        Scope::All => site.store().groups().await?,
        Scope::Some(seen) => seen.groups.clone(),
    };
    groups.sort_by(|a, b| a.name.cmp(&b.name));
    groups.dedup_by(|a, b| a.name == b.name);
    Ok(groups)
}

fn group_of<'a>(groups: &'a [Group], text: &str) -> Result<&'a Group, Problem> {
    let name: Result<GroupName, _> = text.parse();
    let found = name
        .ok()
        .and_then(|name| groups.iter().find(|group| group.name == name));
    found.ok_or_else(|| Problem::Missing(format!("There is no group \"{text}\"")))
}

/// What is said where there is no day to show.
async fn nothing(site: &Site, call: &Call, view: &View) -> Result<Markup, Problem> {
    let roll = site.shelf().roll().await?;
    let sees_any = roll
        .repos()
        .iter()
        .any(|repo| call.viewer.sees_in_fleet(repo) && repo.days.is_some());
    if sees_any {
        return Ok(html! {
            div class="controls" { (range::presets(view, &call.params)) }
            section class="panel" {
                p { "Nothing is known in " (view.range) "." }
            }
        });
    }
    if !call.viewer.may_change() {
        return Ok(welcome::nothing_to_see(call.frame.may_log_in));
    }
    let rules = site.store().rules().await?;
    Ok(match rules.len() {
        0 => welcome::nothing_tracked(call.viewer.may_change()),
        tracked => welcome::nothing_read(tracked),
    })
}

/// The newest spikes of the busiest repositories of the page.
async fn spikes<'a>(
    site: &Site,
    answer: &'a FleetAnswer,
) -> Result<Vec<(&'a FleetRepo, Spike)>, Problem> {
    let mut lines: Vec<&FleetLine> = answer.lines.iter().collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.metrics[0].total.count));
    let mut found = Vec::new();
    for line in lines.into_iter().take(WATCHED) {
        let Some(newest) = line.repo.newest[0] else {
            continue;
        };
        let spike = site
            .spikes()
            .newest(site.store(), line.repo.id, newest)
            .await?;
        if let Some(spike) = spike.filter(|spike| answer.range.contains(spike.peak)) {
            found.push((&line.repo, spike));
        }
    }
    found.sort_by_key(|(_, spike)| std::cmp::Reverse(spike.excess));
    found.truncate(SPIKES);
    Ok(found)
}

/// How the table is sorted.
#[derive(Debug, Clone, Copy)]
struct Order {
    word: &'static str,
    sort: Sort,
    direction: Direction,
}

impl Order {
    fn of(params: &Params) -> Result<Self, Problem> {
        let text = params.get("sort").unwrap_or("-views");
        let (text, direction) = match text.strip_prefix('-') {
            Some(text) => (text, Direction::Down),
            None => (text, Direction::Up),
        };
        let found = SORTS.iter().find(|(word, _)| *word == text);
        let (word, sort) = found.ok_or_else(|| {
            let known: Vec<&str> = SORTS.iter().map(|(word, _)| *word).collect();
            Problem::Bad(format!(
                "\"{text}\" is no order: it is one of {}",
                known.join(", ")
            ))
        })?;
        Ok(Self {
            word,
            sort: *sort,
            direction,
        })
    }
}

/// What all parts of the page need.
struct Shown<'a> {
    answer: &'a FleetAnswer,
    view: &'a View,
    params: &'a Params,
    order: Order,
    page: usize,
}

impl Shown<'_> {
    fn body(&self, spikes: &[(&FleetRepo, Spike)]) -> Markup {
        let answer = self.answer;
        let (owner, group) = (self.params.get("owner"), self.params.get("group"));
        let group = group.map(|text| self.group_name(text));
        let is_part = owner.is_some() || group.is_some() || self.params.get("q").is_some();
        html! {
            div class="title" {
                h1 {
                    @match (owner, group) {
                        (None, None) => "All repositories",
                        (Some(owner), None) => (owner),
                        (None, Some(group)) => { "Group " (group) },
                        (Some(owner), Some(group)) => { (owner) " in group " (group) },
                    }
                }
                span class="muted" {
                    (repositories(answer.repos_found))
                    @if let Some(search) = self.params.get("q") { " with “" (search) "”" }
                }
                @if is_part {
                    a href=(self.params.with("owner", None).with("group", None).with("q", None)) class="small" { "Show all" }
                }
            }
            (self.attention(spikes))
            div class="controls" {
                (range::presets(self.view, self.params))
                (range::between(self.params, answer.range, None))
            }
            (self.figures())
            div class="pair" {
                (self.chart(Metric::Views))
                (self.chart(Metric::Clones))
            }
            (self.league())
            div class="pair" {
                (self.owners())
                (self.groups())
                (self.coverage())
            }
        }
    }

    /// A group as it is called, however it was asked for.
    fn group_name<'a>(&'a self, text: &'a str) -> &'a str {
        let key = text.trim().to_lowercase();
        let mut groups = self.answer.groups.iter();
        let found = groups.find(|group| group.name.key() == key);
        found.map_or(text, |group| group.name.as_str())
    }

    fn attention(&self, spikes: &[(&FleetRepo, Spike)]) -> Markup {
        let attention = self.answer.attention;
        let is_calm = attention.failing == 0 && attention.losing == 0 && spikes.is_empty();
        if is_calm {
            return html! {};
        }
        let urgent = attention.losing > 0;
        html! {
            section class={ "notice " @if urgent { "bad" } @else if attention.failing > 0 { "warn" } } aria-label="What needs attention" {
                ul class="plain" {
                    @if urgent {
                        li {
                            strong { (repositories(attention.losing)) " about to lose a day" }
                            @if let Some(days) = attention.least_days_safe { ": the first is safe for " (words::counted(days.into(), "day")) }
                            ". " a href="/health" { "See which" }
                        }
                    }
                    @if attention.failing > 0 {
                        li { (repositories(attention.failing)) " could not be read the last time. " a href="/health" { "See why" } }
                    }
                    @for (repo, spike) in spikes {
                        li {
                            span class="tag" { "spike" } " "
                            a href={ (words::path_of(&repo.name)) (self.params.of_one()) "#spike-views-" (spike.peak) } { (repo.name) }
                            ": " (grouped(spike.count)) " views in " (words::counted(spike.days.days().unsigned_abs(), "day"))
                            @if let Some(times) = spike.times() { ", " (format!("{times:.1}")) " times the usual" }
                        }
                    }
                }
            }
        }
    }

    fn figures(&self) -> Markup {
        let answer = self.answer;
        html! {
            dl class="figures" {
                (self.figure("Views", &answer.metrics[0]))
                (self.figure("Clones", &answer.metrics[1]))
                div {
                    dt { "Stars" }
                    (words::figure(&words::number((answer.stars.repos_known > 0).then_some(answer.stars.stars))))
                    dd class="small muted" {
                        @if answer.stars.repos_compared > 0 { (words::difference(answer.stars.change)) " in the range" }
                        @else { "not read yet" }
                    }
                }
                div {
                    dt { "Repositories" }
                    (words::figure(&grouped(answer.repos_found as u64)))
                    dd class="small muted" {
                        @if answer.attention.gone > 0 { (grouped(answer.attention.gone as u64)) " gone" }
                        @else if let Some(days) = answer.attention.least_days_safe { "all safe for " (words::counted(days.into(), "day")) }
                    }
                }
            }
            p class="muted small" {
                (words::days(answer.range)) ", " (words::counted(answer.range.days().unsigned_abs(), "day"))
                " · change against the days before, by days measured in both · people are told for each repository alone: those of two are not added up"
            }
        }
    }

    fn figure(&self, label: &str, of: &FleetMetric) -> Markup {
        let found = self.answer.repos_found;
        html! {
            div {
                dt { (label) }
                (words::figure(&words::number((of.repos_known > 0).then_some(of.total.count))))
                dd class="small" {
                    (words::change(&of.comparison))
                    @if of.repos_known < found { span class="muted" { " · " (grouped(of.repos_known as u64)) " of " (grouped(found as u64)) " known" } }
                    @if of.total.days_missing > 0 { span class="muted" title="days of single repositories that are not known" { " · " (words::counted(of.total.days_missing, "day")) " missing" } }
                }
            }
        }
    }

    fn chart(&self, metric: Metric) -> Markup {
        let (heading, ink, place) = match metric {
            Metric::Views => ("Views", Ink::Views, 0),
            Metric::Clones => ("Clones", Ink::Clones, 1),
        };
        let sums = &self.answer.chart[place];
        let word = metric.word();
        let mut chart = TimeChart {
            id: String::new(),
            title: format!("{heading} of {}", repositories(self.answer.repos_found)),
            description: format!("{heading} from {}", words::days(self.answer.range)),
            range: self.answer.range,
            step: self.answer.step,
            scale: self.view.scale,
            layers: vec![Layer {
                label: word.to_owned(),
                ink,
                shape: Shape::Area,
                points: sums
                    .iter()
                    .map(|sum| point(sum, self.answer.step))
                    .collect(),
            }],
            marks: Vec::new(),
            newest: Some(self.answer.range.last()),
            unit: word.to_owned(),
            zero_based: true,
        };
        let unknown = sums
            .iter()
            .filter(|sum| sum.repos_whole < sum.repos_watched)
            .count();
        html! {
            section class="panel" aria-labelledby=(word) {
                header { h2 id=(word) { (heading) } }
                (figure::of_days(&mut chart, &format!("chart-{word}"), Place::Half))
                @if unknown > 0 {
                    p class="small muted" {
                        "On " (words::counted(unknown as u64, step_word(self.answer.step))) " not all repositories are known: a hollow point is the least there was."
                    }
                }
            }
        }
    }

    /// Of how many repositories each day is known.
    fn coverage(&self) -> Markup {
        let sums = &self.answer.chart[0];
        let words_of = |sum: &StepSum| {
            let (whole, watched) = (sum.repos_whole, sum.repos_watched);
            format!(
                "{} of {} known",
                grouped(whole as u64),
                grouped(watched as u64)
            )
        };
        let is_by_day = self.answer.step == Step::Day;
        let days = sums.iter().map(|sum| CalendarDay {
            day: sum.days.first(),
            cell: match (sum.repos_whole, sum.repos_watched) {
                (_, 0) => Cell::Outside,
                (0, _) => Cell::Gap,
                (whole, watched) => Cell::Measured(Cell::level(share(whole), share(watched))),
            },
            text: words_of(sum),
        });
        let holed = sums
            .iter()
            .filter(|sum| sum.repos_whole < sum.repos_watched)
            .count();
        let calendar = Calendar {
            id: "coverage-days".to_owned(),
            title: "Of how many repositories each day is known".to_owned(),
            description: words::days(self.answer.range),
            range: self.answer.range,
            ink: Ink::Downloads,
            days: days.collect(),
            most: "all".to_owned(),
            least: "none".to_owned(),
        };
        html! {
            section class="panel" aria-labelledby="coverage" {
                header { h2 id="coverage" { "Coverage" } }
                figure class="chart beside" {
                    @if is_by_day { div { (calendar.svg(&figure::canvas((calendar_width(self.answer.range), 160)))) } }
                    div {
                        p {
                            @if holed == 0 { "Every day of every repository in this range is known." }
                            @else { (words::counted(holed as u64, step_word(self.answer.step))) " of " (grouped(sums.len() as u64)) " with a repository of which something is not known." }
                        }
                        (figure::behind(&calendar.table(), &[]))
                    }
                }
            }
        }
    }
}

/// No wider than its weeks, so that what stands beside it is near.
fn calendar_width(range: DayRange) -> u32 {
    let weeks = u32::try_from(range.days() / 7 + 2).unwrap_or(u32::MAX);
    weeks.saturating_mul(15).saturating_add(40).clamp(180, 520)
}

#[expect(clippy::cast_precision_loss, reason = "a shade needs few digits")]
const fn share(number: usize) -> f64 {
    number as f64
}

fn repositories(number: usize) -> String {
    match number {
        1 => "1 repository".to_owned(),
        more => format!("{} repositories", grouped(more as u64)),
    }
}

const fn step_word(step: Step) -> &'static str {
    match step {
        Step::Day => "day",
        Step::Week => "week",
        Step::Month => "month",
    }
}

/// A sum that lacks some repositories is the least there was.
fn point(sum: &StepSum, step: Step) -> Point {
    let is_whole =
        sum.repos_whole >= sum.repos_watched && sum.repos_partial == 0 && !step.is_cut(sum.days);
    Point {
        range: sum.days,
        value: sum.count.map(|count| {
            let count = super::repo::large(count);
            match is_whole {
                true => PointValue::Measured(count),
                false => PointValue::Partial(count),
            }
        }),
    }
}
