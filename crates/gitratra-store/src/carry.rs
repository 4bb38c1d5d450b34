//! Moving house: makes another store, on whichever engine, hold exactly what this one does.
//!
//! Both are read side by side in the order of their keys, and what differs is put in its place over
//! there, some thousand rows a transaction. What is held at once are the rows of one repository, of
//! tables that are about none those of one key, so that no table has to fit into memory. So a move that was cut off goes on where it was when it
//! is begun again, what was written here meanwhile is carried by the next pass, and a pass that finds
//! nothing different is the proof: its digests were made from what was read on either side.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::FutureExt;
use gitratra_core::Timestamp;
use ring::digest::{Context, SHA256};
use tokio::sync::mpsc::channel;

use crate::copy::{LOADS, Load, Loads, is_empty, is_from_closing};
use crate::engine::Tx;
use crate::error::Fault;
use crate::sql::{self, Sql};
use crate::tables::{TABLES, Table};
use crate::value::{Value, params};
use crate::{Store, StoreError};

/// Rows that are written in one transaction; those of one repository stay together.
const ROWS: usize = 10_000;

/// Groups of rows that go in one transaction.
const GROUPS: usize = 1_000;

/// Marks a store into which another one moves, with the place of that one.
const MOVING: &str = "moving";

/// What a pass found and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// Rows here.
    pub rows: u64,
    /// Those of them that were written there.
    pub written: u64,
    /// Rows there that were others, and are gone.
    pub removed: u64,
    /// SHA-256 of all rows here.
    pub digest: String,
    /// The same of all rows there, as they were found.
    pub digest_there: String,
}

impl Carried {
    /// Whether both held the same before anything was written.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.digest == self.digest_there
    }
}

/// Whether a store may be filled from another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// It was empty, and is marked now.
    Begun,
    /// A move from the same place was begun before.
    GoesOn,
    /// It holds something else.
    Taken,
    /// Another store is moving in, from this place.
    TakenBy(String),
}

impl Store {
    /// Marks this store as one into which the one at `from` moves, where it is empty.
    pub async fn begin_move(&self, from: &str) -> Result<Entry, StoreError> {
        let from = from.to_owned();
        self.write(move |tx| {
            async move {
                if let Some(place) = marked(tx).await? {
                    return Ok(match place == from {
                        true => Entry::GoesOn,
                        false => Entry::TakenBy(place),
                    });
                }
                if !is_empty(tx).await? {
                    return Ok(Entry::Taken);
                }
                let mark = params![MOVING, from, Timestamp::UNIX_EPOCH];
                tx.execute(&sql::HOUSE_KEY_ADD, &mark).await?;
                Ok(Entry::Begun)
            }
            .boxed()
        })
        .await
    }

    /// Takes the mark away: the move is over, and this is a store like any other.
    pub async fn end_move(&self) -> Result<(), StoreError> {
        self.write(|tx| {
            async move {
                tx.execute(&sql::HOUSE_KEY_REMOVE, &params![MOVING]).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// The place from which another store is moving into this one, so that it is not whole.
    pub async fn unfinished_move(&self) -> Result<Option<String>, StoreError> {
        self.read(|tx| marked(tx).boxed()).await
    }

    /// Compares everything here with `to` and puts there what differs. `is_empty` spares reading
    /// there what cannot be. `tell` hears of each table with the rows that were compared so far.
    ///
    /// # Errors
    /// Those of every question, on either side. What was written stays.
    pub async fn carry_to(
        &self,
        to: &Store,
        is_empty: bool,
        tell: impl FnMut(&'static str, u64) + Send,
    ) -> Result<Carried, StoreError> {
        let (send_here, here) = channel(LOADS);
        let (send_there, there) = channel(LOADS);
        let there = (!is_empty).then(|| Rows::of(there));
        let read_there = async {
            match is_empty {
                true => Ok(()),
                false => to.read_whole(send_there).await,
            }
        };
        let compare = compare(Rows::of(here), there, to, tell);
        let (read, read_there, compared) =
            tokio::join!(self.read_whole(send_here), read_there, compare);
        // Whoever failed by itself says why; the others only noticed.
        let failed = [read.err(), read_there.err()].into_iter().flatten();
        let failed = failed.chain(compared.as_ref().err().cloned());
        let failed: Vec<StoreError> = failed.collect();
        let first = failed.iter().find(|error| !is_from_closing(error));
        match first.or(failed.first()) {
            Some(error) => Err(error.clone()),
            None => compared,
        }
    }
}

async fn marked(tx: &mut Tx<'_>) -> Result<Option<String>, Fault> {
    let found = tx.query(&sql::HOUSE_KEY_FIND, &params![MOVING]).await?;
    found
        .first()
        .map(|row| Ok(row.text(0)?.to_owned()))
        .transpose()
}

/// The rows of a table with the same first column of its key, such as all those of a repository.
struct Group {
    key: Value,
    rows: Vec<Vec<Value>>,
}

/// What is read of a store, group by group.
struct Rows {
    loads: Loads,
    /// Rows that were received and belong to the next group.
    ready: VecDeque<Vec<Value>>,
    /// What was received after the rows of the present table.
    ahead: Option<Load>,
}

impl Rows {
    fn of(loads: Loads) -> Self {
        Self {
            loads,
            ready: VecDeque::new(),
            ahead: None,
        }
    }

    async fn receive(&mut self) -> Result<Load, Fault> {
        match self.ahead.take() {
            Some(load) => Ok(load),
            None => self.loads.recv().await.ok_or(Fault::Closed),
        }
    }

    /// Begins with a table; returns its columns.
    async fn begin(&mut self, table: &Table) -> Result<Vec<String>, Fault> {
        match self.receive().await? {
            Load::Table(found, columns) if found.name == table.name => Ok(columns),
            _ => Err(Fault::corrupt(format!("no rows of {} came", table.name))),
        }
    }

    /// The next rows that have the same in the column at `place`. Both engines give them in the order
    /// of that column: numbers, and texts by their bytes.
    async fn next(&mut self, place: usize) -> Result<Option<Group>, Fault> {
        let mut group: Option<Group> = None;
        loop {
            while let Some(row) = self.ready.pop_front() {
                let key = row.get(place).cloned();
                let key = key.ok_or_else(|| Fault::corrupt("a row without a key".into()))?;
                let group = group.get_or_insert_with(|| Group {
                    key: key.clone(),
                    rows: Vec::new(),
                });
                if group.key != key {
                    if group.key > key {
                        // Two that are read side by side would miss each other.
                        return Err(Fault::corrupt("rows came in another order".into()));
                    }
                    self.ready.push_front(row);
                    break;
                }
                group.rows.push(row);
            }
            if !self.ready.is_empty() {
                break;
            }
            match self.receive().await? {
                Load::Rows(rows) => self.ready = rows.into(),
                other => {
                    self.ahead = Some(other);
                    break;
                }
            }
        }
        // Engines do not agree on the order of all texts.
        if let Some(group) = &mut group {
            group.rows.sort_unstable();
        }
        Ok(group)
    }
}

/// What everything that was read is, as one number.
struct Digest(Context);

impl Digest {
    fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    fn table(&mut self, table: &Table) {
        self.text(table.name);
    }

    fn group(&mut self, group: &Group) {
        for row in &group.rows {
            self.0.update(b"\n");
            for cell in row {
                match cell {
                    Value::Null => self.0.update(b"-"),
                    Value::Int(number) => {
                        self.0.update(b"i");
                        self.0.update(&number.to_be_bytes());
                    }
                    Value::Text(text) => self.text(text),
                }
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.0.update(b"t");
        self.0.update(&(text.len() as u64).to_be_bytes());
        self.0.update(text.as_bytes());
    }

    fn end(self) -> String {
        use std::fmt::Write as _;
        let digest = self.0.finish();
        digest
            .as_ref()
            .iter()
            .fold(String::new(), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            })
    }
}

async fn compare(
    mut here: Rows,
    mut there: Option<Rows>,
    to: &Store,
    mut tell: impl FnMut(&'static str, u64) + Send,
) -> Result<Carried, StoreError> {
    let wrong = |fault: Fault| fault.at(to.location()).while_open();
    let (mut rows, mut written, mut removed) = (0, 0, 0);
    let (mut digest, mut digest_there) = (Digest::new(), Digest::new());
    for table in TABLES {
        let columns = here.begin(table).await.map_err(wrong)?;
        if let Some(there) = &mut there
            && there.begin(table).await.map_err(wrong)? != columns
        {
            let what = format!("{} has other columns than the store that moves", table.name);
            return Err(wrong(Fault::corrupt(what)));
        }
        digest.table(table);
        digest_there.table(table);
        let first = table.key.first().copied().unwrap_or_default();
        let place = columns.iter().position(|column| column == first);
        let place =
            place.ok_or_else(|| wrong(Fault::corrupt(format!("{} has no key", table.name))))?;
        let mut putting = Putting::new(to, table, columns);
        let mut own = next(Some(&mut here), table, place).await.map_err(wrong)?;
        let mut other = next(there.as_mut(), table, place).await.map_err(wrong)?;
        loop {
            let order = match (&own, &other) {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(own), Some(other)) => own.key.cmp(&other.key),
            };
            let is_own = order.is_le();
            let is_other = order.is_ge();
            let (mine, theirs) = (own.take_if(|_| is_own), other.take_if(|_| is_other));
            if let Some(mine) = &mine {
                rows += mine.rows.len() as u64;
                digest.group(mine);
            }
            if let Some(theirs) = &theirs {
                digest_there.group(theirs);
            }
            let group = mine.as_ref().or(theirs.as_ref());
            let key = group.map_or(Value::Null, |group| group.key.clone());
            let mine = mine.map_or_else(Vec::new, |group| group.rows);
            let theirs = theirs.map_or_else(Vec::new, |group| group.rows);
            if mine != theirs {
                written += mine.len() as u64;
                removed += theirs.len() as u64;
                putting.replace(key, !theirs.is_empty(), mine).await?;
            }
            if is_own {
                own = next(Some(&mut here), table, place).await.map_err(wrong)?;
            }
            if is_other {
                other = next(there.as_mut(), table, place).await.map_err(wrong)?;
            }
        }
        putting.flush().await?;
        tell(table.name, rows);
    }
    match here.receive().await.map_err(wrong)? {
        Load::End => {}
        _ => return Err(wrong(Fault::corrupt("rows of no table came".into()))),
    }
    Ok(Carried {
        rows,
        written,
        removed,
        digest: digest.end(),
        digest_there: digest_there.end(),
    })
}

/// The next group, without the mark of a move, which is no row of anybody's.
async fn next(
    rows: Option<&mut Rows>,
    table: &Table,
    place: usize,
) -> Result<Option<Group>, Fault> {
    let Some(rows) = rows else { return Ok(None) };
    loop {
        let group = rows.next(place).await?;
        let is_mark = |group: &Group| table.name == "house_key" && group.key == MOVING.into();
        if !group.as_ref().is_some_and(is_mark) {
            return Ok(group);
        }
    }
}

/// Rows of a table that are to be put in their place, a few thousand at a time.
struct Putting<'a> {
    to: &'a Store,
    table: &'static Table,
    columns: Arc<[String]>,
    /// Keys whose rows go first.
    outdated: Vec<Value>,
    groups: usize,
    rows: Vec<Vec<Value>>,
}

impl<'a> Putting<'a> {
    fn new(to: &'a Store, table: &'static Table, columns: Vec<String>) -> Self {
        Self {
            to,
            table,
            columns: columns.into(),
            outdated: Vec::new(),
            groups: 0,
            rows: Vec::new(),
        }
    }

    async fn replace(
        &mut self,
        key: Value,
        are_there: bool,
        rows: Vec<Vec<Value>>,
    ) -> Result<(), StoreError> {
        self.groups += 1;
        // An empty store, in which nothing is looked for, has rows as well: the source that is GitHub.
        if are_there || !self.table.is_of_repo() {
            self.outdated.push(key);
        }
        self.rows.extend(rows);
        match self.rows.len() >= ROWS || self.groups >= GROUPS {
            true => self.flush().await,
            false => Ok(()),
        }
    }

    async fn flush(&mut self) -> Result<(), StoreError> {
        if std::mem::take(&mut self.groups) == 0 {
            return Ok(());
        }
        let outdated = std::mem::take(&mut self.outdated);
        let rows = std::mem::take(&mut self.rows);
        let (table, columns) = (self.table, Arc::clone(&self.columns));
        self.to
            .write(move |tx| {
                async move {
                    clear(tx, table, outdated).await?;
                    tx.insert(table.name, &columns, &rows).await
                }
                .boxed()
            })
            .await
    }
}

/// Removes the rows with these keys.
async fn clear(tx: &mut Tx<'_>, table: &Table, keys: Vec<Value>) -> Result<(), Fault> {
    let first = table.key.first().copied().unwrap_or_default();
    let of_key = Sql::made(format!("delete from {} where {first} = $1", table.name));
    let keys: Vec<[Value; 1]> = keys.into_iter().map(|key| [key]).collect();
    tx.execute_each(&of_key, &keys).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str) -> &'static Table {
        TABLES.iter().find(|table| table.name == name).unwrap()
    }

    async fn groups(of: &[&[i64]]) -> Result<Vec<usize>, Fault> {
        let (send, loads) = channel(LOADS);
        for rows in of {
            let rows = rows.iter().map(|key| vec![Value::Int(*key)]).collect();
            assert!(send.send(Load::Rows(rows)).await.is_ok());
        }
        assert!(send.send(Load::End).await.is_ok());
        let mut rows = Rows::of(loads);
        let mut sizes = Vec::new();
        while let Some(group) = rows.next(0).await? {
            sizes.push(group.rows.len());
        }
        Ok(sizes)
    }

    #[tokio::test]
    async fn no_more_is_held_at_once_than_the_rows_of_one_key() {
        let sizes = groups(&[&[1, 2, 2], &[2, 3], &[4]]).await.unwrap();
        assert_eq!(sizes, [1, 3, 1, 1]);
        assert_eq!(table("run").key, ["run_id"]);
    }

    #[tokio::test]
    async fn rows_in_another_order_are_not_compared() {
        assert!(groups(&[&[2, 1]]).await.is_err());
    }
}
