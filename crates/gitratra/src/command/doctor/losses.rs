//! When the next day of each repository is lost, and what is lost already.

use gitratra_core::{Day, Held, Metric, Timestamp, Window, plan};
use serde::Serialize;

use super::finding::{Area, Check, State};

/// Fewer days left than these are worth a word now, or at once.
const FEW_DAYS: u32 = 7;
const HARDLY_ANY: u32 = 3;

/// Up to where a repository was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::command) enum Reach {
    /// Never.
    Never,
    /// It was answered, but GitHub has published no day of it.
    Empty,
    /// The newest day of which views and clones are held.
    To(Day),
}

impl Reach {
    /// What is held of a repository tells.
    pub(in crate::command) fn of(held: &Held) -> Self {
        let views = held.asked(Metric::Views.into());
        let was_answered = views.is_some_and(|views| views.answered_at.is_some());
        match held.newest() {
            Some(newest) => Self::To(newest),
            None if was_answered && held.newest_of_any().is_none() => Self::Empty,
            None => Self::Never,
        }
    }
}

/// The next day that is lost unless it is read before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::command) struct Loss {
    /// When.
    pub(in crate::command) on: Day,
    /// Which.
    pub(in crate::command) day: Day,
}

/// The next loss of a repository, past what is lost already; nothing where GitHub has published
/// nothing, and of what was never read while the time is not known.
pub(in crate::command) fn next(reach: Reach, now: Option<Timestamp>) -> Option<Loss> {
    let oldest = now.map(|now| {
        let last = plan::newest_publishable(now);
        Window { last }.range().first()
    });
    let day = match (reach, oldest) {
        (Reach::Empty, _) | (Reach::Never, None) => return None,
        (Reach::Never, Some(oldest)) => oldest,
        (Reach::To(newest), None) => newest.plus(1),
        (Reach::To(newest), Some(oldest)) => newest.plus(1).max(oldest),
    };
    Some(Loss {
        on: plan::lost_on(day.plus(-1)),
        day,
    })
}

/// How many days are left, today included.
fn days_left(loss: Loss, now: Timestamp) -> u32 {
    plan::days_safe(loss.day.plus(-1), now)
}

/// Whether a repository needs reading now.
pub(in crate::command) fn is_urgent(loss: Loss, now: Timestamp) -> bool {
    days_left(loss, now) <= HARDLY_ANY
}

/// A repository on the way to a loss.
pub(super) struct Danger {
    pub(super) repo: String,
    pub(super) reach: Reach,
    pub(super) loss: Option<Loss>,
}

/// The first loss of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct FirstLoss {
    pub(super) repo: String,
    pub(super) day: String,
    pub(super) on: String,
}

/// Who loses a day first.
pub(super) fn first(dangers: &[Danger]) -> Option<FirstLoss> {
    let losses = dangers
        .iter()
        .filter_map(|danger| Some((danger.loss?, danger)));
    let (loss, danger) = losses.min_by(|a, b| (a.0, &a.1.repo).cmp(&(b.0, &b.1.repo)))?;
    Some(FirstLoss {
        repo: danger.repo.clone(),
        day: loss.day.to_string(),
        on: loss.on.to_string(),
    })
}

/// What is told of losses to come: the first of all, then each repository, the nearest loss first.
/// Of many only those that need reading are told one by one.
///
/// `now` is GitHub's time, and `is_sure` says whether GitHub has just told it.
pub(super) fn checks(
    dangers: &mut [Danger],
    now: Option<Timestamp>,
    is_sure: bool,
    tells_all: bool,
) -> Vec<Check> {
    dangers.sort_by(|a, b| {
        let place = |danger: &Danger| (danger.loss.is_none(), danger.loss);
        (place(a), &a.repo).cmp(&(place(b), &b.repo))
    });
    let mut checks = Vec::new();
    if let Some(first) = first(dangers) {
        let found = format!(
            "the first day is lost on {} ({}) unless it is read before",
            first.on, first.repo
        );
        checks.push(Check::new(Area::Days, "first loss", State::Ok, found));
    }
    let each = dangers.iter().map(|danger| one(danger, now, is_sure));
    let each: Vec<Check> = each
        .filter(|check| tells_all || check.state > State::Note)
        .collect();
    if let Some(first) = checks.first_mut() {
        // What is to be done is told of each repository; this one only says when.
        let worst = each.iter().map(|check| check.state).max();
        if worst.is_some_and(|worst| worst > State::Note) {
            first.state = State::Note;
        }
    }
    checks.extend(each);
    checks
}

fn one(danger: &Danger, now: Option<Timestamp>, is_sure: bool) -> Check {
    let check = |state, found: String| Check::new(Area::Days, &danger.repo, state, found);
    let read_it = "read it now: `gitratra sync`, and keep `gitratra serve` running";
    let loss = match (danger.reach, danger.loss) {
        (Reach::Empty, _) => {
            return check(
                State::Note,
                "GitHub has published no day of it yet".to_owned(),
            );
        }
        (Reach::Never, loss) => {
            let oldest = loss.map_or_else(String::new, |loss| {
                format!("; its day {} is lost on {}", loss.day, loss.on)
            });
            return check(State::Warn, format!("never read{oldest}")).action(read_it);
        }
        (Reach::To(_), None) => return check(State::Unknown, "not known".to_owned()),
        (Reach::To(_), Some(loss)) => loss,
    };
    let left = now.map(|now| days_left(loss, now));
    let in_days = match left {
        None => String::new(),
        Some(0) => ", now".to_owned(),
        Some(1) => ", 1 day is left".to_owned(),
        Some(days) => format!(", {days} days are left"),
    };
    let found = format!("its day {} is lost on {}{in_days}", loss.day, loss.on);
    match left {
        Some(left) if left <= HARDLY_ANY => check(State::Bad, found).action(read_it),
        Some(left) if left < FEW_DAYS => check(State::Warn, found).action(read_it),
        _ if !is_sure => check(
            State::Unknown,
            format!("{found}, as of GitHub's last answer"),
        ),
        _ => check(State::Ok, found),
    }
}

/// That GitHub publishes nothing for most of the fleet, where it is so.
pub(super) fn outage<'a>(
    fleet: impl IntoIterator<Item = &'a Held>,
    now: Timestamp,
) -> Option<Check> {
    let outage = plan::outage(fleet, now)?;
    let found = format!(
        "GitHub has published no day after {} for {} of {} repositories; nothing to do but wait, \
         as it gave such days later so far",
        outage.newest, outage.behind, outage.of
    );
    Some(Check::new(Area::GitHub, "publication", State::Note, found))
}

/// What can no longer be had.
pub(super) fn gaps(days: i64, repositories: usize) -> Option<Check> {
    let days = match days {
        0 => return None,
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    };
    let of = match repositories {
        1 => "1 repository".to_owned(),
        number => format!("{number} repositories"),
    };
    let found = format!("{days} of {of} were never seen and are lost; `gitratra gaps` lists them");
    Some(Check::new(Area::Days, "gaps", State::Note, found))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn danger(repo: &str, newest: Option<&str>, now: Timestamp) -> Danger {
        let reach = newest.map_or(Reach::Never, |newest| Reach::To(day(newest)));
        Danger {
            repo: repo.to_owned(),
            reach,
            loss: next(reach, Some(now)),
        }
    }

    #[test]
    fn the_next_loss_lies_beyond_what_is_lost_already() {
        let now = at("2026-03-24T12:00:00Z");
        let loss = |newest| next(Reach::To(day(newest)), Some(now)).unwrap();
        // Held up to the 9th: the 10th is in the window until the day after the 24th is published.
        assert_eq!(loss("2026-03-09").on, day("2026-03-25"));
        assert_eq!(loss("2026-03-09").day, day("2026-03-10"));
        assert_eq!(loss("2026-03-01").on, day("2026-03-25"));
        let never = next(Reach::Never, Some(now)).unwrap();
        assert_eq!(never.day, day("2026-03-10"));
        assert_eq!(next(Reach::Empty, Some(now)), None);
        assert_eq!(next(Reach::Never, None), None);
    }

    #[test]
    fn the_nearest_loss_comes_first_and_few_days_need_reading() {
        let now = at("2026-03-10T12:00:00Z");
        let mut dangers = [
            danger("octo/safe", Some("2026-03-09"), now),
            danger("octo/soon", Some("2026-02-25"), now),
            danger("octo/new", None, now),
            danger("octo/later", Some("2026-02-28"), now),
        ];
        let checks = checks(&mut dangers, Some(now), true, true);
        let told: Vec<(&str, State)> = checks
            .iter()
            .map(|check| (check.subject.as_str(), check.state))
            .collect();
        assert_eq!(
            told,
            [
                ("first loss", State::Note),
                ("octo/new", State::Warn),
                ("octo/soon", State::Bad),
                ("octo/later", State::Warn),
                ("octo/safe", State::Ok),
            ]
        );
        assert_eq!(
            checks[2].found,
            "its day 2026-02-26 is lost on 2026-03-13, 3 days are left"
        );
        assert_eq!(
            checks[0].found,
            "the first day is lost on 2026-03-11 (octo/new) unless it is read before"
        );
    }

    #[test]
    fn without_github_nobody_knows_that_all_is_well() {
        let now = at("2026-03-10T12:00:00Z");
        let mut dangers = [danger("octo/safe", Some("2026-03-09"), now)];
        let checks = checks(&mut dangers, Some(now), false, true);
        assert_eq!(checks[1].state, State::Unknown);
    }
}
