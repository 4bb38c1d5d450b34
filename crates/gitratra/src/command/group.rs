//! `group`: named sets of repositories, which viewers and share links are shown.

use anyhow::{Result, bail};
use gitratra_core::{GroupName, GroupRule, Pattern};
use gitratra_render::term::{Column, table};
use gitratra_store::Store;
use serde::Serialize;

use crate::Exit;
use crate::args::{self, GroupCommand};
use crate::connect;
use crate::output::Voice;
use crate::settings::Settings;

pub(super) async fn run(args: &args::Group, settings: &Settings, voice: Voice) -> Result<Exit> {
    let store = connect::store(settings).await?;
    let done = match &args.command {
        GroupCommand::Add { name, patterns } => add(&store, name, patterns, voice).await,
        GroupCommand::List { json } => list(&store, json.json, voice).await,
        GroupCommand::Remove { name, patterns } => remove(&store, name, patterns, voice).await,
    };
    store.close().await;
    done.map(|()| Exit::Done)
}

fn rules(patterns: &[String]) -> Result<Vec<GroupRule>> {
    let rules = patterns.iter().map(|text| {
        let pattern: Pattern = text.parse()?;
        Ok(GroupRule::new(pattern, None)?)
    });
    rules.collect()
}

async fn add(store: &Store, name: &str, patterns: &[String], voice: Voice) -> Result<()> {
    let name: GroupName = name.parse()?;
    let group = store.add_to_group(&name, &rules(patterns)?).await?;
    for rule in &group.rules {
        if let (Some(name), None) = (rule.name(), rule.repo()) {
            voice.say(&format!(
                "nothing is known of \"{name}\" yet: the first repository of that name is meant"
            ));
        }
    }
    voice.tell(&format!(
        "group {} has {} rules",
        group.name,
        group.rules.len()
    ));
    Ok(())
}

async fn remove(store: &Store, name: &str, patterns: &[String], voice: Voice) -> Result<()> {
    let name: GroupName = name.parse()?;
    if patterns.is_empty() {
        if !store.remove_group(&name).await? {
            bail!("there is no group \"{name}\": `gitratra group list` tells which there are");
        }
        voice.tell(&format!("group {name} is removed"));
        return Ok(());
    }
    let removed = store.remove_from_group(&name, &rules(patterns)?).await?;
    if removed == 0 {
        bail!("none of that is in a group \"{name}\": `gitratra group list` tells what is");
    }
    voice.tell(&format!("{removed} rules of group {name} are removed"));
    Ok(())
}

#[derive(Serialize)]
struct Line {
    name: String,
    patterns: Vec<String>,
    repos: usize,
}

async fn list(store: &Store, is_json: bool, voice: Voice) -> Result<()> {
    let known = store.repositories().await?;
    let groups = store.groups().await?.into_iter();
    let lines = groups.map(|group| {
        let repos = known.iter().map(|known| &known.repository);
        let repos = repos.filter(|repo| group.holds(repo.id, &repo.name));
        let rules = group.rules.iter();
        Line {
            repos: repos.count(),
            patterns: rules.map(|rule| rule.pattern().to_string()).collect(),
            name: group.name.to_string(),
        }
    });
    let lines: Vec<Line> = lines.collect();
    if is_json {
        return voice.json(&lines);
    }
    if lines.is_empty() {
        voice.say("there are no groups: `gitratra group add NAME 'owner/*'` makes one");
        return Ok(());
    }
    let columns = [
        Column::name("group"),
        Column::number("repositories"),
        Column::name("patterns"),
    ];
    let rows = lines.into_iter().map(|line| {
        let repos = line.repos.to_string();
        vec![line.name, repos, line.patterns.join(" ")]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    voice.data(&table(&columns, &rows, voice.page()))
}
