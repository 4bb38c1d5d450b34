//! What an import did or would do, for people and for scripts.

use gitratra_core::RepoId;
use gitratra_core::import::Kind;
use gitratra_render::number::{counted, grouped};
use gitratra_render::term::{Column, table};
use gitratra_store::ImportEffect;
use serde::Serialize;

use crate::output::Voice;

/// What came of a file.
pub(super) struct Outcome {
    pub(super) path: String,
    pub(super) kind: Kind,
    pub(super) repos: Vec<RepoOutcome>,
    /// What is in the file and was not taken over.
    pub(super) left_out: Vec<String>,
}

/// What came of a repository in it.
pub(super) struct RepoOutcome {
    pub(super) id: RepoId,
    pub(super) name: String,
    pub(super) effect: ImportEffect,
}

/// How many differences of a repository are shown without asking for more.
const SHOWN: usize = 5;

pub(super) fn text(outcomes: &[Outcome], is_dry: bool, voice: Voice) -> String {
    let mut text = String::new();
    for outcome in outcomes {
        text.push_str(&format!(
            "\"{}\" is {}{}\n\n",
            outcome.path,
            outcome.kind.word(),
            if is_dry { "; nothing is written" } else { "" }
        ));
        text.push_str(&numbers(outcome, voice));
        for repo in &outcome.repos {
            text.push_str(&differences(repo, voice));
        }
        for what in &outcome.left_out {
            text.push_str(&format!("\nleft out: {what}\n"));
        }
        let changed = outcome.repos.iter().filter(|repo| repo.effect.changes());
        text.push_str(&match (changed.count(), is_dry) {
            (0, _) => "\nnothing new\n".to_owned(),
            (number, true) => format!("\n{} would change\n", repositories(number)),
            (number, false) => format!("\n{} changed\n", repositories(number)),
        });
    }
    text
}

fn repositories(number: usize) -> String {
    match number {
        1 => "1 repository".to_owned(),
        _ => format!("{} repositories", grouped(number as u64)),
    }
}

fn numbers(outcome: &Outcome, voice: Voice) -> String {
    let columns = [
        Column::name("repository"),
        Column::number("added"),
        Column::number("settled"),
        Column::number("raised"),
        Column::number("contradicted"),
        Column::number("known"),
        Column::number("doubted"),
        Column::number("periods"),
        Column::number("lists"),
        Column::number("totals"),
    ];
    let rows: Vec<Vec<String>> = outcome
        .repos
        .iter()
        .map(|repo| {
            let effect = &repo.effect;
            let numbers = [
                effect.added,
                effect.settled,
                effect.raised,
                effect.contradicted,
                effect.known,
                effect.doubted,
                effect.periods,
                effect.lists,
                effect.totals,
            ];
            std::iter::once(repo.name.clone())
                .chain(numbers.map(grouped))
                .collect()
        })
        .collect();
    table(&columns, &rows, voice.page())
}

fn differences(repo: &RepoOutcome, voice: Voice) -> String {
    let all = &repo.effect.differences;
    if all.is_empty() {
        return String::new();
    }
    let shown = if voice.is_verbose() { all.len() } else { SHOWN };
    let mut text = format!("\n{}\n", repo.name);
    for difference in all.iter().take(shown) {
        let value = |count: gitratra_core::Count| {
            format!(
                "{} ({})",
                grouped(count.count()),
                grouped(count.uniques().get())
            )
        };
        text.push_str(&format!(
            "  {} {}: {} in the file, {} held; {}\n",
            difference.metric,
            difference.day,
            value(difference.told),
            value(difference.held),
            if difference.is_raised {
                "raised"
            } else {
                "contradicted, what is held stays"
            }
        ));
    }
    if all.len() > shown {
        text.push_str(&format!(
            "  and {} more: -v lists them\n",
            counted((all.len() - shown) as u64, "day")
        ));
    }
    text
}

/// The account for scripts.
#[derive(Serialize)]
pub(super) struct Account<'a> {
    dry_run: bool,
    files: Vec<FileAccount<'a>>,
}

#[derive(Serialize)]
struct FileAccount<'a> {
    path: &'a str,
    kind: &'static str,
    repos: Vec<RepoAccount<'a>>,
    left_out: &'a [String],
}

#[derive(Serialize)]
struct RepoAccount<'a> {
    repo: &'a str,
    /// Nothing where GitHub has not confirmed the name yet.
    id: Option<u64>,
    added: u64,
    settled: u64,
    raised: u64,
    contradicted: u64,
    known: u64,
    doubted: u64,
    periods: u64,
    lists: u64,
    totals: u64,
    differences: Vec<DifferenceAccount>,
}

#[derive(Serialize)]
struct DifferenceAccount {
    metric: &'static str,
    day: String,
    told: u64,
    told_uniques: u64,
    held: u64,
    held_uniques: u64,
    raised: bool,
}

pub(super) fn json(outcomes: &[Outcome], is_dry: bool) -> Account<'_> {
    Account {
        dry_run: is_dry,
        files: outcomes.iter().map(file).collect(),
    }
}

fn file(outcome: &Outcome) -> FileAccount<'_> {
    FileAccount {
        path: &outcome.path,
        kind: outcome.kind.word(),
        repos: outcome.repos.iter().map(repo).collect(),
        left_out: &outcome.left_out,
    }
}

fn repo(of: &RepoOutcome) -> RepoAccount<'_> {
    let effect = &of.effect;
    RepoAccount {
        repo: &of.name,
        id: (!of.id.is_unconfirmed()).then_some(of.id.0),
        added: effect.added,
        settled: effect.settled,
        raised: effect.raised,
        contradicted: effect.contradicted,
        known: effect.known,
        doubted: effect.doubted,
        periods: effect.periods,
        lists: effect.lists,
        totals: effect.totals,
        differences: effect
            .differences
            .iter()
            .map(|difference| DifferenceAccount {
                metric: difference.metric.word(),
                day: difference.day.to_string(),
                told: difference.told.count(),
                told_uniques: difference.told.uniques().get(),
                held: difference.held.count(),
                held_uniques: difference.held.uniques().get(),
                raised: difference.is_raised,
            })
            .collect(),
    }
}
