//! `admin distribute`: how the tables of a large database lie.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use gitratra_core::Day;
use gitratra_store::{Layout, LayoutPlan, LayoutStep, Store, StoreClock};
use serde::Serialize;

use crate::Exit;
use crate::args::{self, AdminCommand};
use crate::clock::machine_time;
use crate::connect;
use crate::output::Voice;
use crate::settings::Settings;

/// A collector shows itself every ten minutes; whoever missed two turns is gone.
const SEEN: Duration = Duration::from_secs(25 * 60);

pub(super) async fn run(args: &args::Admin, settings: &Settings, voice: Voice) -> Result<Exit> {
    let AdminCommand::Distribute(args) = &args.command;
    let store = connect::whole(&connect::existing(settings)?).await?;
    let done = distribute(&store, args, voice).await;
    store.close().await;
    done
}

/// What was done or would be, for scripts.
#[derive(Serialize)]
struct Told<'a> {
    dry_run: bool,
    tables: Vec<Table<'a>>,
}

#[derive(Serialize)]
struct Table<'a> {
    table: &'a str,
    rows_about: u64,
    bytes: u64,
    statements: &'a [String],
}

async fn distribute(store: &Store, args: &args::Distribute, voice: Voice) -> Result<Exit> {
    let to = match (args.partitions, args.years, args.undo) {
        (Some(parts), _, _) => Layout::Parts(parts),
        (None, true, _) => Layout::Years,
        (None, false, true) => Layout::Whole,
        (None, false, false) => Layout::Spread(args.shards.get()),
    };
    let today = Day::of(machine_time());
    let plan = store.layout_plan(to, today).await?;
    if args.dry_run {
        return tell(&plan, args, voice);
    }
    refuse(store, &plan.obstacles).await?;
    if plan.steps.is_empty() {
        voice.say("every table lies so already; nothing was changed");
    }
    let most = plan.steps.iter().max_by_key(|step| step.bytes);
    if let Some(most) = most {
        voice.say(&format!(
            "{} tables are made anew, the largest, {}, of {}: the disk of the server needs as much beside it",
            plan.steps.len(),
            most.table,
            size(most.bytes)
        ));
    }
    for (number, step) in (1..).zip(&plan.steps) {
        let what = format!("{} of about {} rows", step.table, step.rows);
        voice.say(&format!("{number} of {}: {what}", plan.steps.len()));
        let done = store.lay_out(step.table, to, today).await;
        done.with_context(|| {
            format!(
                "{} is as it was, {} tables are done; the same command goes on",
                step.table,
                number - 1
            )
        })?;
    }
    if args.json.json {
        voice.json(&told(&plan, false))?;
    }
    Ok(Exit::Done)
}

/// Nothing is begun that cannot be ended, or that somebody who collects would run into.
async fn refuse(store: &Store, obstacles: &[String]) -> Result<()> {
    if !obstacles.is_empty() {
        bail!("{}", obstacles.join("\n  "));
    }
    let presence = store.collectors(StoreClock::Own).await?;
    let since = presence.at.as_second() - SEEN.as_secs().cast_signed();
    let mut lately = presence.seen.iter();
    if let Some(one) = lately.find(|one| one.seen_at.as_second() > since) {
        bail!(
            "a collector on \"{}\" was seen at {:.0}: stop every `gitratra serve` of this database; one that was killed is forgotten after {} minutes",
            one.host,
            one.seen_at,
            SEEN.as_secs() / 60
        );
    }
    Ok(())
}

fn tell(plan: &LayoutPlan, args: &args::Distribute, voice: Voice) -> Result<Exit> {
    for obstacle in &plan.obstacles {
        voice.warn(obstacle);
    }
    if args.json.json {
        voice.json(&told(plan, true))?;
        return Ok(Exit::Done);
    }
    let mut text = String::new();
    for LayoutStep {
        table,
        rows,
        bytes,
        statements,
    } in &plan.steps
    {
        text.push_str(&format!(
            "-- {table}: about {rows} rows, {}\nbegin;\n",
            size(*bytes)
        ));
        for statement in statements {
            text.push_str(&format!("{statement};\n"));
        }
        text.push_str("commit;\n\n");
    }
    if plan.steps.is_empty() {
        voice.say("every table lies so already");
    }
    voice.data(&text)?;
    Ok(Exit::Done)
}

fn told(plan: &LayoutPlan, dry_run: bool) -> Told<'_> {
    Told {
        dry_run,
        tables: plan.steps.iter().map(table).collect(),
    }
}

fn table(step: &LayoutStep) -> Table<'_> {
    Table {
        table: step.table,
        rows_about: step.rows,
        bytes: step.bytes,
        statements: &step.statements,
    }
}

fn size(bytes: u64) -> String {
    match bytes / 1_000_000 {
        0 => format!("{} KB", bytes / 1000),
        mega => format!("{mega} MB"),
    }
}
