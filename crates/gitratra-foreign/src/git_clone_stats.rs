//! taylorwilsdon/git-clone-stats: clones, later views, under names that mostly have no owner.
//!
//! Schemas seen: clones only; with `tracked_repos` and `repo_stars`; with `view_history`; with
//! `user_id` in every table (1.0.6). The versions before views kept the first answer about a day,
//! which until 2025-12-30 was one about a running day; the later ones keep the last.
//!
//! Its table of users holds tokens. Nothing but the user's name is ever asked of it.

use std::collections::HashMap;

use gitratra_core::import::{DayFact, Fact, LeftOut, Listener, Subject};
use gitratra_core::{Day, Metric, RepoName, Timestamp, regime};

use crate::error::Stop;
use crate::open::Database;
use crate::schema::Schema;

/// More users than such a server can have.
const MOST_USERS: usize = 1_000_000;

pub(crate) fn read(
    database: &Database,
    schema: &Schema,
    to: &mut dyn Listener,
) -> Result<(), Stop> {
    let owners = owners(database, schema)?;
    let has_views = schema.has("view_history", &["repo", "timestamp", "count", "uniques"]);
    let reader = Reader {
        database,
        schema,
        owners,
        is_first_kept: !has_views,
    };
    reader.days(Metric::Clones, "clone_history", to)?;
    if has_views {
        reader.days(Metric::Views, "view_history", to)?;
    }
    if schema.has_table("repo_stars") && database.has_rows("repo_stars")? {
        to.leave_out(LeftOut(
            "stars: only the newest number is there, with a time of that machine's clock of which \
             the zone is not known"
                .to_owned(),
        ));
    }
    Ok(())
}

struct Reader<'a> {
    database: &'a Database,
    schema: &'a Schema,
    owners: HashMap<i64, String>,
    is_first_kept: bool,
}

impl Reader<'_> {
    fn days(&self, metric: Metric, table: &'static str, to: &mut dyn Listener) -> Result<(), Stop> {
        let user = if self.schema.has(table, &["user_id"]) {
            "user_id"
        } else {
            "null as user_id"
        };
        let sql = format!(
            "
select
  rowid as row_key,
  repo,
  timestamp,
  count,
  uniques,
  {user}
from {table}"
        );
        let mut is_running = false;
        self.database.each(table, &sql, |cells| {
            let bare = cells.subject("repo")?;
            let user = cells.whole_or_none("user_id")?;
            let about = self.owned(bare, user);
            let day = cells.day("timestamp")?;
            let read_at = self.read_at(day);
            is_running |= read_at.is_some();
            let fact = DayFact {
                metric,
                day,
                count: cells.count("count", "uniques")?,
                read_at,
                is_doubted: false,
            };
            Ok(to.tell(&about, Fact::Day(fact))?)
        })?;
        if is_running {
            to.leave_out(LeftOut(
                "the final numbers of days before 2025-12-31: this version kept the first answer, \
                 given while the day was running; they are taken as partial"
                    .to_owned(),
            ));
        }
        Ok(())
    }

    /// A bare name with the owner that its user is, where the table says so.
    fn owned(&self, bare: Subject, user: Option<u64>) -> Subject {
        let owner = user.and_then(|user| self.owners.get(&user.cast_signed()));
        match (&bare, owner) {
            (Subject::Bare(name), Some(owner)) => {
                RepoName::new(owner, name).map_or(bare, Subject::named)
            }
            _ => bare,
        }
    }

    /// The last second of a day of which the first answer was kept, while days were still told
    /// while they ran.
    fn read_at(&self, day: Day) -> Option<Timestamp> {
        let may_have_run = self.is_first_kept && regime::may_be_told_running(day);
        may_have_run.then(|| day.last_second())
    }
}

/// The names of users whose repositories are all their own: a repository marked as an
/// organisation's belongs to one whose name was only in the environment.
fn owners(database: &Database, schema: &Schema) -> Result<HashMap<i64, String>, Stop> {
    const SQL: &str = "
select
  users.rowid as row_key,
  users.id,
  users.github_username
from users
where not exists (
  select 1
  from tracked_repos
  where tracked_repos.user_id = users.id
    and coalesce(tracked_repos.owner_type, 'user') <> 'user'
)";
    let mut owners = HashMap::new();
    let is_known = schema.has("users", &["id", "github_username"])
        && schema.has("tracked_repos", &["user_id", "owner_type"]);
    if !is_known {
        return Ok(owners);
    }
    database.each("users", SQL, |cells| {
        let id = cells.whole("id")?;
        if owners.len() >= MOST_USERS {
            return Err(cells.wrong("id", id.to_string(), "one of at most a million numbers"));
        }
        owners.insert(id.cast_signed(), cells.text("github_username")?.to_owned());
        Ok(())
    })?;
    Ok(owners)
}
