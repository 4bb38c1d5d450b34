//! Who asks: whether GitHub takes each credential, whose it is, what it may do, when it ends and
//! what is left of its hour.

use std::collections::HashSet;

use gitratra_core::{Rules, Timestamp};
use gitratra_github::{Failure, FailureKind, Listing};
use gitratra_sync::{Asker, AskerKind};
use jiff::SignedDuration;
use serde::Serialize;

use crate::askers::Missing;

use super::finding::{Area, Check, State};
use super::moment;

/// A token that ends within this time is to be replaced soon, and within the other now.
const ENDS_SOON: SignedDuration = SignedDuration::from_hours(24 * 14);
const ENDS_NOW: SignedDuration = SignedDuration::from_hours(24 * 3);

/// What is known of a credential.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Account {
    pub(super) label: String,
    pub(super) state: State,
    kind: &'static str,
    /// The user or the account whose it is.
    account: Option<String>,
    scopes: Option<Vec<String>>,
    expires_at: Option<String>,
    rate: Option<Left>,
    /// Numbers of the organisations whose repositories GitHub leaves out of lists.
    hidden_organizations: Vec<String>,
    status: Option<u16>,
    message: Option<String>,
    action: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct Left {
    limit: u64,
    remaining: u64,
    reset_at: String,
}

/// What was found out of one credential.
pub(super) struct Examined {
    pub(super) account: Account,
    pub(super) checks: Vec<Check>,
    /// Whether GitHub takes it, so that more can be asked.
    pub(super) is_taken: bool,
}

/// Asks what costs little: the limit, whose it is, and the lists that the rules need.
pub(super) async fn examine(asker: &Asker, rules: &Rules, reads_lists: bool) -> Examined {
    let client = &asker.client;
    let asked = client.rate_limit().await;
    let mut account = Account {
        label: asker.label.clone(),
        state: State::Ok,
        kind: "token",
        account: None,
        scopes: None,
        expires_at: None,
        rate: None,
        hidden_organizations: Vec::new(),
        status: None,
        message: None,
        action: None,
    };
    if let AskerKind::Installation { account: owner } = &asker.kind {
        account.kind = "installation";
        account.account = Some(owner.clone());
    }
    if let Err(failure) = asked {
        let check = refused(asker, &failure);
        account.state = check.state;
        account.status = failure.status;
        account.message = Some(failure.message.clone());
        account.action = check.action.clone();
        return Examined {
            account,
            checks: vec![check],
            is_taken: false,
        };
    }
    if asker.kind == AskerKind::Person
        && let Ok((login, _)) = client.login().await
    {
        account.account = Some(login);
    }
    account.scopes = client.scopes();
    account.rate = client.rate().map(|rate| Left {
        limit: rate.limit,
        remaining: rate.remaining,
        reset_at: format!("{:.0}", rate.reset_at),
    });
    let mut checks = vec![rights(asker, &account)];
    if let (Some(end), Some(now)) = (client.token_expires_at(), client.server_now()) {
        account.expires_at = Some(format!("{end:.0}"));
        checks.push(ending(&asker.label, end, now));
    }
    if let Some(rate) = client.rate() {
        checks.push(budget(&asker.label, rate));
    }
    if reads_lists && asker.kind == AskerKind::Person {
        let (hidden, found) = lists(asker, rules).await;
        account.hidden_organizations = hidden;
        checks.extend(found);
    }
    account.state = checks
        .iter()
        .map(|check| check.state)
        .max()
        .unwrap_or(State::Ok);
    let worst = checks.iter().find(|check| check.state == account.state);
    account.action = worst.and_then(|check| check.action.clone());
    Examined {
        account,
        checks,
        is_taken: true,
    }
}

/// The check and the account of a credential that cannot even be tried.
///
/// `is_told` says that what is wrong is plain: GitHub was reached, and either others can ask or
/// GitHub itself has said so.
pub(super) fn unusable(missing: &Missing, is_told: bool) -> (Check, Account) {
    let state = if is_told && !missing.is_passing {
        State::Bad
    } else {
        State::Unknown
    };
    let (found, action) = split(&missing.error);
    let check = Check::new(Area::Credentials, &missing.label, state, found).action(action);
    let account = Account {
        label: missing.label.clone(),
        state,
        kind: "unusable",
        account: None,
        scopes: None,
        expires_at: None,
        rate: None,
        hidden_organizations: Vec::new(),
        status: None,
        message: Some(check.found.clone()),
        action: check.action.clone(),
    };
    (check, account)
}

/// An error as what was found and what to do about it.
fn split(error: &anyhow::Error) -> (String, String) {
    let text = format!("{error:#}");
    if let Some((found, more)) = text.split_once('\n') {
        let lines: Vec<&str> = more.lines().map(str::trim).collect();
        return (found.trim_end_matches(':').to_owned(), lines.join("\n"));
    }
    // What GitHub refused ends with what to do; what the system said does not.
    let is_plain = error.chain().count() == 1;
    let mut is_quoted = false;
    let colons = text.char_indices().filter(|(at, c)| {
        is_quoted ^= *c == '"';
        !is_quoted && text[*at..].starts_with(": ")
    });
    match colons.last().filter(|_| is_plain) {
        Some((at, _)) => (text[..at].to_owned(), text[at + 2..].to_owned()),
        None => {
            let action = "mend this credential, or take it out of configuration and environment";
            (text, action.to_owned())
        }
    }
}

/// What a failure says about a question: whether something is to be changed here, or GitHub or the
/// network leave it open.
pub(super) const fn state_of(kind: &FailureKind) -> State {
    match kind {
        FailureKind::RateLimited { .. } | FailureKind::Server | FailureKind::Unreachable => {
            State::Unknown
        }
        _ => State::Bad,
    }
}

/// GitHub's words with their status.
pub(super) fn words(status: Option<u16>, message: &str) -> String {
    match status {
        Some(status) => format!("{status} {message}"),
        None => message.to_owned(),
    }
}

fn refused(asker: &Asker, failure: &Failure) -> Check {
    let words = words(failure.status, &failure.message);
    let found = match failure.kind {
        FailureKind::Unauthorized => format!("GitHub does not take it: {words}"),
        FailureKind::Unreachable => format!("GitHub cannot be reached: {words}"),
        _ => words,
    };
    Check::new(
        Area::Credentials,
        &asker.label,
        state_of(&failure.kind),
        found,
    )
    .action(failure.action())
}

/// Whose it is, of which kind, and whether it can read any traffic at all.
fn rights(asker: &Asker, account: &Account) -> Check {
    let whose = match (&asker.kind, &account.account) {
        (AskerKind::Installation { account }, _) => format!("the installation for {account}"),
        (AskerKind::Person, Some(login)) => format!("taken, it is {login}'s"),
        (AskerKind::Person, None) => "taken, and no user's".to_owned(),
    };
    let check = |state, found: String| Check::new(Area::Credentials, &asker.label, state, found);
    if asker.client.lacks_administration() {
        let found = format!("{whose}; it lacks the permission \"Administration: read\"");
        return check(State::Bad, found).action(
            "give the App the repository permission \"Administration: read\" in its settings on \
             GitHub, and accept it for the account",
        );
    }
    let Some(scopes) = &account.scopes else {
        let kind = match asker.kind {
            AskerKind::Installation { .. } => "",
            AskerKind::Person => ", fine-grained or an App's",
        };
        return check(State::Ok, format!("{whose}{kind}"));
    };
    let named = match scopes.as_slice() {
        [] => "no scopes".to_owned(),
        [one] => format!("the scope {one}"),
        several => format!("the scopes {}", several.join(", ")),
    };
    let found = format!("{whose}, classic with {named}");
    let shows_traffic = |scope: &String| scope == "repo" || scope == "public_repo";
    if scopes.iter().any(shows_traffic) {
        return check(State::Ok, found);
    }
    check(State::Bad, format!("{found}, which shows no traffic")).action(
        "give the token the scope \"repo\" (for public repositories \"public_repo\" is enough)",
    )
}

fn ending(label: &str, end: Timestamp, now: Timestamp) -> Check {
    let left = end.duration_since(now);
    let state = if left <= ENDS_NOW {
        State::Bad
    } else if left <= ENDS_SOON {
        State::Warn
    } else {
        State::Ok
    };
    let days = left.as_hours().max(0) / 24;
    let found = match days {
        0 => format!("the token expires {}, within a day", moment(end)),
        1 => format!("the token expires {}, in 1 day", moment(end)),
        days => format!("the token expires {}, in {days} days", moment(end)),
    };
    let check = Check::new(Area::Credentials, format!("{label}, end"), state, found);
    match state {
        State::Ok => check,
        _ => check.action(
            "make a new token with the same permissions before then, and give it to gitratra in \
             the place of this one",
        ),
    }
}

fn budget(label: &str, rate: gitratra_github::Rate) -> Check {
    let found = format!(
        "{} of {} requests left until {}",
        rate.remaining,
        rate.limit,
        moment(rate.reset_at)
    );
    let subject = format!("{label}, rate limit");
    if rate.remaining > 0 {
        return Check::new(Area::Credentials, subject, State::Ok, found);
    }
    Check::new(Area::Credentials, subject, State::Warn, found).action(
        "wait until then; where others use the same credential, give gitratra one of its own",
    )
}

/// Whether the lists that the patterns need can be read, and what GitHub leaves out of them.
async fn lists(asker: &Asker, rules: &Rules) -> (Vec<String>, Vec<Check>) {
    let client = &asker.client;
    let mut hidden: Vec<String> = Vec::new();
    let mut checks = Vec::new();
    let mut known = HashSet::new();
    let mut failed = |pattern: &str, failure: &Failure| {
        let found = format!(
            "cannot be listed: {}",
            words(failure.status, &failure.message)
        );
        let check = Check::new(Area::GitHub, pattern, state_of(&failure.kind), found);
        checks.push(check.action(failure.action()));
    };
    if rules.has_all() {
        match client.list(&Listing::Mine).await {
            Ok(listed) => {
                let new = listed.hidden_organizations.into_iter();
                hidden.extend(new.filter(|id| known.insert(id.clone())));
            }
            Err(failure) => failed("*", &failure),
        }
    }
    for owner in rules.owners() {
        match client.list(&Listing::Org(owner.clone())).await {
            Ok(listed) => {
                let new = listed.hidden_organizations.into_iter();
                hidden.extend(new.filter(|id| known.insert(id.clone())));
            }
            // A user and no organisation; a pass finds another list.
            Err(failure) if failure.kind == FailureKind::NotFound => {}
            Err(failure) => failed(&format!("{}/*", owner.as_str()), &failure),
        }
    }
    if !hidden.is_empty() {
        let found = format!(
            "GitHub leaves repositories of the organisations {} out of lists",
            hidden.join(", ")
        );
        let subject = format!("{}, SSO", asker.label);
        let check = Check::new(Area::Credentials, subject, State::Warn, found);
        checks.push(check.action(
            "authorise the token for their single sign-on (SSO): https://github.com/settings/tokens",
        ));
    }
    (hidden, checks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_parted_into_what_was_found_and_what_to_do() {
        let check = |error: anyhow::Error, found: &str, action: &str| {
            let (was_found, to_do) = split(&error);
            assert_eq!(was_found, found);
            assert!(to_do.starts_with(action), "{to_do}");
        };
        check(
            anyhow::anyhow!("no token: reading needs one.\n  Make one"),
            "no token: reading needs one.",
            "Make one",
        );
        check(
            anyhow::anyhow!("cannot list: 401 Bad credentials: check the key"),
            "cannot list: 401 Bad credentials",
            "check the key",
        );
        check(
            anyhow::anyhow!("it is installed nowhere: install it with \"Administration: read\""),
            "it is installed nowhere",
            "install it with \"Administration: read\"",
        );
        check(
            anyhow::anyhow!("no such file").context("cannot open the file \"x\""),
            "cannot open the file \"x\": no such file",
            "mend this credential",
        );
    }

    #[test]
    fn a_token_is_to_be_replaced_in_time() {
        let now: Timestamp = "2026-03-10T12:00:00Z".parse().unwrap();
        for (end, state, words) in [
            ("2026-03-10T18:00:00Z", State::Bad, "within a day"),
            ("2026-03-13T11:59:59Z", State::Bad, "in 2 days"),
            ("2026-03-13T12:00:00Z", State::Bad, "in 3 days"),
            ("2026-03-13T12:00:01Z", State::Warn, "in 3 days"),
            (
                "2026-03-24T11:00:00Z",
                State::Warn,
                "2026-03-24 11:00 UTC, in 13 days",
            ),
            ("2026-03-24T12:00:00Z", State::Warn, "in 14 days"),
            ("2026-03-24T12:00:01Z", State::Ok, "in 14 days"),
        ] {
            let check = ending("token", end.parse().unwrap(), now);
            assert_eq!(check.state, state, "{end}");
            assert!(check.found.contains(words), "{}", check.found);
            assert_eq!(check.action.is_some(), state != State::Ok);
        }
    }
}
