//! Which troubles there are now, and which may go on though nothing shows them.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::{Alarm, Bounds, Copies, Kind, MOST_DAYS_LEFT, Opened, Reach, Situation, Stem, Watched};
use crate::{Day, Window, plan};

/// An alarm about days left is over only when so many more are left than it takes to raise it.
const DAYS_BEYOND: u32 = 2;
/// How long a collector that just began is given to catch up before it complains.
const GRACE: SignedDuration = SignedDuration::from_hours(1);

/// What was open before, whoever was told.
pub(super) struct Known<'a>(HashMap<&'a str, Timestamp>);

impl<'a> Known<'a> {
    pub(super) fn new(opened: &'a [Opened]) -> Self {
        let mut since: HashMap<&str, Timestamp> = HashMap::new();
        for row in opened.iter().filter(|row| !row.is_over) {
            let first = since.entry(&row.key).or_insert(row.since);
            *first = row.since.min(*first);
        }
        Self(since)
    }

    fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    fn alarm(&self, key: String, kind: Kind, now: Timestamp) -> Alarm {
        let since = self.0.get(key.as_str()).copied().unwrap_or(now);
        Alarm { key, kind, since }
    }
}

/// The troubles that are so now.
pub(super) fn troubles(
    known: &Known<'_>,
    situation: &Situation<'_>,
    bounds: &Bounds,
) -> Vec<Alarm> {
    let now = situation.now;
    let mut found = Vec::new();
    for stopped in situation.stopped {
        let key = format!("{}/{}", Stem::CredentialStopped.as_str(), stopped.label);
        let kind = Kind::CredentialStopped {
            label: stopped.label.clone(),
            why: stopped.why.clone(),
        };
        found.push(known.alarm(key, kind, now));
    }
    if let Some(outage) = situation.outage {
        let kind = Kind::Outage {
            newest_day: outage.newest,
            behind: outage.behind,
            of: outage.of,
        };
        found.push(known.alarm(Stem::Outage.as_str().to_owned(), kind, now));
    }
    let is_settled =
        situation.has_passed || now.duration_since(situation.collecting_since) >= GRACE;
    let since = situation.last_stored_at;
    let since = since.unwrap_or(situation.collecting_since);
    let is_quiet = !situation.repos.is_empty() && now.duration_since(since) >= bounds.quiet;
    let key = Stem::NothingStored.as_str();
    // What GitHub does not publish cannot be stored, and was told.
    let is_explained = situation.outage.is_some() || known.has(Stem::Outage.as_str());
    if is_quiet && (known.has(key) || (is_settled && !is_explained)) {
        let kind = Kind::NothingStored { since };
        found.push(known.alarm(key.to_owned(), kind, now));
    }
    if let Copies::Failing { why, last_good_at } = situation.copies {
        let kind = Kind::CopiesFail {
            why: why.clone(),
            last_good_at: *last_good_at,
        };
        found.push(known.alarm(Stem::CopiesFail.as_str().to_owned(), kind, now));
    }
    if let Copies::Failing { why, last_good_at } = situation.warehouse {
        let kind = Kind::WarehouseFails {
            why: why.clone(),
            last_good_at: *last_good_at,
        };
        found.push(known.alarm(Stem::WarehouseFails.as_str().to_owned(), kind, now));
    }
    for repo in situation.repos {
        let key = format!("{}/{}", Stem::DaysLeft.as_str(), repo.id);
        let is_open = known.has(&key);
        if !(is_open || is_settled) {
            continue;
        }
        if let Some(kind) = days_left(repo, is_open, situation, bounds) {
            found.push(known.alarm(key, kind, now));
        }
    }
    found
}

/// The trouble of a repository that loses a day soon.
fn days_left(
    repo: &Watched,
    is_open: bool,
    situation: &Situation<'_>,
    bounds: &Bounds,
) -> Option<Kind> {
    let now = situation.now;
    let (days_safe, newest) = match repo.reach {
        Reach::Empty => return None,
        Reach::Never { since } => {
            let is_late = now.duration_since(since) >= bounds.quiet;
            return (is_open || is_late).then(|| Kind::DaysLeft {
                repo: repo.clone(),
                days_safe: 0,
                next_day_lost_on: lost_next(None, now),
            });
        }
        Reach::To(newest) => (plan::days_safe(newest, now), newest),
    };
    if newest >= plan::newest_publishable(now) {
        return None;
    }
    let usual = bounds.days_left.min(MOST_DAYS_LEFT);
    let is_explained = situation
        .outage
        .is_some_and(|outage| newest >= outage.newest);
    let bound = if is_open {
        usual + DAYS_BEYOND
    } else if is_explained {
        usual.min(bounds.days_left_in_outage)
    } else {
        usual
    };
    (days_safe < bound).then(|| Kind::DaysLeft {
        repo: repo.clone(),
        days_safe,
        next_day_lost_on: lost_next(Some(newest), now),
    })
}

/// On which day the next unread day is lost, where earlier ones may be lost already.
pub(super) fn lost_next(newest: Option<Day>, now: Timestamp) -> Day {
    let last = plan::newest_publishable(now);
    let oldest = Window { last }.range().first();
    let held = newest.map_or(oldest, |newest| newest.plus(1).max(oldest));
    plan::lost_on(held.plus(-1))
}

/// Whether a trouble that does not show may go on all the same.
pub(super) fn is_unsure(row: &Opened, situation: &Situation<'_>) -> bool {
    if row.is_over {
        return false;
    }
    match Stem::of(&row.key) {
        Some(Stem::CredentialStopped) => !situation.has_passed,
        Some(Stem::Outage) => !situation.has_passed || !has_moved(row, situation.repos),
        Some(Stem::CopiesFail) => *situation.copies == Copies::Unknown,
        Some(Stem::WarehouseFails) => *situation.warehouse == Copies::Unknown,
        _ => false,
    }
}

/// Whether most repositories have days that GitHub had not published in an outage. Who reaches
/// nobody does not see one either.
fn has_moved(row: &Opened, repos: &[Watched]) -> bool {
    let Ok(stuck) = row.subject.parse::<Day>() else {
        return true;
    };
    let read = repos.iter().filter_map(|repo| match repo.reach {
        Reach::To(newest) => Some(newest),
        _ => None,
    });
    let (mut newer, mut of) = (0_usize, 0_usize);
    for newest in read {
        of += 1;
        newer += usize::from(newest > stuck);
    }
    newer * 2 >= of
}
