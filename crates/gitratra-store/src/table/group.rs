//! Groups: named sets of repositories, as [`gitratra_core::group`] judges them.

use futures_util::FutureExt;
use gitratra_core::{Group, GroupName, GroupRule, RepoId};

use crate::engine::{Lock, Tx};
use crate::error::Fault;
use crate::sql;
use crate::value::{Row, params};
use crate::{Store, StoreError};

impl Store {
    /// Every group with its rules. *Shape*: by name; rules by their text in lower case.
    pub async fn groups(&self) -> Result<Vec<Group>, StoreError> {
        self.read(|tx| async move { groups(&tx.query(&sql::REPO_GROUP_ALL, &[]).await?) }.boxed())
            .await
    }

    /// One group.
    pub async fn group(&self, name: &GroupName) -> Result<Option<Group>, StoreError> {
        let key = name.key();
        self.read(move |tx| {
            async move {
                let rows = tx.query(&sql::REPO_GROUP_ONE, &params![key]).await?;
                Ok(groups(&rows)?.pop())
            }
            .boxed()
        })
        .await
    }

    /// Adds rules to a group, which is made where there is none, and gives the group as it is
    /// then. An exact name that is known means the repository that it means now, for good; one that
    /// is not known comes to mean the first repository that bears it.
    pub async fn add_to_group(
        &self,
        name: &GroupName,
        rules: &[GroupRule],
    ) -> Result<Group, StoreError> {
        let (name, rules) = (name.clone(), rules.to_vec());
        self.write(move |tx| add(tx, name, rules).boxed()).await
    }

    /// Takes rules out of a group and says how many were in it.
    pub async fn remove_from_group(
        &self,
        name: &GroupName,
        rules: &[GroupRule],
    ) -> Result<u64, StoreError> {
        let key = name.key();
        let rules: Vec<_> = rules
            .iter()
            .map(|rule| params![key.as_str(), pattern_key(rule)])
            .collect();
        self.write(move |tx| {
            async move {
                let removed = tx.execute_each(&sql::GROUP_RULE_REMOVE, &rules).await?;
                Ok(removed.into_iter().sum())
            }
            .boxed()
        })
        .await
    }

    /// Removes a group: nobody is shown it any more, and its share links end. `false` where there
    /// is none.
    pub async fn remove_group(&self, name: &GroupName) -> Result<bool, StoreError> {
        let key = name.key();
        self.write(move |tx| {
            async move {
                tx.lock(Lock::Persons).await?;
                let key = params![key];
                for rest in [
                    &sql::GROUP_RULE_REMOVE_ALL,
                    &sql::PERSON_GROUP_FORGET_GROUP,
                    &sql::SHARE_REMOVE_OF_GROUP,
                ] {
                    tx.execute(rest, &key).await?;
                }
                Ok(tx.execute(&sql::REPO_GROUP_REMOVE, &key).await? > 0)
            }
            .boxed()
        })
        .await
    }
}

/// The form by which rules are told apart.
fn pattern_key(rule: &GroupRule) -> String {
    rule.pattern().to_string().to_ascii_lowercase()
}

async fn add(tx: &mut Tx<'_>, name: GroupName, rules: Vec<GroupRule>) -> Result<Group, Fault> {
    tx.lock(Lock::Persons).await?;
    let key = name.key();
    let named = params![key.as_str(), name.as_str()];
    tx.execute(&sql::REPO_GROUP_ADD, &named).await?;
    for rule in rules {
        let exact = rule.name().map(gitratra_core::RepoName::key);
        let params = params![
            key.as_str(),
            pattern_key(&rule),
            rule.pattern().to_string(),
            exact.clone(),
            meaning(tx, exact).await?,
        ];
        tx.execute(&sql::GROUP_RULE_ADD, &params).await?;
    }
    let rows = tx.query(&sql::REPO_GROUP_ONE, &params![key]).await?;
    let group = groups(&rows)?.pop();
    group.ok_or_else(|| Fault::corrupt(format!("no group \"{name}\"")))
}

/// The repository that a name means, as [`Store::find`] tells it.
async fn meaning(tx: &mut Tx<'_>, name_key: Option<String>) -> Result<Option<RepoId>, Fault> {
    let Some(name_key) = name_key else {
        return Ok(None);
    };
    let rows = tx.query(&sql::REPO_FIND, &params![name_key]).await?;
    rows.first().map(|row| row.repo(0)).transpose()
}

/// Lets exact names that were not known mean the repositories that bear them now.
pub(crate) async fn bind(tx: &mut Tx<'_>) -> Result<(), Fault> {
    for row in tx.query(&sql::GROUP_RULE_UNBOUND, &[]).await? {
        let name = row.text(0)?;
        let bearer = tx.query(&sql::REPO_NAMED, &params![name]).await?;
        if let Some(bearer) = bearer.first() {
            let bound = params![name, bearer.repo(0)?];
            tx.execute(&sql::GROUP_RULE_BIND, &bound).await?;
        }
    }
    Ok(())
}

/// Groups out of a row for each rule, or one without a rule.
pub(crate) fn groups(rows: &[Row]) -> Result<Vec<Group>, Fault> {
    let mut groups: Vec<Group> = Vec::new();
    let mut last_key = None;
    for row in rows {
        let key = row.text(0)?;
        if last_key != Some(key) {
            groups.push(Group {
                name: row.parsed(1)?,
                rules: Vec::new(),
            });
            last_key = Some(key);
        }
        if row.opt_text(2)?.is_some() {
            let repo = row.opt_repo(3)?;
            let rule = GroupRule::new(row.parsed(2)?, repo);
            let rule = rule.map_err(|error| Fault::corrupt(error.to_string()))?;
            if let Some(group) = groups.last_mut() {
                group.rules.push(rule);
            }
        }
    }
    Ok(groups)
}
