//! `sync`: one pass, and its account.

use anyhow::{Result, bail};
use gitratra_core::Timestamp;
use gitratra_github::Counters;
use gitratra_sync::{Ask, Ended, Note, Options, PassError, Report, Trouble};
use serde::Serialize;

use crate::Exit;
use crate::args;
use crate::askers::{Credentials, Missing, Shared};
use crate::clock::machine_time;
use crate::output::{self, Voice};
use crate::progress::Progress;
use crate::serve::myself;
use crate::settings::Settings;
use crate::{connect, interrupt};

use super::action::Action;
use super::track;

pub(super) async fn run(args: args::Sync, settings: &Settings, voice: Voice) -> Result<Exit> {
    let jobs = settings.jobs(args.jobs)?;
    let points = settings.points_per_minute(args.points_per_minute)?;
    let patterns = track::parse(&args.patterns, settings).await?;
    let share = settings.rate_share(args.rate_share, 1.0)?;
    let runs_of = settings.workflow_runs(&args.workflow_runs)?;
    // A store that is made of an archive is nobody else's, and a dry run writes nothing into any.
    let is_shared = args.archive.is_none() && !args.dry_run;
    let shared = Shared::default();
    let credentials = Credentials::new(settings, points, jobs, share);
    let credentials = match is_shared {
        true => credentials.sharing_at(&shared),
        false => credentials,
    };
    let found = credentials.look(&[]).await.some()?;
    let action = match &args.archive {
        Some(folder) => Some(Action::begin(folder, &args, settings, voice).await?),
        None => None,
    };
    let store = match &action {
        Some(action) => action.store.clone(),
        None => connect::store(settings).await?,
    };
    if patterns.is_empty() && store.rules().await?.is_empty() {
        store.close().await;
        voice.say("nothing is tracked yet: name a repository, as in `gitratra sync octo/hello`");
        let report = nothing_tracked();
        match (args.json.json, args.dry_run) {
            (true, true) => tell_dry_run(&report, true, voice)?,
            (true, false) => voice.json(&Account::of(&report, &found.missing))?,
            (false, _) => {}
        }
        return Ok(tell_missing(&found.missing, voice));
    }
    let terms = is_shared.then(myself::terms);
    if let Some(terms) = &terms {
        shared.get_or_init(|| (store.clone(), terms.clone()));
    }
    let interrupt = interrupt::listen(voice)?;
    let progress = Progress::new(voice);
    let options = Options {
        ask: match (patterns.is_empty(), args.all) {
            (false, _) => Ask::Named(patterns),
            (true, true) => Ask::All,
            (true, false) => Ask::Due,
        },
        jobs,
        runs_of,
        is_dry_run: args.dry_run,
        waits_for_limit: args.wait,
        terms,
        interrupt,
    };
    let show = |event| progress.on(event);
    let outcome = gitratra_sync::run(&found.askers, &store, &options, &show).await;
    progress.end();
    let kept = match action.filter(|_| !args.dry_run) {
        // What was read before a pass ended early is worth keeping as well.
        Some(action) => action.end(told_time(&outcome), voice).await,
        None => {
            store.close().await;
            Ok(Exit::Done)
        }
    };
    if let (Err(_), Err(error)) = (&outcome, &kept) {
        // Both went wrong: that of the pass ends the program.
        output::error(error);
    }
    let report = match outcome {
        Ok(report) => report,
        Err(PassError::Unauthorized(failure)) => bail!("{failure}: {}", failure.action()),
        Err(error) => return Err(error.into()),
    };
    warn_of_clock(report.finished_at, voice);
    if args.dry_run {
        tell_dry_run(&report, args.json.json, voice)?;
    } else if args.json.json {
        voice.json(&Account::of(&report, &found.missing))?;
    } else {
        tell(&report, voice);
    }
    tell_troubles(&report, voice);
    let exit = tell_missing(&found.missing, voice);
    let kept = kept.unwrap_or_else(|error| {
        output::error(&error);
        Exit::Partly
    });
    let is_clean = report.is_clean() && kept == Exit::Done;
    Ok(if is_clean { exit } else { Exit::Partly })
}

/// GitHub's time at the end of a pass, where it was reached.
fn told_time(outcome: &Result<Report, PassError>) -> Option<Timestamp> {
    let at = outcome.as_ref().map(|report| report.finished_at).ok();
    at.filter(|at| *at != Timestamp::UNIX_EPOCH)
}

/// Credentials that could not even be tried are told to quiet callers too.
fn tell_missing(missing: &[Missing], voice: Voice) -> Exit {
    for one in missing {
        voice.warn(&one.to_string());
    }
    match missing {
        [] => Exit::Done,
        _ => Exit::Partly,
    }
}

const NOT_TAKEN: &str =
    "GitHub does not take it: it is wrong, expired or revoked, so make a new one";

/// `sync --json`, as scripts rely on it.
#[derive(Serialize)]
struct Account<'a> {
    /// Nothing where GitHub was never reached: then nobody knows the time.
    started_at: Option<String>,
    /// What `export --since-run` takes; nothing where no account is kept.
    run: Option<u64>,
    finished_at: Option<String>,
    repos: Repos,
    requests: Requests,
    rate: Option<Rate>,
    new_days: u64,
    failures: Vec<Failed<'a>>,
    ended: &'static str,
    unreached: &'a [String],
    /// What another collector was reading.
    left_to_others: &'a [String],
    credential_failures: Vec<CredentialFailed<'a>>,
}

#[derive(Serialize)]
struct Repos {
    ok: u64,
    failed: u64,
    skipped: u64,
}

#[derive(Serialize)]
struct Requests {
    sent: u64,
    not_modified: u64,
    retried: u64,
}

#[derive(Serialize)]
struct Rate {
    limit: u64,
    remaining: u64,
    reset_at: String,
}

/// A credential that cannot be used, or that GitHub does not take.
#[derive(Serialize)]
struct CredentialFailed<'a> {
    label: &'a str,
    message: String,
}

#[derive(Serialize)]
struct Failed<'a> {
    repo: &'a str,
    endpoint: &'static str,
    status: Option<u16>,
    message: &'a str,
    action: &'a str,
}

impl<'a> Account<'a> {
    fn of(report: &'a Report, missing: &'a [Missing]) -> Self {
        let missing = missing.iter().map(|one| CredentialFailed {
            label: &one.label,
            message: format!("{:#}", one.error),
        });
        let refused = report.refused.iter().map(|label| CredentialFailed {
            label,
            message: NOT_TAKEN.to_owned(),
        });
        Self {
            started_at: known(report.started_at),
            run: report.run,
            finished_at: known(report.finished_at),
            repos: Repos {
                ok: report.ok,
                failed: report.failed,
                skipped: report.skipped,
            },
            requests: Requests {
                sent: report.requests.sent,
                not_modified: report.requests.not_modified,
                retried: report.requests.retried,
            },
            rate: report.rate.map(|rate| Rate {
                limit: rate.limit,
                remaining: rate.remaining,
                reset_at: format!("{:.0}", rate.reset_at),
            }),
            new_days: report.new_days,
            failures: report.troubles.iter().map(Failed::of).collect(),
            ended: match report.ended {
                Ended::Done => "done",
                Ended::RateLimited { .. } => "rate_limited",
                Ended::Interrupted => "interrupted",
                Ended::Unreachable(_) => "unreachable",
            },
            unreached: &report.unreached,
            left_to_others: &report.left_to_others,
            credential_failures: missing.chain(refused).collect(),
        }
    }
}

impl<'a> Failed<'a> {
    fn of(trouble: &'a Trouble) -> Self {
        Self {
            repo: &trouble.repo,
            endpoint: trouble.endpoint.word(),
            status: trouble.status,
            message: &trouble.message,
            action: &trouble.action,
        }
    }
}

/// The account of a pass that had nothing to ask, so that nobody was asked.
fn nothing_tracked() -> Report {
    Report {
        run: None,
        started_at: Timestamp::UNIX_EPOCH,
        finished_at: Timestamp::UNIX_EPOCH,
        ok: 0,
        failed: 0,
        skipped: 0,
        requests: Counters::default(),
        rate: None,
        new_days: 0,
        troubles: Vec::new(),
        notes: Vec::new(),
        asked: Vec::new(),
        unreached: Vec::new(),
        left_to_others: Vec::new(),
        refused: std::collections::BTreeSet::new(),
        ended: Ended::Done,
    }
}

/// A time as far as GitHub told one.
fn known(at: Timestamp) -> Option<String> {
    (at != Timestamp::UNIX_EPOCH).then(|| format!("{at:.0}"))
}

fn tell_dry_run(report: &Report, is_json: bool, voice: Voice) -> Result<()> {
    #[derive(Serialize)]
    struct WouldAsk<'a> {
        would_ask: &'a [String],
        skipped: u64,
    }
    if is_json {
        return voice.json(&WouldAsk {
            would_ask: &report.asked,
            skipped: report.skipped,
        });
    }
    let mut text = String::new();
    for name in &report.asked {
        text.push_str(name);
        text.push('\n');
    }
    voice.data(&text)?;
    voice.say(&format!(
        "would ask {}; {} not due or left out",
        repositories(report.asked.len() as u64),
        report.skipped
    ));
    Ok(())
}

fn repositories(number: u64) -> String {
    match number {
        1 => "1 repository".into(),
        number => format!("{number} repositories"),
    }
}

fn tell(report: &Report, voice: Voice) {
    if report.ok + report.failed == 0 && report.is_clean() {
        voice.say(&match report.skipped {
            0 => "nothing to ask".to_owned(),
            skipped => {
                format!("nothing is due: {skipped} not due or left out; --all asks all the same")
            }
        });
        return;
    }
    let days = match report.new_days {
        1 => "1 new day".to_owned(),
        days => format!("{days} new days"),
    };
    let mut line = format!("{} read, {days}", repositories(report.ok));
    if report.failed > 0 {
        line.push_str(&format!(", {} failed", report.failed));
    }
    if report.skipped > 0 {
        line.push_str(&format!(", {} skipped", report.skipped));
    }
    let requests = report.requests;
    line.push_str(&format!(
        " ({} requests, {} unchanged, {} retried",
        requests.sent, requests.not_modified, requests.retried
    ));
    if let Some(rate) = report.rate {
        line.push_str(&format!("; {} of {} left", rate.remaining, rate.limit));
    }
    line.push(')');
    voice.say(&line);
}

/// What went wrong is told to quiet callers too.
fn tell_troubles(report: &Report, voice: Voice) {
    for note in &report.notes {
        tell_note(note, voice);
    }
    for trouble in &report.troubles {
        let status = trouble
            .status
            .map_or_else(String::new, |status| format!("{status} "));
        voice.warn(&format!(
            "{} ({}): {status}{}\n  {}",
            trouble.repo, trouble.endpoint, trouble.message, trouble.action
        ));
    }
    for label in &report.refused {
        voice.warn(&format!("the credential \"{label}\": {NOT_TAKEN}"));
    }
    let rest = match report.unreached.as_slice() {
        [] => String::new(),
        names => format!("; not reached:\n    {}", names.join("\n    ")),
    };
    match &report.ended {
        Ended::Done => {}
        Ended::RateLimited { until: Some(until) } => voice.warn(&format!(
            "the rate limit is used up until {until:.0}{rest}\n  run `gitratra sync` again then, or use --wait"
        )),
        Ended::RateLimited { until: None } => {
            voice.warn(&format!("the rate limit is used up{rest}\n  try again later"));
        }
        Ended::Interrupted => voice.warn(&format!(
            "interrupted{rest}\n  what was read is kept; `gitratra sync` goes on from there"
        )),
        Ended::Unreachable(why) => voice.warn(&format!(
            "GitHub cannot be reached: {why}{rest}\n  check the network and --api-url"
        )),
    }
}

fn tell_note(note: &Note, voice: Voice) {
    match note {
        Note::NoPushAccess(_)
        | Note::Renamed { .. }
        | Note::Left(_)
        | Note::LeftToOther { .. }
        | Note::ReadByOther(_)
        | Note::OthersElsewhere => {
            voice.say(&note.to_string());
        }
        Note::Excluded { .. }
        | Note::LeftRules { .. }
        | Note::HiddenOrganizations(_)
        | Note::Suspect(..)
        | Note::Untold(_)
        | Note::Withheld { .. } => voice.warn(&note.to_string()),
    }
}

/// The clock of this machine is never believed, but a wrong one is worth a word.
fn warn_of_clock(github: Timestamp, voice: Voice) {
    const TOLERATED_SECS: i64 = 300;
    let secs = machine_time().as_second() - github.as_second();
    if github != Timestamp::UNIX_EPOCH && secs.abs() > TOLERATED_SECS {
        voice.warn(&format!(
            "the clock of this machine is {} seconds {} GitHub's; gitratra goes by GitHub's",
            secs.abs(),
            if secs > 0 { "ahead of" } else { "behind" }
        ));
    }
}
