//! `warehouse`: the history as partitioned Parquet in a folder or in a bucket, brought up to date.

use anyhow::Result;
use serde::Serialize;

use crate::Exit;
use crate::args;
use crate::clock::machine_time;
use crate::connect;
use crate::output::Voice;
use crate::settings::Settings;
use crate::warehouse::line;

/// What was done, for scripts.
#[derive(Serialize)]
struct Told<'a> {
    place: &'a str,
    is_dry_run: bool,
    generation: u64,
    written: &'a [String],
    removed: &'a [String],
    same: usize,
    files: usize,
    rows: u64,
    bytes_written: u64,
    strangers: &'a [String],
}

pub(super) async fn run(args: &args::Warehouse, settings: &Settings, voice: Voice) -> Result<Exit> {
    let mut warehouse = settings.warehouse(args.place.as_deref(), &args.what, &args.repo)?;
    let options = &mut warehouse.options;
    options.is_dry = args.dry_run;
    options.is_full = args.full;
    options.is_one_writer |= args.one_writer;
    options.may_shrink = args.shrink;
    connect::existing(settings)?;
    let store = connect::store(settings).await?;
    let at = connect::github_time(settings, &store, voice).await?;
    let at = at.unwrap_or_else(machine_time);
    let done = warehouse.bring_up_to_date(&store, at).await;
    store.close().await;
    let done = done?;
    if args.json.json {
        voice.json(&Told {
            place: warehouse.shown(),
            is_dry_run: args.dry_run,
            generation: done.generation,
            written: &done.written,
            removed: &done.removed,
            same: done.same,
            files: done.files,
            rows: done.rows,
            bytes_written: done.bytes,
            strangers: &done.strangers,
        })?;
    }
    for stranger in &done.strangers {
        voice.warn(&format!(
            "\"{stranger}\" is none of ours: whoever reads all files of its folder reads it too"
        ));
    }
    let begin = if args.dry_run { "would be: " } else { "" };
    voice.say(&format!("{begin}{}", line(warehouse.shown(), &done)));
    Ok(Exit::Done)
}
