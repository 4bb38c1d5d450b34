//! `explain OWNER/NAME`: which rule decides whether a repository is tracked.

use anyhow::Result;
use gitratra_core::{RepoId, RepoName, Repository, Rules, Verdict};
use gitratra_github::{Credential, Target};
use serde::Serialize;

use crate::Exit;
use crate::args;
use crate::output::Voice;
use crate::settings::Settings;
use crate::{connect, credential};

#[derive(Serialize)]
struct Explained {
    repo: String,
    tracked: bool,
    rule: Option<String>,
    reason: String,
    /// False where neither the store nor GitHub told whether it is private, a fork or archived.
    looked_up: bool,
}

pub(super) async fn run(args: &args::Explain, settings: &Settings, voice: Voice) -> Result<Exit> {
    let name: RepoName = args.repo.parse()?;
    let store = connect::store(settings).await?;
    let rules = Rules::new(store.rules().await?);
    let found = store.find(&name).await?;
    let known = match &found {
        Some(found) => store
            .repositories()
            .await?
            .into_iter()
            .find(|known| known.repository.id == found.id)
            .map(|known| known.repository),
        None => None,
    };
    let mut names: Vec<RepoName> = store
        .bindings()
        .await?
        .into_iter()
        .filter(|(_, id)| found.as_ref().is_some_and(|found| found.id == *id))
        .map(|(name, _)| name)
        .collect();
    store.close().await;
    let repository = match known {
        Some(repository) => Some(repository),
        None => look_up(&name, settings).await,
    };
    let looked_up = repository.is_some();
    let repository = repository.unwrap_or_else(|| unknown(&name));
    if repository.name != name {
        voice.say(&format!("\"{name}\" is called \"{}\" now", repository.name));
        names.push(name.clone());
    }
    let verdict = rules.verdict(&repository, &names);
    let explained = explain(&repository, &verdict, looked_up);
    if args.json.json {
        voice.json(&explained)?;
    } else {
        voice.data(&format!("{}\n", explained.reason))?;
    }
    Ok(Exit::Done)
}

fn explain(repository: &Repository, verdict: &Verdict, looked_up: bool) -> Explained {
    let name = &repository.name;
    let (rule, mut reason) = match verdict {
        Verdict::Tracked(by) => (
            Some(by),
            format!("{name} is tracked because of the rule \"{by}\""),
        ),
        Verdict::Excluded(by) => (
            Some(by),
            format!("{name} is not tracked: the rule \"{by}\" leaves it out"),
        ),
        Verdict::Unmentioned => (
            None,
            format!("{name} is not tracked: no rule matches it; `gitratra track {name}` adds one"),
        ),
    };
    if !looked_up {
        reason.push_str(
            "\n(taken for public, no fork and not archived, since it was never looked up)",
        );
    }
    Explained {
        repo: name.to_string(),
        tracked: verdict.is_tracked(),
        rule: rule.map(ToString::to_string),
        reason,
        looked_up,
    }
}

/// Asks GitHub where there is a token; the answer only sharpens the explanation.
async fn look_up(name: &RepoName, settings: &Settings) -> Option<Repository> {
    let credential = credential::find_or_anonymous(settings).await;
    if matches!(credential, Credential::Anonymous) {
        return None;
    }
    let client = connect::client(settings, credential, 0, 1).ok()?;
    let (repository, _) = client.repository(&Target::Name(name.clone())).await.ok()?;
    Some(repository)
}

/// What is assumed of a repository that was never looked up.
pub(super) fn unknown(name: &RepoName) -> Repository {
    Repository {
        id: RepoId(0),
        node_id: None,
        name: name.clone(),
        is_private: false,
        is_fork: false,
        is_archived: false,
        can_push: None,
    }
}
