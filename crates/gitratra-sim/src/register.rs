//! Makes tokens, Apps and their budgets from what a test said of them.

use crate::app::{App, AppSpec, Installation, InstallationSpec};
use crate::clock::Time;
use crate::identity::{Right, Token, TokenKind, TokenSpec, fingerprint};
use crate::jwt;
use crate::limit::{Limits, Pool};
use crate::repo::RepoRef;
use crate::world::World;

const FIRST_INSTALLATION: u64 = 5_000_001;

/// The pools that are there without any token: that of everybody without one, and the web
/// site's, in the order of `answer::ANONYMOUS` and `answer::WEB`.
pub(crate) fn first_pools(limits: &Limits) -> Vec<Pool> {
    vec![Pool::new(limits.anonymous), Pool::new(u64::MAX)]
}

/// Registers a token: one budget for all of a user, one for each installation.
pub(crate) fn token(
    world: &mut World,
    pools: &mut Vec<Pool>,
    limits: &Limits,
    spec: TokenSpec,
) -> Result<(), String> {
    if world.tokens.contains_key(&spec.secret) {
        return Err("the same token was given twice".into());
    }
    let login = match &spec.login {
        Some(login) => login.clone(),
        None => world.first_owner().unwrap_or("octocat").to_string(),
    };
    let is_user = spec.kind != TokenKind::Installation;
    let known = world.tokens.values().find(|known| {
        is_user
            && known.spec.kind != TokenKind::Installation
            && known.login.eq_ignore_ascii_case(&login)
    });
    let pool = match known {
        Some(known) => known.pool,
        None => add_pool(pools, spec.limit.unwrap_or(limits.primary)),
    };
    world.add_owner(login.clone(), false);
    let token = Token {
        fingerprint: fingerprint(&spec.secret),
        by_id: rights_by_id(world, &spec),
        login,
        pool,
        installation: None,
        reach: None,
        spec,
    };
    world.tokens.insert(token.spec.secret.clone(), token);
    Ok(())
}

fn add_pool(pools: &mut Vec<Pool>, limit: u64) -> usize {
    pools.push(Pool::new(limit));
    pools.len() - 1
}

fn rights_by_id(world: &World, spec: &TokenSpec) -> Vec<(u64, Right)> {
    let exact = spec.rules.iter().filter_map(|(pattern, right)| {
        let repo = world.repo(&RepoRef::Name(pattern.clone())).ok()?;
        Some((repo.id, *right))
    });
    exact.collect()
}

/// Registers an App and its installations.
pub(crate) fn app(
    world: &mut World,
    pools: &mut Vec<Pool>,
    limits: &Limits,
    spec: AppSpec,
    now: Time,
) -> Result<(), String> {
    if world.apps.iter().any(|known| known.id == spec.id) {
        return Err(format!("the App {} was given twice", spec.id));
    }
    world.apps.push(App {
        id: spec.id,
        client_id: spec.client_id,
        public_key: jwt::public_key(spec.key),
        pool: add_pool(pools, limits.primary),
    });
    for described in spec.installations {
        let mut found = installation(world, spec.id, described, now)?;
        found.pool = add_pool(pools, found.limit(world, limits.primary));
        world.installations.push(found);
    }
    Ok(())
}

fn installation(
    world: &mut World,
    app_id: u64,
    spec: InstallationSpec,
    now: Time,
) -> Result<Installation, String> {
    let newest = world.installations.iter().map(|known| known.id + 1).max();
    let id = spec.id.unwrap_or(newest.unwrap_or(FIRST_INSTALLATION));
    if world.installation(id).is_some() {
        return Err(format!("the installation {id} was given twice"));
    }
    let ids = |names: Vec<String>| {
        let ids = names.into_iter().map(|name| {
            let repo = world.repo(&RepoRef::Name(name))?;
            Ok(repo.id)
        });
        ids.collect::<Result<Vec<_>, String>>()
    };
    let selected = spec.selected.map(ids).transpose()?;
    world.add_owner(spec.account.clone(), false);
    Ok(Installation {
        id,
        app_id,
        account: spec.account,
        selected,
        suspended: spec.is_suspended.then_some(now),
        administration: spec.administration,
        pool: 0,
        created: now,
    })
}
