//! Links that work once: the first administrator's, and those by which people set a password.

use futures_util::FutureExt;
use gitratra_core::{Person, PersonId, PersonName, Role, SecretHash, Timestamp};

use crate::engine::{Lock, Tx};
use crate::error::Fault;
use crate::sql;
use crate::table::person::by_id;
use crate::value::params;
use crate::{PasswordHash, Store, StoreError};

/// Who may use a link that works once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invited {
    /// Whoever has it becomes the first administrator, as long as there is nobody.
    First,
    /// This person sets a password.
    Person(Person),
}

impl Store {
    /// Keeps a link for this person, in the place of those before it, or one for the first
    /// administrator, beside the newest of those before it; and drops some that are over.
    pub async fn add_invite(
        &self,
        hash: SecretHash,
        person: Option<PersonId>,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            async move {
                tx.lock(Lock::Persons).await?;
                tx.execute(&sql::INVITE_SWEEP, &params![now]).await?;
                match person {
                    Some(person) => {
                        let params = params![person.0];
                        tx.execute(&sql::INVITE_REMOVE_OF_PERSON, &params).await?;
                    }
                    None => {
                        tx.execute(&sql::INVITE_REMOVE_FIRST, &[]).await?;
                    }
                }
                let person = person.map(|person| person.0);
                let params = params![hash.to_string(), person, now, expires_at];
                tx.execute(&sql::INVITE_ADD, &params).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// Whom the link with this hash invites at this time; nobody where it is unknown, used or over.
    pub async fn invited(
        &self,
        hash: SecretHash,
        now: Timestamp,
    ) -> Result<Option<Invited>, StoreError> {
        self.read(move |tx| invited(tx, hash, now).boxed()).await
    }

    /// Uses a link: gives the person it invites this password, or makes the first administrator of
    /// this name. It does not work a second time, whoever comes second. `None` as with
    /// [`Store::invited`]; then nothing is changed.
    pub async fn accept_invite(
        &self,
        hash: SecretHash,
        first_name: &PersonName,
        password: &PasswordHash,
        now: Timestamp,
    ) -> Result<Option<PersonId>, StoreError> {
        let (first_name, password) = (first_name.clone(), password.0.clone());
        self.write(move |tx| accept(tx, hash, first_name, password, now).boxed())
            .await
    }
}

async fn invited(
    tx: &mut Tx<'_>,
    hash: SecretHash,
    now: Timestamp,
) -> Result<Option<Invited>, Fault> {
    let params = params![hash.to_string()];
    let rows = tx.query(&sql::INVITE_FIND, &params).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    if row.time(1)? <= now {
        return Ok(None);
    }
    match row.opt_whole(0)? {
        Some(id) => {
            let person = by_id(tx, PersonId(id)).await?;
            let person = person.filter(|person| !person.is_disabled);
            Ok(person.map(Invited::Person))
        }
        None => {
            let is_first = tx.query(&sql::PERSON_ANY, &[]).await?.is_empty();
            Ok(is_first.then_some(Invited::First))
        }
    }
}

async fn accept(
    tx: &mut Tx<'_>,
    hash: SecretHash,
    first_name: PersonName,
    password: String,
    now: Timestamp,
) -> Result<Option<PersonId>, Fault> {
    tx.lock(Lock::Persons).await?;
    let Some(invited) = invited(tx, hash, now).await? else {
        return Ok(None);
    };
    let params = params![hash.to_string(), now];
    if tx.execute(&sql::INVITE_TAKE, &params).await? == 0 {
        return Ok(None);
    }
    let id = match invited {
        Invited::Person(person) => person.id,
        Invited::First => {
            let params = params![
                first_name.as_str(),
                first_name.key(),
                None::<&str>,
                None::<&str>,
                Role::Admin.as_str(),
                now,
            ];
            let rows = tx.query(&sql::PERSON_ADD, &params).await?;
            PersonId(super::person::number(&rows)?)
        }
    };
    let params = params![id.0, password];
    tx.execute(&sql::PERSON_SET_PASSWORD, &params).await?;
    let params = params![id.0, ""];
    tx.execute(&sql::SESSION_REMOVE_OF_PERSON, &params).await?;
    // Who needs a new password may have lost more than that.
    tx.execute(&sql::API_TOKEN_REMOVE_OF_PERSON, &params![id.0])
        .await?;
    Ok(Some(id))
}
