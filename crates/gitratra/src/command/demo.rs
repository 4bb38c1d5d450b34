//! `demo`: two simulated years, collected from a simulated GitHub on loopback day by day, by the
//! same pass that `sync` runs.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use gitratra_core::{Pattern, Rules};
use gitratra_github::{ApiUrl, Credential, RetryPolicy};
use gitratra_sim::{AssetSpec, Daily, Limits, ReleaseSpec, RepoSpec, Sim};
use gitratra_store::{Location, Store};
use gitratra_sync::{Ask, Asker, AskerKind, Ended, Options, Report};
use gitratra_web::access::{Access, AccessRules};
use gitratra_web::{Server, Site, Watched};
use indicatif::{ProgressBar, ProgressStyle};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::Exit;
use crate::args;
use crate::clock::machine_time;
use crate::output::Voice;
use crate::serve::Picture;
use crate::settings::{self, Settings};
use crate::{connect, interrupt};

/// Simulated days, from 2024-11-20 on.
const DAYS: i64 = 730;
const JOBS: usize = 8;
const FIRST_PASS: &str = "2024-11-20T09:30:00Z";
/// The machine that collects is switched off for so long that days are lost: gaps are part of life,
/// and look unlike zeros.
const OUTAGE: std::ops::Range<i64> = 410..432;
/// On this day a repository is renamed.
const RENAME: i64 = 300;

pub(super) async fn run(args: &args::Demo, settings: &Settings, voice: Voice) -> Result<Exit> {
    let location = place(settings).await?;
    let interrupt = interrupt::listen(voice)?;
    let sim = Sim::builder()
        .seed(7)
        .at(FIRST_PASS)
        .limits(Limits::none())
        .log_capacity(0)
        .repo(hello())
        .repo(repo("octo/ferris-tools", "2021-02-11", 95.0))
        .repo(repo("octo/atlas", "2023-09-30", 31.0))
        .repo(repo("octo/notes", "2024-12-15", 6.0))
        .repo(repo("octo/dotfiles", "2016-01-20", 0.8))
        .repo(repo("octo/secret-plans", "2024-01-08", 12.0).private())
        .token("ghp_demo")
        .start()
        .await;
    let store = Store::open(&location).await?;
    let collected = collect(&sim, &store, voice, &interrupt).await;
    let collected = match collected {
        Ok(collected) => collected,
        Err(error) => {
            store.close().await;
            return Err(error);
        }
    };
    if interrupt.is_cancelled() {
        voice.warn("interrupted: what was collected so far can be looked at");
    }
    voice.data(&what_to_look_at(&location, collected))?;
    let is_complete = !interrupt.is_cancelled();
    if is_complete && !args.no_web {
        show(args, settings, &store, voice, &interrupt).await?;
    }
    store.close().await;
    if is_complete {
        return Ok(Exit::Done);
    }
    Ok(Exit::Partly)
}

/// Shows the dashboard until somebody interrupts.
async fn show(
    args: &args::Demo,
    settings: &Settings,
    store: &Store,
    voice: Voice,
    interrupt: &CancellationToken,
) -> Result<()> {
    const USUAL: &str = "127.0.0.1:8080";
    let server = match &args.listen {
        Some(address) => Server::bind(address).await?,
        // What is usual may be taken by the real one.
        None => match Server::bind(USUAL).await {
            Ok(server) => server,
            Err(_) => Server::bind("127.0.0.1:0").await?,
        },
    };
    let address = server.local_addr()?;
    if !address.ip().is_loopback() {
        bail!("the demonstration is for this machine alone: listen on 127.0.0.1");
    }
    let watched: Arc<dyn Watched> = Arc::new(Picture {
        status: gitratra_sync::Status::default(),
        clock: settings.clock(),
        store: store.clone(),
        shows_private: true,
        settings: settings.clone(),
        simulated_now: store.latest_time().await?,
        collects: false,
    });
    let rules = AccessRules {
        is_loopback: true,
        ..AccessRules::default()
    };
    let access = Access::new(store.clone(), rules, machine_time, None);
    let site = Site::new(store.clone(), Arc::clone(&watched), Vec::new(), access);
    voice.say(&format!(
        "the dashboard is at http://{address}, Ctrl-C ends it"
    ));
    server.run(watched, Some(site), interrupt.clone()).await;
    Ok(())
}

/// The one with releases, and with workflows that clone it.
fn hello() -> RepoSpec {
    let file = |name: &str, mean| AssetSpec::new(name).downloads(Daily::About(mean));
    let release = |tag: &str, published: &str, mean: f64| {
        ReleaseSpec::new(tag)
            .published(published)
            .asset(file("hello-x86_64-unknown-linux-gnu.tar.gz", mean))
            .asset(file("hello-aarch64-apple-darwin.tar.gz", mean * 0.6))
            .asset(file("hello-x86_64-pc-windows-msvc.zip", mean * 0.4))
            .asset(file("SHA256SUMS", mean * 0.1))
    };
    repo("octo/hello", "2019-05-01", 420.0)
        .release(release("v1.8.0", "2024-06-12T10:00:00Z", 9.0))
        .release(release("v2.0.0", "2026-03-25T14:00:00Z", 31.0))
        .workflow_runs(Daily::About(6.0), 3)
}

fn repo(name: &str, created: &str, views: f64) -> RepoSpec {
    RepoSpec::new(name).created(created).mean_views(views)
}

/// A database of its own: simulated days must never get among real ones.
async fn place(settings: &Settings) -> Result<Location> {
    if let Some(location) = settings.named_location()? {
        let store = Store::open(&location).await?;
        let is_used = !store.repositories().await?.is_empty() || !store.rules().await?.is_empty();
        store.close().await;
        if is_used {
            bail!(
                "\"{location}\" is in use: simulated days must not get among real ones, so name a new database"
            );
        }
        return Ok(location);
    }
    let folder = settings::cache_folder()?;
    let path = folder.join("demo.db");
    for suffix in ["", "-wal", "-shm"] {
        let mut old = path.clone().into_os_string();
        old.push(suffix);
        match std::fs::remove_file(PathBuf::from(&old)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot remove the old demo {old:?}"));
            }
            _ => {}
        }
    }
    let text = path
        .to_str()
        .context("the cache folder is no Unicode: name a database with --db")?;
    Ok(Location::parse(text)?)
}

/// How far the collecting came.
#[derive(Debug, Clone, Copy)]
struct Collected {
    days: i64,
    repositories: usize,
    passes: u64,
}

/// Runs a pass a day, until the end or an interrupt.
async fn collect(
    sim: &Sim,
    store: &Store,
    voice: Voice,
    interrupt: &CancellationToken,
) -> Result<Collected> {
    let credential = Credential::Token(SecretString::from("ghp_demo".to_owned()));
    let api = ApiUrl::parse(&sim.url())?;
    let askers = [Asker {
        label: "demo".to_owned(),
        fingerprint: credential.fingerprint(),
        client: connect::client_at(api, credential, 0, JOBS, RetryPolicy::default())?,
        kind: AskerKind::Person,
    }];
    store.add_rules(&[Pattern::All]).await?;
    let options = Options {
        ask: Ask::Due,
        jobs: JOBS,
        runs_of: Rules::new(["octo/hello".parse::<Pattern>()?]),
        is_dry_run: false,
        waits_for_limit: false,
        terms: None,
        interrupt: interrupt.clone(),
    };
    let bar = progress(voice);
    let (mut days, mut passes) = (0, 0);
    for day in 0..DAYS {
        if day == RENAME {
            sim.rename("octo/atlas", "octo/atlas-maps");
        }
        if !OUTAGE.contains(&day) {
            let report = gitratra_sync::run(&askers, store, &options, &|_| {}).await?;
            if report.ended == Ended::Interrupted {
                break;
            }
            check(&report)?;
            passes += 1;
        }
        days += 1;
        if interrupt.is_cancelled() {
            break;
        }
        sim.advance_days(1);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(Collected {
        days,
        repositories: store.repositories().await?.len(),
        passes,
    })
}

/// A simulation that cannot be read is no demo.
fn check(report: &Report) -> Result<()> {
    if let Some(trouble) = report.troubles.first() {
        bail!(
            "the simulated GitHub cannot be read: {} ({}): {}",
            trouble.repo,
            trouble.endpoint,
            trouble.message
        );
    }
    match &report.ended {
        Ended::Done | Ended::Interrupted => Ok(()),
        Ended::RateLimited { .. } => {
            bail!("the simulated GitHub cannot be read: its rate limit is used up")
        }
        Ended::Unreachable(why) => bail!("the simulated GitHub cannot be reached: {why}"),
    }
}

fn progress(voice: Voice) -> ProgressBar {
    if !voice.shows_progress() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(DAYS.unsigned_abs());
    if let Ok(style) = ProgressStyle::with_template("{bar:32} {pos}/{len} simulated days") {
        bar.set_style(style);
    }
    bar
}

fn what_to_look_at(location: &Location, collected: Collected) -> String {
    let Collected {
        days,
        repositories,
        passes,
    } = collected;
    if days < DAYS {
        return format!(
            "\
collected {days} of {DAYS} simulated days of {repositories} repositories in {passes} passes, into
  {location}

look at it:
  gitratra --db '{location}' show
"
        );
    }
    format!(
        "\
collected {days} simulated days of {repositories} repositories in {passes} passes, into
  {location}

look at it:
  gitratra --db '{location}' show
  gitratra --db '{location}' show octo/hello --range 1y --by week
  gitratra --db '{location}' show octo/atlas                 it was renamed; its history stayed
  gitratra --db '{location}' show octo/hello --metric downloads --range 1y
  gitratra --db '{location}' top --range 1y
  gitratra --db '{location}' compare octo/hello octo/atlas --range 90d --by week
  gitratra --db '{location}' spikes octo/hello --range all
  gitratra --db '{location}' gaps octo/hello                 the collector was switched off for 22 days
  gitratra --db '{location}' why octo/hello 2026-11-01
  gitratra --db '{location}' export daily | head
"
    )
}
