//! The questions, one file each under `sql/`, in the one text that both engines understand.

#[cfg(test)]
mod spread;

use std::borrow::Cow;
use std::sync::OnceLock;

use crate::engine::{Dialect, filled};

/// One statement.
#[derive(Debug)]
pub(crate) struct Sql {
    text: Cow<'static, str>,
    postgres: OnceLock<String>,
    sqlite: OnceLock<String>,
}

impl Sql {
    const fn new(text: &'static str) -> Self {
        Self {
            text: Cow::Borrowed(text),
            postgres: OnceLock::new(),
            sqlite: OnceLock::new(),
        }
    }

    /// A question that is the same for each of the tables in [`crate::tables`].
    pub(crate) const fn made(text: String) -> Self {
        Self {
            text: Cow::Owned(text),
            postgres: OnceLock::new(),
            sqlite: OnceLock::new(),
        }
    }

    /// The text with `$1`, and with the words that only this engine knows.
    pub(crate) fn for_postgres(&self) -> &str {
        self.postgres
            .get_or_init(|| filled(&self.text, Dialect::Postgres))
    }

    /// The text with `?1`, and with the words that only this engine knows. No statement has a `$`
    /// anywhere else.
    pub(crate) fn for_sqlite(&self) -> &str {
        self.sqlite
            .get_or_init(|| filled(&self.text, Dialect::Sqlite).replace('$', "?"))
    }
}

macro_rules! statements {
    ($($name:ident = $path:literal;)*) => {
        $(pub(crate) static $name: Sql = Sql::new(include_str!(concat!("../sql/", $path)));)*

        #[cfg(test)]
        const PATHS: &[&str] = &[$($path),*];

        #[cfg(test)]
        const ALL: &[&Sql] = &[$(&$name),*];
    };
}

statements! {
    ALARM_ALL = "alarm/all.sql";
    ALARM_REMOVE = "alarm/remove.sql";
    ALARM_SAVE = "alarm/save.sql";
    API_TOKEN_ADD = "api_token/add.sql";
    API_TOKEN_ALL = "api_token/all.sql";
    API_TOKEN_FIND = "api_token/find.sql";
    API_TOKEN_REMOVE = "api_token/remove.sql";
    API_TOKEN_REMOVE_OF_PERSON = "api_token/remove_of_person.sql";
    API_TOKEN_SWEEP = "api_token/sweep.sql";
    API_TOKEN_TOUCH = "api_token/touch.sql";
    ASKED_ANSWERED_BY = "asked/answered_by.sql";
    ASKED_CLEAR_LOOK_UP = "asked/clear_look_up.sql";
    ASKED_ETAGS = "asked/etags.sql";
    ASKED_HELD = "asked/held.sql";
    ASKED_HELD_LEASED = "asked/held_leased.sql";
    ASKED_HELD_SINCE = "asked/held_since.sql";
    ASKED_LATEST_STORED = "asked/latest_stored.sql";
    ASKED_LATEST_TIME = "asked/latest_time.sql";
    ASKED_OF_REPO = "asked/of_repo.sql";
    ASKED_PROBLEMS = "asked/problems.sql";
    ASKED_SAVE = "asked/save.sql";
    ASSET_OF_REPO = "asset/of_repo.sql";
    ASSET_SAVE = "asset/save.sql";
    ASSET_RUN_ADD = "asset_run/add.sql";
    ASSET_RUN_IN_DAYS = "asset_run/in_days.sql";
    ASSET_RUN_REMOVE = "asset_run/remove.sql";
    BUDGET_ADD = "budget/add.sql";
    BUDGET_HOUR = "budget/hour.sql";
    BUDGET_HOUR_SAVE = "budget/hour_save.sql";
    BUDGET_SWEEP = "budget/sweep.sql";
    BUDGET_TAKEN = "budget/taken.sql";
    COLLECTOR_BEAT = "collector/beat.sql";
    COLLECTOR_REMOVE = "collector/remove.sql";
    COLLECTOR_SEEN_SINCE = "collector/seen_since.sql";
    COLLECTOR_SWEEP = "collector/sweep.sql";
    COLLECTOR_CREDENTIAL_ADD = "collector_credential/add.sql";
    COLLECTOR_CREDENTIAL_OF_OTHERS = "collector_credential/of_others.sql";
    COLLECTOR_CREDENTIAL_REMOVE = "collector_credential/remove.sql";
    COLLECTOR_CREDENTIAL_SWEEP = "collector_credential/sweep.sql";
    COUNTER_RUN_IN_DAYS = "counter_run/in_days.sql";
    COUNTER_RUN_LATEST = "counter_run/latest.sql";
    COUNTER_RUN_REMOVE = "counter_run/remove.sql";
    COUNTER_RUN_SAVE = "counter_run/save.sql";
    GROUP_RULE_ADD = "group_rule/add.sql";
    GROUP_RULE_BIND = "group_rule/bind.sql";
    GROUP_RULE_PUT = "group_rule/put.sql";
    GROUP_RULE_REBIND = "group_rule/rebind.sql";
    GROUP_RULE_REMOVE = "group_rule/remove.sql";
    GROUP_RULE_REMOVE_ALL = "group_rule/remove_all.sql";
    GROUP_RULE_UNBOUND = "group_rule/unbound.sql";
    HOUSE_KEY_ADD = "house_key/add.sql";
    HOUSE_KEY_FIND = "house_key/find.sql";
    HOUSE_KEY_REMOVE = "house_key/remove.sql";
    HOUSE_KEY_REPLACE = "house_key/replace.sql";
    INVITE_ADD = "invite/add.sql";
    INVITE_FIND = "invite/find.sql";
    INVITE_REMOVE_FIRST = "invite/remove_first.sql";
    INVITE_REMOVE_OF_PERSON = "invite/remove_of_person.sql";
    INVITE_SWEEP = "invite/sweep.sql";
    INVITE_TAKE = "invite/take.sql";
    LEASE_FORGET_REPO = "lease/forget_repo.sql";
    LEASE_HOLDER = "lease/holder.sql";
    LEASE_MAKE = "lease/make.sql";
    LEASE_RELEASE = "lease/release.sql";
    LEASE_RELEASE_ALL = "lease/release_all.sql";
    LEASE_RENEW = "lease/renew.sql";
    LEASE_SWEEP = "lease/sweep.sql";
    LEASE_TAKE = "lease/take.sql";
    LOGIN_FAILURE_COUNT = "login_failure/count.sql";
    LOGIN_FAILURE_FIND = "login_failure/find.sql";
    LOGIN_FAILURE_REMOVE = "login_failure/remove.sql";
    LOGIN_FAILURE_SAVE = "login_failure/save.sql";
    LOGIN_FAILURE_SWEEP = "login_failure/sweep.sql";
    LOGIN_FAILURE_SWEEP_OLDEST = "login_failure/sweep_oldest.sql";
    MARK_COUNT = "mark/count.sql";
    MARK_NOW = "mark/now.sql";
    NOTE_ADD = "note/add.sql";
    NOTE_FIND = "note/find.sql";
    NOTE_IN_DAYS = "note/in_days.sql";
    NOTE_PUT = "note/put.sql";
    NOTE_REMOVE = "note/remove.sql";
    OUTLINE_ASSET = "outline/asset.sql";
    OUTLINE_ASSET_RUN = "outline/asset_run.sql";
    OUTLINE_COUNTER_RUN = "outline/counter_run.sql";
    OUTLINE_RANKED_RUN = "outline/ranked_run.sql";
    OUTLINE_RANKED_WINDOW = "outline/ranked_window.sql";
    OUTLINE_SINCE = "outline/since.sql";
    OUTLINE_STAR_DAY = "outline/star_day.sql";
    OUTLINE_STAR_SPAN = "outline/star_span.sql";
    OUTLINE_TOLD_TOTAL = "outline/told_total.sql";
    OUTLINE_TRAFFIC_DAY = "outline/traffic_day.sql";
    OUTLINE_TRAFFIC_WEEK = "outline/traffic_week.sql";
    PERSON_ADD = "person/add.sql";
    PERSON_ALL = "person/all.sql";
    PERSON_ANY = "person/any.sql";
    PERSON_BY_NAME = "person/by_name.sql";
    PERSON_BY_SUBJECT = "person/by_subject.sql";
    PERSON_ONE = "person/one.sql";
    PERSON_PASSWORD = "person/password.sql";
    PERSON_REMOVE = "person/remove.sql";
    PERSON_SET_DISABLED = "person/set_disabled.sql";
    PERSON_SET_PASSWORD = "person/set_password.sql";
    PERSON_SET_ROLE = "person/set_role.sql";
    PERSON_GROUP_ADD = "person_group/add.sql";
    PERSON_GROUP_ALL = "person_group/all.sql";
    PERSON_GROUP_CLEAR = "person_group/clear.sql";
    PERSON_GROUP_FORGET_GROUP = "person_group/forget_group.sql";
    PERSON_GROUP_OF_PERSON = "person_group/of_person.sql";
    PROFILE_LATEST = "profile/latest.sql";
    PROFILE_OF_REPO = "profile/of_repo.sql";
    PROFILE_SAVE = "profile/save.sql";
    RANKED_NAME = "ranked/name.sql";
    RANKED_NAME_ADD = "ranked/name_add.sql";
    RANKED_NAME_TITLE = "ranked/name_title.sql";
    RANKED_NAMES = "ranked/names.sql";
    RANKED_RUN_ADD = "ranked/run_add.sql";
    RANKED_RUN_REMOVE = "ranked/run_remove.sql";
    RANKED_RUNS = "ranked/runs.sql";
    RANKED_RUNS_NAMED = "ranked/runs_named.sql";
    RANKED_WINDOW_AROUND = "ranked/window_around.sql";
    RANKED_WINDOW_NEWEST = "ranked/window_newest.sql";
    RANKED_WINDOW_SAVE = "ranked/window_save.sql";
    RANKED_WINDOWS = "ranked/windows.sql";
    RANKED_WINDOWS_READ_SINCE = "ranked/windows_read_since.sql";
    RANKED_WINDOWS_SEEN = "ranked/windows_seen.sql";
    RELEASE_OF_REPO = "release/of_repo.sql";
    RELEASE_OWNERS = "release/owners.sql";
    RELEASE_SAVE = "release/save.sql";
    REPO_ADD_TOLD = "repo/add_told.sql";
    REPO_ALL = "repo/all.sql";
    REPO_BEARER = "repo/bearer.sql";
    REPO_BORNE = "repo/borne.sql";
    REPO_FIND = "repo/find.sql";
    REPO_FORGET = "repo/forget.sql";
    REPO_FORMER_NAMES = "repo/former_names.sql";
    REPO_LABELS = "repo/labels.sql";
    REPO_LEASED = "repo/leased.sql";
    REPO_MARK_GONE = "repo/mark_gone.sql";
    REPO_NAMED = "repo/named.sql";
    REPO_NAMES_OF = "repo/names_of.sql";
    REPO_ONE = "repo/one.sql";
    REPO_PUT = "repo/put.sql";
    REPO_SAVE = "repo/save.sql";
    REPO_SAVE_NAME = "repo/save_name.sql";
    REPO_UNCONFIRMED = "repo/unconfirmed.sql";
    REPO_GROUP_ADD = "repo_group/add.sql";
    REPO_GROUP_ALL = "repo_group/all.sql";
    REPO_GROUP_OF_PERSON = "repo_group/of_person.sql";
    REPO_GROUP_ONE = "repo_group/one.sql";
    REPO_GROUP_PUT = "repo_group/put.sql";
    REPO_GROUP_REMOVE = "repo_group/remove.sql";
    REPO_NAME_OF_REPO = "repo_name/of_repo.sql";
    REPO_NAME_PUT = "repo_name/put.sql";
    RHYTHM_ALL = "rhythm/all.sql";
    RHYTHM_LEASED = "rhythm/leased.sql";
    RHYTHM_OF_REPO = "rhythm/of_repo.sql";
    RHYTHM_SAVE = "rhythm/save.sql";
    RHYTHM_SINCE = "rhythm/since.sql";
    RULE_ADD = "rule/add.sql";
    RULE_ALL = "rule/all.sql";
    RULE_BIND = "rule/bind.sql";
    RULE_BINDINGS = "rule/bindings.sql";
    RULE_BOUND = "rule/bound.sql";
    RULE_FORGET_REPO = "rule/forget_repo.sql";
    RULE_PUT = "rule/put.sql";
    RULE_REBIND = "rule/rebind.sql";
    RULE_REMOVE = "rule/remove.sql";
    RULE_UNBIND = "rule/unbind.sql";
    RULE_UNBIND_ALL = "rule/unbind_all.sql";
    RUN_FIND = "run/find.sql";
    RUN_LAST = "run/last.sql";
    RUN_NEWEST = "run/newest.sql";
    RUN_SAVE = "run/save.sql";
    RUN_STARTED_AT = "run/started_at.sql";
    SEAL_BEFORE = "seal/before.sql";
    SEAL_FROM_MONTH = "seal/from_month.sql";
    SEAL_NEWEST = "seal/newest.sql";
    SEAL_REACH = "seal/reach.sql";
    SEAL_SAVE = "seal/save.sql";
    SESSION_ADD = "session/add.sql";
    SESSION_FIND = "session/find.sql";
    SESSION_REMOVE = "session/remove.sql";
    SESSION_REMOVE_OF_PERSON = "session/remove_of_person.sql";
    SESSION_SWEEP = "session/sweep.sql";
    SESSION_TOUCH = "session/touch.sql";
    SHARE_ADD = "share/add.sql";
    SHARE_ALL = "share/all.sql";
    SHARE_FIND = "share/find.sql";
    SHARE_FORGET_REPO = "share/forget_repo.sql";
    SHARE_REBIND = "share/rebind.sql";
    SHARE_REMOVE_OF_GROUP = "share/remove_of_group.sql";
    SHARE_REVOKE = "share/revoke.sql";
    SHARE_SWEEP = "share/sweep.sql";
    SIGHTING_DROP_DOUBTED = "sighting/drop_doubted.sql";
    SIGHTING_OF_DAYS = "sighting/of_days.sql";
    SIGHTING_SAVE = "sighting/save.sql";
    SIGHTING_ZERO_DAYS = "sighting/zero_days.sql";
    SOURCE_ADD = "source/add.sql";
    SOURCE_AFTER_RUN = "source/after_run.sql";
    SOURCE_ALL = "source/all.sql";
    SOURCE_BRINGS = "source/brings.sql";
    SOURCE_LABEL = "source/label.sql";
    SOURCE_TOUCH = "source/touch.sql";
    STAR_DAY_IN_DAYS = "star_day/in_days.sql";
    STAR_DAY_SAVE = "star_day/save.sql";
    STAR_SPAN_ADD = "star_span/add.sql";
    STAR_SPAN_ALL = "star_span/all.sql";
    STAR_SPAN_IN_DAYS = "star_span/in_days.sql";
    STAR_SPAN_READ_SINCE = "star_span/read_since.sql";
    STAR_SPAN_REMOVE = "star_span/remove.sql";
    SUSPECT_ADD = "suspect/add.sql";
    SUSPECT_ALL = "suspect/all.sql";
    SUSPECT_CLEAR = "suspect/clear.sql";
    SWEEP_ASKED = "sweep/asked.sql";
    SWEEP_DAYS = "sweep/days.sql";
    SWEEP_REPOS = "sweep/repos.sql";
    SWEEP_STARS = "sweep/stars.sql";
    TAG_ADD = "tag/add.sql";
    TAG_OF_REPO = "tag/of_repo.sql";
    TAG_SAVE = "tag/save.sql";
    TOLD_TOTAL_IN_DAYS = "told_total/in_days.sql";
    TOLD_TOTAL_SAVE = "told_total/save.sql";
    TRAFFIC_DAY_FIRST_SEEN_SINCE = "traffic_day/first_seen_since.sql";
    TRAFFIC_DAY_FLEET = "traffic_day/fleet.sql";
    TRAFFIC_DAY_OF_DAYS = "traffic_day/of_days.sql";
    TRAFFIC_DAY_OF_SOURCE = "traffic_day/of_source.sql";
    TRAFFIC_DAY_REACH = "traffic_day/reach.sql";
    TRAFFIC_DAY_SAVE = "traffic_day/save.sql";
    TRAFFIC_DAY_WINDOWS = "traffic_day/windows.sql";
    TRAFFIC_WEEK_IN_DAYS = "traffic_week/in_days.sql";
    TRAFFIC_WEEK_SAVE = "traffic_week/save.sql";
    VERIFY_LOOSE = "verify/loose.sql";
    VERIFY_MONTHS = "verify/months.sql";
    VERIFY_REPOS = "verify/repos.sql";
    VERIFY_RUNS = "verify/runs.sql";
    WORKFLOW_DAY_IN_DAYS = "workflow_day/in_days.sql";
    WORKFLOW_DAY_SAVE = "workflow_day/save.sql";
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_is_a_statement() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql");
        let mut found: Vec<String> = Vec::new();
        for folder in std::fs::read_dir(&root).unwrap() {
            let folder = folder.unwrap().path();
            if folder.ends_with("migrations") {
                continue;
            }
            for file in std::fs::read_dir(folder).unwrap() {
                let path = file.unwrap().path();
                let path = path.strip_prefix(&root).unwrap();
                found.push(path.to_str().unwrap().replace('\\', "/"));
            }
        }
        found.sort();
        assert_eq!(found, PATHS);
    }

    /// What the check finds wrong is planted in its own tests.
    #[test]
    fn every_statement_can_be_answered_by_several_machines() {
        for (path, sql) in PATHS.iter().zip(ALL) {
            let faults = spread::faults(sql.for_postgres());
            assert!(faults.is_empty(), "{path}: {}", faults.join("; "));
        }
    }

    #[test]
    fn parameters_are_numbered_for_both_engines() {
        assert!(TRAFFIC_DAY_OF_DAYS.for_postgres().contains("$1"));
        assert!(TRAFFIC_DAY_OF_DAYS.for_sqlite().contains("?1"));
        assert!(!TRAFFIC_DAY_OF_DAYS.for_sqlite().contains('$'));
    }

    #[test]
    fn each_engine_gets_the_words_that_only_it_knows() {
        let words = "\n    for update skip locked\n";
        assert!(LEASE_TAKE.for_postgres().contains(words));
        assert!(!LEASE_TAKE.for_sqlite().contains(words));
    }
}
