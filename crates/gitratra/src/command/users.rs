//! `users`: who may log in to the dashboard.

use std::io::{BufRead, Read};

use anyhow::{Context, Result, bail};
use gitratra_core::{GroupName, Person, PersonName, Role};
use gitratra_render::term::{Column, table};
use gitratra_store::Store;
use gitratra_web::access::{Passwords, invite, password_fault};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::Exit;
use crate::args::{self, UsersCommand};
use crate::clock::machine_time;
use crate::connect;
use crate::output::Voice;
use crate::settings::Settings;

pub(super) async fn run(args: &args::Users, settings: &Settings, voice: Voice) -> Result<Exit> {
    let store = connect::store(settings).await?;
    let done = match &args.command {
        UsersCommand::Add {
            name,
            role,
            group,
            password_stdin,
        } => add(&store, (name, role, group), *password_stdin, voice).await,
        UsersCommand::List { json } => list(&store, json.json, voice).await,
        UsersCommand::Remove { name } => remove(&store, name, voice).await,
        UsersCommand::Password {
            name,
            password_stdin,
        } => match find(&store, name).await {
            Ok(person) => let_in(&store, &person, *password_stdin, voice).await,
            Err(error) => Err(error),
        },
    };
    store.close().await;
    done.map(|()| Exit::Done)
}

async fn find(store: &Store, text: &str) -> Result<Person> {
    let name: PersonName = text.parse()?;
    match store.login(&name).await? {
        Some((person, _)) => Ok(person),
        None => bail!("there is no user \"{name}\": `gitratra users list` tells who there is"),
    }
}

async fn add(
    store: &Store,
    (name, role, groups): (&str, &str, &[String]),
    is_typed: bool,
    voice: Voice,
) -> Result<()> {
    let (name, role): (PersonName, Role) = (name.parse()?, role.parse()?);
    let groups = groups.iter().map(|group| group.parse::<GroupName>());
    let groups = groups.collect::<Result<Vec<_>, _>>()?;
    for group in &groups {
        if store.group(group).await?.is_none() {
            bail!("there is no group \"{group}\": `gitratra group add {group} PATTERN` makes one");
        }
    }
    let added = store.add_person(&name, role, &groups, machine_time());
    if added.await?.is_none() {
        bail!("there is a user \"{name}\" already: `gitratra users password {name}` lets them in");
    }
    voice.tell(&format!("user {name} is added as {role}"));
    let person = find(store, name.as_str()).await?;
    let_in(store, &person, is_typed, voice).await
}

/// Gives somebody the password on standard input, or prints the link by which they choose one.
async fn let_in(store: &Store, person: &Person, is_typed: bool, voice: Voice) -> Result<()> {
    if person.issuer.is_some() {
        bail!("{} logs in elsewhere and has no password here", person.name);
    }
    if is_typed {
        let password = typed()?;
        if let Some(why) = password_fault(password.expose_secret()) {
            bail!("{why}");
        }
        let hash = Passwords::default().hash(password).await;
        store.set_password(person.id, &hash, None).await?;
        voice.tell(&format!("the password of {} is set", person.name));
        return Ok(());
    }
    let path = invite(store, Some(person.id), machine_time()).await?;
    voice.say("once, within three days, a password is chosen at this path of the dashboard:");
    voice.data(&format!("{}\n", path.expose_secret()))
}

/// The first line of standard input, blanks and all.
fn typed() -> Result<SecretString> {
    const LONGEST: u64 = 4096;
    let mut text = String::new();
    let mut input = std::io::stdin().lock().take(LONGEST);
    input
        .read_line(&mut text)
        .context("cannot read the password from standard input")?;
    Ok(text.trim_end_matches(['\r', '\n']).into())
}

async fn remove(store: &Store, name: &str, voice: Voice) -> Result<()> {
    let person = find(store, name).await?;
    store.remove_person(person.id).await?;
    voice.tell(&format!("user {} is removed", person.name));
    Ok(())
}

#[derive(Serialize)]
struct Line {
    name: String,
    role: &'static str,
    groups: Vec<String>,
    is_disabled: bool,
    has_password: bool,
    issuer: Option<String>,
    created_at: String,
}

async fn list(store: &Store, is_json: bool, voice: Voice) -> Result<()> {
    let persons = store.persons().await?.into_iter();
    let lines = persons.map(|person| Line {
        name: person.name.to_string(),
        role: person.role.as_str(),
        groups: person.groups.iter().map(ToString::to_string).collect(),
        is_disabled: person.is_disabled,
        has_password: person.has_password,
        issuer: person.issuer,
        created_at: format!("{:.0}", person.created_at),
    });
    let lines: Vec<Line> = lines.collect();
    if is_json {
        return voice.json(&lines);
    }
    if lines.is_empty() {
        voice.say("there are no users: `gitratra users add NAME --role admin` adds the first");
        return Ok(());
    }
    let columns = [
        Column::name("user"),
        Column::word("role"),
        Column::word("logs in"),
        Column::name("groups"),
    ];
    let rows = lines.into_iter().map(|line| {
        let way = match (line.is_disabled, &line.issuer, line.has_password) {
            (true, ..) => "disabled".to_owned(),
            (_, Some(issuer), _) => format!("by {issuer}"),
            (_, None, true) => "with a password".to_owned(),
            (_, None, false) => "not yet".to_owned(),
        };
        let role = line.role.to_owned();
        vec![line.name, role, way, line.groups.join(", ")]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    voice.data(&table(&columns, &rows, voice.page()))
}
