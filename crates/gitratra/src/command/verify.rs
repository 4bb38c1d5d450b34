//! `verify`: checks everything that is kept, and names what was damaged or changed.

use anyhow::Result;
use gitratra_store::{Finding, Store, StoreError, Verified};
use serde::Serialize;

use crate::Exit;
use crate::args;
use crate::connect;
use crate::output::Voice;
use crate::settings::Settings;

/// What was found, for scripts.
#[derive(Serialize)]
struct Account {
    repos: u64,
    days: u64,
    sealed_months: u64,
    wrong: u64,
    remarks: u64,
    findings: Vec<Found>,
    /// The digest of all of the sealed history.
    head: Option<Head>,
    /// Whether the digest that was given is that of the history up to some month.
    head_matches: Option<bool>,
}

#[derive(Serialize)]
struct Found {
    table: &'static str,
    repo: Option<String>,
    day: Option<String>,
    what: String,
    is_remark: bool,
}

#[derive(Serialize)]
struct Head {
    /// The last day of the newest month.
    up_to: String,
    digest: String,
}

impl From<Finding> for Found {
    fn from(finding: Finding) -> Self {
        Self {
            table: finding.table,
            repo: finding.repo,
            day: finding.day.map(|day| day.to_string()),
            what: finding.what,
            is_remark: finding.is_remark,
        }
    }
}

pub(super) async fn run(args: &args::Verify, settings: &Settings, voice: Voice) -> Result<Exit> {
    let location = connect::existing(settings)?;
    let store = match Store::open(&location).await {
        Ok(store) => store,
        Err(error @ StoreError::Corrupt { .. }) => return damaged(args, &error, voice),
        Err(error) => return Err(error.into()),
    };
    if args.seal {
        let mut after = None;
        loop {
            let sealed = store.seal(after, u64::MAX).await?;
            voice.say(&format!("{} months sealed", sealed.months));
            after = sealed.next;
            if after.is_none() {
                break;
            }
        }
    }
    let is_json = args.json.json;
    let mut findings = Vec::new();
    let mut printed = Ok(());
    let verified = store
        .verify(|finding| {
            let found = Found::from(finding);
            if is_json {
                findings.push(found);
            } else if printed.is_ok() {
                printed = voice.data(&line(&found));
            }
        })
        .await?;
    store.close().await;
    printed?;
    let matches = args.head.as_ref().map(|head| {
        let mut heads = verified.heads.iter();
        heads.any(|(_, digest)| digest == head.trim())
    });
    if is_json {
        voice.json(&account(&verified, findings, matches))?;
    } else {
        voice.data(&summary(&verified, matches))?;
    }
    let is_well = verified.wrong == 0 && matches != Some(false);
    Ok(if is_well { Exit::Done } else { Exit::Partly })
}

/// What cannot even be opened is a finding too.
fn damaged(args: &args::Verify, error: &StoreError, voice: Voice) -> Result<Exit> {
    if args.json.json {
        let found = Found {
            table: "file",
            repo: None,
            day: None,
            what: error.to_string(),
            is_remark: false,
        };
        let verified = Verified {
            wrong: 1,
            ..Verified::default()
        };
        voice.json(&account(&verified, vec![found], None))?;
    } else {
        voice.data(&format!("{error}\n"))?;
    }
    Ok(Exit::Partly)
}

fn line(found: &Found) -> String {
    let mut text = String::new();
    for place in [found.repo.as_deref(), found.day.as_deref()]
        .into_iter()
        .flatten()
    {
        text.push_str(place);
        text.push(' ');
    }
    let mark = if found.is_remark { "remark: " } else { "" };
    format!("{text}{}: {mark}{}\n", found.table, found.what)
}

fn account(verified: &Verified, findings: Vec<Found>, head_matches: Option<bool>) -> Account {
    let head = verified.heads.last().map(|(day, digest)| Head {
        up_to: day.to_string(),
        digest: digest.clone(),
    });
    Account {
        repos: verified.repos,
        days: verified.days,
        sealed_months: verified.months,
        wrong: verified.wrong,
        remarks: verified.remarks,
        findings,
        head,
        head_matches,
    }
}

fn summary(verified: &Verified, matches: Option<bool>) -> String {
    let found = match (verified.wrong, verified.remarks) {
        (0, 0) => "nothing wrong".to_owned(),
        (0, remarks) => format!("nothing wrong, {remarks} remarks"),
        (wrong, 0) => {
            format!("{wrong} places wrong: put a backup back, or ask `gitratra why` about a day")
        }
        (wrong, remarks) => format!(
            "{wrong} places wrong, {remarks} remarks: put a backup back, or ask `gitratra why` about \
             a day"
        ),
    };
    let mut text = format!(
        "{} repositories, {} days, {} sealed months: {found}\n",
        verified.repos, verified.days, verified.months
    );
    if let Some((day, digest)) = verified.heads.last() {
        text.push_str(&format!("head up to {day}: {digest}\n"));
    }
    match matches {
        Some(true) => text.push_str("the history up to the digest that was given is what it was\n"),
        Some(false) => text.push_str(
            "no month has the digest that was given: the history before it was changed, by late \
             answers or an import, or by somebody\n",
        ),
        None => {}
    }
    text
}
