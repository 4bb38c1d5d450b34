//! One file for each command. A command parses what it was given, asks the store or GitHub, and
//! prints; it returns how the program ends.

mod action;
mod admin;
mod alerts;
mod archive;
mod backup;
mod compare;
mod completions;
mod demo;
mod doctor;
mod explain;
mod export;
mod gaps;
mod group;
mod import;
mod joining;
mod login;
mod man;
mod mcp;
mod merge;
mod migrate;
mod note;
mod original;
mod report;
mod repos;
mod restore;
mod serve;
mod share;
mod show;
mod spikes;
mod sync;
mod top;
mod track;
mod users;
mod verify;
mod warehouse;
mod why;

pub(crate) use export::chosen;
pub(crate) use repos::held;

use anyhow::{Result, bail};
use gitratra_core::{RepoId, RepoName};
use gitratra_store::Store;

use crate::Exit;
use crate::args::Command;
use crate::output::Voice;
use crate::settings::Settings;

/// Carries a command out.
pub(crate) async fn run(command: Command, settings: &Settings, voice: Voice) -> Result<Exit> {
    match command {
        Command::Track(args) => track::track(&args, settings, voice).await,
        Command::Untrack(args) => track::untrack(&args, settings, voice).await,
        Command::Repos(args) => repos::run(args, settings, voice).await,
        Command::Explain(args) => explain::run(&args, settings, voice).await,
        Command::Sync(args) => sync::run(args, settings, voice).await,
        Command::Serve(args) => serve::run(args, settings, voice).await,
        Command::Doctor(args) => doctor::run(&args, settings, voice).await,
        Command::Login(args) => login::login(&args, settings, voice).await,
        Command::Logout => login::logout(settings, voice).await,
        Command::Alerts(args) => alerts::run(&args, settings, voice).await,
        Command::Show(args) => show::run(&args, settings, voice).await,
        Command::Compare(args) => compare::run(&args, settings, voice).await,
        Command::Top(args) => top::run(&args, settings, voice).await,
        Command::Spikes(args) => spikes::run(&args, settings, voice).await,
        Command::Note(args) => note::run(&args, settings, voice).await,
        Command::Users(args) => users::run(&args, settings, voice).await,
        Command::Group(args) => group::run(&args, settings, voice).await,
        Command::Share(args) => share::run(&args, settings, voice).await,
        Command::Why(args) => why::run(&args, settings, voice).await,
        Command::Gaps(args) => gaps::run(&args, settings, voice).await,
        Command::Export(args) => export::run(&args, settings, voice).await,
        Command::Warehouse(args) => warehouse::run(&args, settings, voice).await,
        Command::Import(args) => import::run(&args, settings, voice).await,
        Command::Mcp(args) => mcp::run(&args, settings, voice).await,
        Command::Backup(args) => backup::run(&args, settings, voice).await,
        Command::Restore(args) => restore::run(&args, settings, voice).await,
        Command::Verify(args) => verify::run(&args, settings, voice).await,
        Command::Report(args) => report::run(&args, settings, voice).await,
        Command::Archive(args) => archive::run(&args, settings, voice).await,
        Command::Merge(args) => merge::run(&args, settings, voice).await,
        Command::Migrate(args) => migrate::run(&args, voice).await,
        Command::Admin(args) => admin::run(&args, settings, voice).await,
        Command::Demo(args) => demo::run(&args, settings, voice).await,
        Command::Completions { shell } => completions::run(shell, voice),
        Command::Man => man::run(voice),
        Command::Original(args) => original::run(args, settings, voice).await,
    }
}

/// A repository of the store, by any name it ever had.
#[derive(Debug, Clone)]
struct Found {
    id: RepoId,
    /// Its present name.
    name: RepoName,
    /// The name that was asked for, where it is a former one.
    former: Option<RepoName>,
}

/// Finds a repository of the store by what a user typed.
async fn find(store: &Store, text: &str, voice: Voice) -> Result<Found> {
    let name: RepoName = text.parse()?;
    let Some(found) = store.find(&name).await? else {
        bail!("nothing is known of \"{name}\": read it with `gitratra sync {name}`");
    };
    if found.is_former {
        voice.say(&format!("\"{name}\" is called \"{}\" now", found.name));
    }
    Ok(Found {
        id: found.id,
        former: found.is_former.then_some(name),
        name: found.name,
    })
}
