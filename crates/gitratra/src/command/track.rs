//! `track` and `untrack`: the rules that say which repositories are asked.

use std::path::Path;

use anyhow::{Context, Result};
use gitratra_core::{Pattern, RepoName, Rules, Verdict};
use gitratra_formats::list_file;
use gitratra_store::Store;
use serde::Serialize;

use crate::Exit;
use crate::args::Patterns;
use crate::output::Voice;
use crate::settings::Settings;
use crate::{connect, credential};

use super::explain;

#[derive(Serialize)]
struct Changed {
    changed: Vec<String>,
    unchanged: Vec<String>,
}

pub(super) async fn track(args: &Patterns, settings: &Settings, voice: Voice) -> Result<Exit> {
    let patterns = parse(&args.patterns, settings).await?;
    let store = connect::store(settings).await?;
    let added = store.add_rules(&patterns).await?;
    let rules = Rules::new(store.rules().await?);
    for pattern in &patterns {
        if let Pattern::Name(name) = pattern
            && rules.patterns().contains(&Pattern::NotName(name.clone()))
        {
            voice.warn(&format!(
                "\"{name}\" stays left out because of the rule \"!{name}\": take it away with `gitratra untrack '!{name}'`"
            ));
        }
    }
    if args.json.json {
        tell_json(voice, &patterns, &added)?;
    } else {
        for pattern in &patterns {
            let is_new = added.contains(pattern);
            voice.say(&match (pattern.is_exclusion(), is_new) {
                (false, true) => format!("tracking {pattern}"),
                (true, true) => format!("leaving out {}", &pattern.to_string()[1..]),
                (_, false) => format!("{pattern} was there before"),
            });
        }
        if !added.is_empty() {
            voice.say("read them with `gitratra sync`");
        }
    }
    store.close().await;
    Ok(Exit::Done)
}

pub(super) async fn untrack(args: &Patterns, settings: &Settings, voice: Voice) -> Result<Exit> {
    let patterns = parse(&args.patterns, settings).await?;
    let store = connect::store(settings).await?;
    let mut removed = store.remove_rules(&patterns).await?;
    for pattern in patterns
        .iter()
        .filter(|pattern| !removed.contains(pattern))
        .cloned()
        .collect::<Vec<_>>()
    {
        let is_gone = match &pattern {
            Pattern::Name(name) => untrack_name(&store, name, voice).await?,
            _ => false,
        };
        if is_gone {
            removed.push(pattern);
        }
    }
    if args.json.json {
        tell_json(voice, &patterns, &removed)?;
    } else {
        for pattern in &patterns {
            if removed.contains(pattern) {
                voice.say(&untracked(&store, pattern).await?);
            } else {
                voice.warn(&format!(
                    "there is no rule \"{pattern}\": `gitratra repos` tells what is tracked"
                ));
            }
        }
    }
    let is_all = patterns.iter().all(|pattern| removed.contains(pattern));
    store.close().await;
    Ok(if is_all { Exit::Done } else { Exit::Partly })
}

/// What follows from a rule that is gone: another one may speak of the same repositories.
async fn untracked(store: &Store, pattern: &Pattern) -> Result<String> {
    if pattern.is_exclusion() {
        return Ok(format!(
            "the rule \"{pattern}\" is gone: what it left out is tracked again where other rules match it"
        ));
    }
    let Pattern::Name(name) = pattern else {
        return Ok(format!(
            "the rule \"{pattern}\" is gone: what no other rule matches is not tracked any more; what was collected stays"
        ));
    };
    let known = store.repositories().await?;
    let found = store.find(name).await?;
    let known = known
        .into_iter()
        .find(|known| {
            found
                .as_ref()
                .is_some_and(|found| found.id == known.repository.id)
        })
        .map_or_else(|| explain::unknown(name), |known| known.repository);
    let bindings = store.bindings().await?;
    let names: Vec<RepoName> = bindings
        .into_iter()
        .filter(|(_, id)| *id == known.id)
        .map(|(name, _)| name)
        .collect();
    let present = &known.name;
    let rules = Rules::new(store.rules().await?);
    Ok(match rules.verdict(&known, &names) {
        Verdict::Tracked(by) => format!(
            "{present} is still tracked because of \"{by}\"; leave it out with `gitratra track '!{present}'`"
        ),
        Verdict::Excluded(_) | Verdict::Unmentioned => {
            format!("{name} is not tracked any more; what was collected stays")
        }
    })
}

/// A name that is no rule itself may be the present name of a repository that another rule tracks:
/// one that was renamed, or one that a wildcard matches.
async fn untrack_name(store: &Store, name: &RepoName, voice: Voice) -> Result<bool> {
    let Some(found) = store.find(name).await?.filter(|found| !found.is_former) else {
        return Ok(false);
    };
    let mut is_gone = false;
    let bindings = store.bindings().await?;
    for (rule, _) in bindings.iter().filter(|(_, id)| *id == found.id) {
        store.unbind(rule, found.id).await?;
        let is_last = !bindings
            .iter()
            .any(|(other, id)| other == rule && *id != found.id);
        if is_last {
            store.remove_rules(&[Pattern::Name(rule.clone())]).await?;
        }
        is_gone = true;
    }
    let known = store.repositories().await?;
    let Some(known) = known.iter().find(|known| known.repository.id == found.id) else {
        return Ok(is_gone);
    };
    let rules = Rules::new(store.rules().await?);
    if let Verdict::Tracked(by) = rules.verdict(&known.repository, &[]) {
        store.add_rules(&[Pattern::NotName(name.clone())]).await?;
        voice.say(&format!(
            "\"{by}\" matches {name}, so the rule \"!{name}\" leaves it out now"
        ));
        is_gone = true;
    }
    Ok(is_gone)
}

fn tell_json(voice: Voice, patterns: &[Pattern], changed: &[Pattern]) -> Result<()> {
    let (changed, unchanged): (Vec<_>, Vec<_>) = patterns
        .iter()
        .partition(|pattern| changed.contains(pattern));
    let texts = |patterns: Vec<&Pattern>| patterns.iter().map(ToString::to_string).collect();
    voice.json(&Changed {
        changed: texts(changed),
        unchanged: texts(unchanged),
    })
}

/// Reads patterns; `@FILE` stands for the lines of a file, in which a bare name belongs to the
/// token's owner.
pub(super) async fn parse(texts: &[String], settings: &Settings) -> Result<Vec<Pattern>> {
    let mut patterns = Vec::new();
    let mut bare = Vec::new();
    for text in texts {
        let Some(path) = text.strip_prefix('@') else {
            patterns.push(text.parse()?);
            continue;
        };
        let bytes = std::fs::read(Path::new(path))
            .with_context(|| format!("cannot read the list \"{path}\""))?;
        for line in list_file::parse_patterns(&bytes, path)? {
            match line {
                list_file::Line::Pattern(pattern) => patterns.push(pattern),
                list_file::Line::BareName(name) => bare.push(name),
            }
        }
    }
    if !bare.is_empty() {
        let credential = credential::find(settings).await.context(
            "a name without an owner belongs to the owner of the token, which must be asked",
        )?;
        let client = connect::client(settings, credential, 0, 1)?;
        let asked = client.login().await;
        let (login, _) =
            asked.map_err(|failure| anyhow::anyhow!("{failure}: {}", failure.action()))?;
        for name in bare {
            patterns.push(Pattern::Name(RepoName::new(&login, &name)?));
        }
    }
    Ok(patterns)
}
