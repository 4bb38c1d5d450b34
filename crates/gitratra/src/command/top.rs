//! `top`: repositories in an order, in the terminal or as JSON.

use anyhow::Result;
use gitratra_core::change::{self, FLOOR, LeagueOrder, MoveOrder};
use gitratra_core::figures::{Comparison, compare, total};
use gitratra_core::{Day, DayRange, Metric, Series};
use gitratra_render::term::{ShowTop, TopLine, show_top};
use gitratra_store::Store;
use serde::Serialize;

use crate::Exit;
use crate::args::{Order, Top};
use crate::connect;
use crate::output::Voice;
use crate::settings::Settings;
use gitratra_answer::Asked;

use super::repos;

/// A repository and its days.
struct Member {
    name: String,
    series: Series,
}

/// A repository in its place.
struct Placed<'a> {
    member: &'a Member,
    /// The days that the numbers are of.
    range: DayRange,
    rank: Option<u64>,
    count: Option<u64>,
    usual: Option<f64>,
    days: u64,
    of_days: u64,
    change: Comparison,
}

pub(super) async fn run(args: &Top, settings: &Settings, voice: Voice) -> Result<Exit> {
    let asked: Asked = args.range.parse()?;
    let store = connect::store(settings).await?;
    let metric: Metric = args.metric.into();
    let fleet = read(&store, asked, args.order).await?;
    store.close().await;
    let Some((members, range)) = fleet else {
        if args.json.json {
            voice.json(&[(); 0])?;
        } else {
            voice.say(&format!("there is nothing in {}", args.range));
        }
        return Ok(Exit::Done);
    };
    let (mut placed, unplaced) = place(&members, range, metric, args.order);
    let more = placed.len().saturating_sub(args.number);
    placed.truncate(args.number);
    if args.json.json {
        let lines = placed.iter().map(|placed| Line::of(placed, metric));
        voice.json(&lines.collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    let lines: Vec<TopLine<'_>> = placed
        .iter()
        .map(|placed| TopLine {
            name: &placed.member.name,
            series: &placed.member.series,
            rank: placed.rank,
            count: placed.count,
            usual: placed.usual,
            days: placed.days,
            of_days: placed.of_days,
            change: placed.change,
        })
        .collect();
    // What went quiet is told of the days for which it has been.
    let widest = placed
        .iter()
        .map(|placed| placed.range)
        .reduce(|one, other| {
            let (first, last) = (one.first().min(other.first()), one.last().max(other.last()));
            DayRange::new(first, last).unwrap_or(one)
        });
    let range = widest.unwrap_or(range);
    let show = ShowTop {
        order: match args.order {
            Order::Total => "by total",
            Order::PerDay => "by measured day",
            Order::Rising => "that rose",
            Order::Falling => "that fell",
            Order::Quiet => "that went quiet",
        },
        metric,
        range,
        lines: &lines,
        more: more as u64,
        unplaced,
    };
    voice.data(&show_top(&show, voice.page()))?;
    Ok(Exit::Done)
}

/// All repositories, and the range in days; nothing where no day is known in it. All ranges end on
/// the same day, the newest that any repository has.
async fn read(
    store: &Store,
    asked: Asked,
    order: Order,
) -> Result<Option<(Vec<Member>, DayRange)>> {
    let known = repos::held(store).await?;
    let newest = known.iter().filter_map(|repo| repo.held.newest_of_any());
    let Some(newest) = newest.max() else {
        return Ok(None);
    };
    let mut members = Vec::with_capacity(known.len());
    let mut first: Option<Day> = None;
    for repo in known {
        let Some(id) = repo.id else { continue };
        // What went quiet is told by its own past.
        let needed = match (asked, order) {
            (Asked::All, _) | (_, Order::Quiet) => None,
            (asked, _) => {
                let ever = DayRange::new(Day::MIN, newest).and_then(|ever| asked.of(ever));
                ever.and_then(|range| DayRange::new(range.before().first(), range.last()))
            }
        };
        let series = Series::new(store.days(id, needed).await?);
        let begins = series.range().map(DayRange::first);
        first = first.into_iter().chain(begins).min();
        members.push(Member {
            name: repo.name.to_string(),
            series,
        });
    }
    let known = first.and_then(|first| DayRange::new(first, newest));
    let range = known.and_then(|known| asked.of(known));
    Ok(range.map(|range| (members, range)))
}

/// Puts repositories in order, and tells how many cannot be placed.
fn place(
    members: &[Member],
    range: DayRange,
    metric: Metric,
    order: Order,
) -> (Vec<Placed<'_>>, u64) {
    let fleet = || {
        let all = members.iter().enumerate();
        all.map(|(at, member)| (at, &member.series))
    };
    let league = |order| {
        let places = change::league(fleet(), range, metric, order);
        let unplaced = places.iter().filter(|place| place.rank.is_none());
        let unplaced = unplaced.map(|_| 1).sum();
        let placed = places.iter().filter(|place| place.rank.is_some());
        let placed = placed.map(|place| Placed {
            rank: place.rank,
            ..Placed::of(&members[place.repository], range, metric)
        });
        (placed.collect(), unplaced)
    };
    match order {
        Order::Total => league(LeagueOrder::Count),
        Order::PerDay => league(LeagueOrder::CountPerDay),
        Order::Rising | Order::Falling => {
            let movers = change::movers(fleet(), range, metric, MoveOrder::Absolute, FLOOR);
            let unplaced = movers.not_compared.len() as u64;
            let moves = match order {
                Order::Rising => movers.up,
                _ => movers.down,
            };
            let placed = moves.iter().zip(1..).map(|(moved, rank)| Placed {
                rank: Some(rank),
                ..Placed::of(&members[moved.repository], range, metric)
            });
            (placed.collect(), unplaced)
        }
        Order::Quiet => {
            // By the newest day that any of them has: a day to come tells nothing.
            let newest = members.iter().filter_map(|member| member.series.range());
            let newest = newest.map(DayRange::last).max().unwrap_or(range.last());
            let newest = newest.min(range.last());
            let quiet = members.iter().filter_map(|member| {
                let quiet = change::gone_quiet(&member.series, newest, metric)?;
                Some((member, quiet))
            });
            let mut quiet: Vec<_> = quiet.collect();
            // What is missed most goes first.
            quiet.sort_by(|(one, a), (other, b)| {
                let missed = (b.usual - b.count as f64).total_cmp(&(a.usual - a.count as f64));
                missed.then_with(|| one.name.cmp(&other.name))
            });
            let placed = quiet
                .into_iter()
                .zip(1..)
                .map(|((member, quiet), rank)| Placed {
                    member,
                    range: quiet.range,
                    rank: Some(rank),
                    count: Some(quiet.count),
                    usual: Some(quiet.usual),
                    days: quiet.days,
                    of_days: quiet.of_days,
                    change: compare(&member.series, quiet.range, metric),
                });
            (placed.collect(), 0)
        }
    }
}

impl<'a> Placed<'a> {
    fn of(member: &'a Member, range: DayRange, metric: Metric) -> Self {
        let total = total(member.series.within(range), metric);
        let days = total.days_measured + total.days_partial;
        Self {
            member,
            range,
            rank: None,
            count: (days > 0).then_some(total.count),
            usual: None,
            days,
            of_days: u64::try_from(range.days()).unwrap_or(0),
            change: compare(&member.series, range, metric),
        }
    }
}

#[derive(Serialize)]
struct Line<'a> {
    rank: Option<u64>,
    repo: &'a str,
    metric: &'static str,
    from: String,
    to: String,
    count: Option<u64>,
    kind: &'static str,
    /// What the measured days usually bring, where the order is about that.
    usual: Option<f64>,
    usual_kind: Option<&'static str>,
    days_measured: u64,
    of_days: u64,
    before: Before,
}

/// The days compared with those of the range before.
#[derive(Serialize)]
struct Before {
    count_now: u64,
    count_before: u64,
    days_compared: u64,
    percent: Option<f64>,
}

impl<'a> Line<'a> {
    fn of(placed: &Placed<'a>, metric: Metric) -> Self {
        Self {
            rank: placed.rank,
            repo: &placed.member.name,
            metric: metric.word(),
            from: placed.range.first().to_string(),
            to: placed.range.last().to_string(),
            count: placed.count,
            kind: "measured",
            usual: placed.usual,
            usual_kind: placed.usual.map(|_| "estimate"),
            days_measured: placed.days,
            of_days: placed.of_days,
            before: Before {
                count_now: placed.change.now,
                count_before: placed.change.before,
                days_compared: placed.change.days,
                percent: placed.change.percent(),
            },
        }
    }
}
