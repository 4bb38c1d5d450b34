//! `migrate`: moves a whole store to another place, on either engine, and proves that it is the same.

use anyhow::{Result, bail};
use gitratra_store::{Carried, Entry, Location, Store};
use serde::Serialize;

use crate::Exit;
use crate::args;
use crate::connect;
use crate::output::Voice;

/// Passes after which somebody writes faster than is carried.
const PASSES: u32 = 5;

/// What was moved, for scripts.
#[derive(Serialize)]
struct Moved<'a> {
    from: String,
    to: String,
    rows: u64,
    passes: u32,
    sha256: &'a str,
}

pub(super) async fn run(args: &args::Migrate, voice: Voice) -> Result<Exit> {
    let (from, to) = (Location::parse(&args.from)?, Location::parse(&args.to)?);
    connect::is_there(&from)?;
    if connect::is_same(&from, &to) {
        bail!("\"{from}\" cannot move into itself: name another place with --to");
    }
    let old = connect::whole(&from).await?;
    let new = Store::open(&to).await?;
    let is_begun = match new.begin_move(&from.to_string()).await? {
        Entry::Begun => true,
        Entry::GoesOn => {
            voice.say(&format!(
                "going on with the move from \"{from}\" that was begun before"
            ));
            false
        }
        Entry::Taken => bail!(
            "\"{to}\" holds something already: name an empty place, or join both with `gitratra merge`"
        ),
        Entry::TakenBy(other) => bail!(
            "a move from \"{other}\" to \"{to}\" is not ended: end it with the same --from, or name another place"
        ),
    };
    for pass in 1..=PASSES {
        let carried = one_pass(&old, &new, is_begun && pass == 1, voice).await?;
        if carried.is_same() {
            new.end_move().await?;
            old.close().await;
            new.close().await;
            return tell(&from, &to, &carried, pass, args, voice);
        }
        voice.say(&format!(
            "pass {pass}: {} rows read, {} written, {} outdated ones removed",
            carried.rows, carried.written, carried.removed
        ));
    }
    bail!(
        "\"{from}\" changes faster than it is carried: stop what writes to it, then run this again; it goes on where it is"
    );
}

async fn one_pass(old: &Store, new: &Store, is_empty: bool, voice: Voice) -> Result<Carried> {
    let tell = |table: &'static str, rows: u64| {
        if voice.is_verbose() {
            voice.say(&format!("{table}: {rows} rows so far"));
        }
    };
    Ok(old.carry_to(new, is_empty, tell).await?)
}

fn tell(
    from: &Location,
    to: &Location,
    carried: &Carried,
    passes: u32,
    args: &args::Migrate,
    voice: Voice,
) -> Result<Exit> {
    if args.json.json {
        voice.json(&Moved {
            from: from.to_string(),
            to: to.to_string(),
            rows: carried.rows,
            passes,
            sha256: &carried.digest,
        })?;
    }
    voice.say(&format!(
        "\"{to}\" holds what \"{from}\" does: {} rows, SHA-256 {} on both sides",
        carried.rows, carried.digest
    ));
    voice.say(&format!(
        "from now on: --db '{to}' or GITRATRA_DB; \"{from}\" is as it was"
    ));
    Ok(Exit::Done)
}
