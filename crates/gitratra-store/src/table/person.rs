//! People who may log in, and the groups that viewers are shown.

use std::collections::HashMap;

use futures_util::FutureExt;
use gitratra_core::{Group, GroupName, Person, PersonId, PersonName, Role, SecretHash, Timestamp};

use crate::engine::{Lock, Tx};
use crate::error::Fault;
use crate::sql;
use crate::table::group;
use crate::value::{Row, Value, params};
use crate::{Store, StoreError};

/// A password as it is kept: a text that tells how it was hashed. It is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash")
    }
}

/// Somebody another house vouches for, as it told of them at a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// The address of who vouches.
    pub issuer: String,
    /// Who it is there; this never changes and is given to nobody else.
    pub subject: String,
    /// What to call them; another name is found where this one is taken.
    pub name: PersonName,
    /// What they may do.
    pub role: Role,
    /// The groups they see; those that are not known are left out.
    pub groups: Vec<GroupName>,
}

impl Store {
    /// Everybody. *Shape*: by name.
    pub async fn persons(&self) -> Result<Vec<Person>, StoreError> {
        self.read(|tx| {
            async move {
                let mut groups = groups(tx).await?;
                let rows = tx.query(&sql::PERSON_ALL, &[]).await?;
                let persons = rows.iter().map(|row| {
                    let person = person(row, Vec::new())?;
                    let groups = groups.remove(&person.id).unwrap_or_default();
                    Ok(Person { groups, ..person })
                });
                persons.collect()
            }
            .boxed()
        })
        .await
    }

    /// Whether there is anybody.
    pub async fn has_persons(&self) -> Result<bool, StoreError> {
        self.read(|tx| {
            async move { Ok(!tx.query(&sql::PERSON_ANY, &[]).await?.is_empty()) }.boxed()
        })
        .await
    }

    /// The person with this number.
    pub async fn person(&self, id: PersonId) -> Result<Option<Person>, StoreError> {
        self.read(move |tx| by_id(tx, id).boxed()).await
    }

    /// The person with this name and the password they have, if any.
    pub async fn login(
        &self,
        name: &PersonName,
    ) -> Result<Option<(Person, Option<PasswordHash>)>, StoreError> {
        let key = name.key();
        self.read(move |tx| {
            async move {
                let rows = tx.query(&sql::PERSON_BY_NAME, &params![key]).await?;
                let Some(row) = rows.first() else {
                    return Ok(None);
                };
                let person = with_groups(tx, row).await?;
                let rows = tx
                    .query(&sql::PERSON_PASSWORD, &params![person.id.0])
                    .await?;
                let hash = rows.first().map(|row| row.opt_text(0)).transpose()?;
                let hash = hash.flatten().map(|text| PasswordHash(text.to_owned()));
                Ok(Some((person, hash)))
            }
            .boxed()
        })
        .await
    }

    /// Adds somebody without a password; `None` where the name is taken. Groups that are not known
    /// are left out.
    pub async fn add_person(
        &self,
        name: &PersonName,
        role: Role,
        groups: &[GroupName],
        now: Timestamp,
    ) -> Result<Option<PersonId>, StoreError> {
        let (name, groups) = (name.clone(), groups.to_vec());
        self.write(move |tx| {
            async move {
                tx.lock(Lock::Persons).await?;
                if is_taken(tx, &name).await? {
                    return Ok(None);
                }
                let id = add(tx, &name, None, role, now).await?;
                set_groups(tx, id, &groups).await?;
                Ok(Some(id))
            }
            .boxed()
        })
        .await
    }

    /// Adds who is vouched for, or brings role and groups up to what was told. A name that was once
    /// given stays. They may still be disabled.
    pub async fn save_vouched(
        &self,
        vouched: &Vouched,
        now: Timestamp,
    ) -> Result<Person, StoreError> {
        let vouched = vouched.clone();
        self.write(move |tx| save_vouched(tx, vouched, now).boxed())
            .await
    }

    /// Gives somebody another role; `false` where there is nobody with this number.
    pub async fn set_role(&self, id: PersonId, role: Role) -> Result<bool, StoreError> {
        self.change_person(&sql::PERSON_SET_ROLE, id, role.as_str().into())
            .await
    }

    /// Gives somebody these groups instead of those before.
    pub async fn set_person_groups(
        &self,
        id: PersonId,
        groups: &[GroupName],
    ) -> Result<(), StoreError> {
        let groups = groups.to_vec();
        self.write(move |tx| {
            async move {
                tx.lock(Lock::Persons).await?;
                match by_id(tx, id).await? {
                    Some(_) => set_groups(tx, id, &groups).await,
                    None => Ok(()),
                }
            }
            .boxed()
        })
        .await
    }

    /// Lets nobody log in as this person, and ends where they are; or lets them again.
    pub async fn set_disabled(&self, id: PersonId, is_disabled: bool) -> Result<bool, StoreError> {
        self.write(move |tx| {
            async move {
                let params = params![id.0, is_disabled];
                let changed = tx.execute(&sql::PERSON_SET_DISABLED, &params).await?;
                if is_disabled {
                    end_sessions(tx, id, None).await?;
                }
                Ok(changed > 0)
            }
            .boxed()
        })
        .await
    }

    /// Gives somebody another password and ends every session but the one with the hash `except`;
    /// open invitations end too. `false` where there is nobody with this number.
    pub async fn set_password(
        &self,
        id: PersonId,
        hash: &PasswordHash,
        except: Option<SecretHash>,
    ) -> Result<bool, StoreError> {
        let hash = hash.0.clone();
        self.write(move |tx| {
            async move {
                let changed = tx
                    .execute(&sql::PERSON_SET_PASSWORD, &params![id.0, hash])
                    .await?;
                end_sessions(tx, id, except).await?;
                tx.execute(&sql::INVITE_REMOVE_OF_PERSON, &params![id.0])
                    .await?;
                Ok(changed > 0)
            }
            .boxed()
        })
        .await
    }

    /// Removes somebody with all that lets them in. What they shared stays. `false` where there is
    /// nobody with this number.
    pub async fn remove_person(&self, id: PersonId) -> Result<bool, StoreError> {
        self.write(move |tx| {
            async move {
                tx.lock(Lock::Persons).await?;
                let removed = tx.execute(&sql::PERSON_REMOVE, &params![id.0]).await?;
                end_sessions(tx, id, None).await?;
                for rest in [
                    &sql::PERSON_GROUP_CLEAR,
                    &sql::API_TOKEN_REMOVE_OF_PERSON,
                    &sql::INVITE_REMOVE_OF_PERSON,
                ] {
                    tx.execute(rest, &params![id.0]).await?;
                }
                Ok(removed > 0)
            }
            .boxed()
        })
        .await
    }

    async fn change_person(
        &self,
        change: &'static sql::Sql,
        id: PersonId,
        value: Value,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            async move { Ok(tx.execute(change, &[id.0.into(), value]).await? > 0) }.boxed()
        })
        .await
    }
}

async fn save_vouched(tx: &mut Tx<'_>, vouched: Vouched, now: Timestamp) -> Result<Person, Fault> {
    tx.lock(Lock::Persons).await?;
    let who = (vouched.issuer.as_str(), vouched.subject.as_str());
    let rows = tx
        .query(&sql::PERSON_BY_SUBJECT, &params![who.0, who.1])
        .await?;
    let id = match rows.first() {
        Some(row) => {
            let id = PersonId(row.whole(0)?);
            let params = params![id.0, vouched.role.as_str()];
            tx.execute(&sql::PERSON_SET_ROLE, &params).await?;
            id
        }
        None => {
            let name = free_name(tx, vouched.name).await?;
            add(tx, &name, Some(who), vouched.role, now).await?
        }
    };
    set_groups(tx, id, &vouched.groups).await?;
    let person = by_id(tx, id).await?;
    person.ok_or_else(|| Fault::corrupt(format!("no person {id}")))
}

/// The name, or the first one after it with a number that nobody has.
async fn free_name(tx: &mut Tx<'_>, name: PersonName) -> Result<PersonName, Fault> {
    let mut free = name.clone();
    let mut number = 1_u64;
    while is_taken(tx, &free).await? {
        number += 1;
        let shortened: String = name.as_str().chars().take(80).collect();
        let text = format!("{shortened}-{number}");
        free = text.parse().map_err(|_| Fault::corrupt(text.clone()))?;
    }
    Ok(free)
}

async fn is_taken(tx: &mut Tx<'_>, name: &PersonName) -> Result<bool, Fault> {
    let rows = tx.query(&sql::PERSON_BY_NAME, &params![name.key()]).await?;
    Ok(!rows.is_empty())
}

async fn add(
    tx: &mut Tx<'_>,
    name: &PersonName,
    who: Option<(&str, &str)>,
    role: Role,
    now: Timestamp,
) -> Result<PersonId, Fault> {
    let params = params![
        name.as_str(),
        name.key(),
        who.map(|who| who.0),
        who.map(|who| who.1),
        role.as_str(),
        now,
    ];
    let rows = tx.query(&sql::PERSON_ADD, &params).await?;
    number(&rows).map(PersonId)
}

/// The number that a statement gave to what it added.
pub(crate) fn number(rows: &[Row]) -> Result<u64, Fault> {
    let row = rows.first();
    row.ok_or_else(|| Fault::corrupt("no number for a new row".into()))?
        .whole(0)
}

async fn set_groups(tx: &mut Tx<'_>, id: PersonId, groups: &[GroupName]) -> Result<(), Fault> {
    tx.execute(&sql::PERSON_GROUP_CLEAR, &params![id.0]).await?;
    let sets: Vec<_> = groups
        .iter()
        .map(|group| params![id.0, group.key()])
        .collect();
    tx.execute_each(&sql::PERSON_GROUP_ADD, &sets).await?;
    Ok(())
}

async fn end_sessions(
    tx: &mut Tx<'_>,
    id: PersonId,
    except: Option<SecretHash>,
) -> Result<(), Fault> {
    let except = except.map_or_else(String::new, |hash| hash.to_string());
    let params = params![id.0, except];
    tx.execute(&sql::SESSION_REMOVE_OF_PERSON, &params).await?;
    Ok(())
}

/// The person with this number.
pub(crate) async fn by_id(tx: &mut Tx<'_>, id: PersonId) -> Result<Option<Person>, Fault> {
    let rows = tx.query(&sql::PERSON_ONE, &params![id.0]).await?;
    match rows.first() {
        Some(row) => Ok(Some(with_groups(tx, row).await?)),
        None => Ok(None),
    }
}

/// The person with this number, unless disabled, and the groups they are shown.
pub(crate) async fn let_in(
    tx: &mut Tx<'_>,
    id: PersonId,
) -> Result<Option<(Person, Vec<Group>)>, Fault> {
    let Some(person) = by_id(tx, id).await?.filter(|person| !person.is_disabled) else {
        return Ok(None);
    };
    let rows = tx.query(&sql::REPO_GROUP_OF_PERSON, &params![id.0]).await?;
    Ok(Some((person, group::groups(&rows)?)))
}

async fn with_groups(tx: &mut Tx<'_>, row: &Row) -> Result<Person, Fault> {
    let id = row.whole(0)?;
    let groups = tx.query(&sql::PERSON_GROUP_OF_PERSON, &params![id]).await?;
    let groups = groups.iter().map(|row| row.parsed(0));
    person(row, groups.collect::<Result<_, _>>()?)
}

async fn groups(tx: &mut Tx<'_>) -> Result<HashMap<PersonId, Vec<GroupName>>, Fault> {
    let mut groups: HashMap<_, Vec<_>> = HashMap::new();
    for row in tx.query(&sql::PERSON_GROUP_ALL, &[]).await? {
        let of_one = groups.entry(PersonId(row.whole(0)?)).or_default();
        of_one.push(row.parsed(1)?);
    }
    Ok(groups)
}

fn person(row: &Row, groups: Vec<GroupName>) -> Result<Person, Fault> {
    Ok(Person {
        id: PersonId(row.whole(0)?),
        name: row.parsed(1)?,
        role: row.parsed(2)?,
        groups,
        created_at: row.time(3)?,
        is_disabled: row.is(4)?,
        has_password: row.is(5)?,
        issuer: row.opt_text(6)?.map(str::to_owned),
    })
}
