//! Rules, groups and suspicions as one value, and joined with those of another store.

use gitratra_core::history::House;
use gitratra_core::{GroupName, GroupRule, Pattern};

use super::save::changed;
use crate::engine::{Lock, Tx};
use crate::error::Fault;
use crate::sql;
use crate::table::group;
use crate::value::params;

/// What this store holds.
pub(super) async fn load(tx: &mut Tx<'_>) -> Result<House, Fault> {
    let mut house = House::default();
    for row in tx.query(&sql::RULE_ALL, &[]).await? {
        let pattern: Pattern = row.parsed(0)?;
        house.add_rule(&pattern);
    }
    for row in tx.query(&sql::RULE_BOUND, &[]).await? {
        let binding = (row.text(0)?.to_owned(), row.repo(1)?);
        house.bindings.insert(binding);
    }
    for held in group::groups(&tx.query(&sql::REPO_GROUP_ALL, &[]).await?)? {
        let group = house.add_group(&held.name);
        for rule in &held.rules {
            group.add(rule.pattern(), rule.repo());
        }
    }
    for row in tx.query(&sql::SUSPECT_ALL, &[]).await? {
        house.suspect(row.metric(0)?, row.day(1)?, row.time(2)?);
    }
    Ok(house)
}

/// Joins what another store holds, and says how much of it is new.
pub(super) async fn absorb(tx: &mut Tx<'_>, told: House) -> Result<u64, Fault> {
    tx.lock(Lock::Suspicions).await?;
    tx.lock(Lock::Persons).await?;
    let before = load(tx).await?;
    let mut after = before.clone();
    after.join(&told);
    let rules: Vec<_> = changed(&before.rules, &after.rules)
        .map(|(key, spelled)| params![key.as_str(), spelled.as_str()])
        .collect();
    tx.execute_each(&sql::RULE_PUT, &rules).await?;
    let bindings: Vec<_> = after
        .bindings
        .difference(&before.bindings)
        .map(|(key, repo)| params![key.as_str(), *repo])
        .collect();
    tx.execute_each(&sql::RULE_BIND, &bindings).await?;
    for (key, facts) in changed(&before.groups, &after.groups) {
        let name: GroupName = parsed(&facts.spelled)?;
        let named = params![key.as_str(), name.as_str()];
        tx.execute(&sql::REPO_GROUP_PUT, &named).await?;
        let mut rows = Vec::with_capacity(facts.rules.len());
        for (pattern_key, (spelled, repo)) in &facts.rules {
            let rule = GroupRule::new(parsed(spelled)?, *repo);
            let rule = rule.map_err(|error| Fault::corrupt(error.to_string()))?;
            let exact = rule.name().map(gitratra_core::RepoName::key);
            let (pattern_key, spelled) = (pattern_key.as_str(), spelled.as_str());
            rows.push(params![
                key.as_str(),
                pattern_key,
                spelled,
                exact,
                rule.repo()
            ]);
        }
        tx.execute_each(&sql::GROUP_RULE_PUT, &rows).await?;
    }
    let suspicions: Vec<_> = changed(&before.suspicions, &after.suspicions)
        .map(|((metric, day), since)| params![*metric, *day, *since])
        .collect();
    tx.execute_each(&sql::SUSPECT_ADD, &suspicions).await?;
    group::bind(tx).await?;
    Ok(after.beyond(&before))
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, Fault> {
    let parsed = text.parse();
    parsed.map_err(|error: T::Err| Fault::corrupt(error.to_string()))
}
