//! GitHub's own outages: most of the fleet lacks a day that is overdue.

use jiff::{SignedDuration, Timestamp};

use super::{PUBLICATION_SECS, plus, usual};
use crate::{Day, Endpoint, Held};

/// GitHub publishes nothing for most of the fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// The newest day that most of those have which are behind.
    pub newest: Day,
    /// Repositories that are behind.
    pub behind: usize,
    /// Repositories that answer.
    pub of: usize,
}

/// Whether GitHub is in trouble as a whole: of the repositories that answered views well within the
/// last half day, most lack a day that is overdue by more than six hours. Fewer than three prove
/// nothing.
#[must_use]
pub fn outage<'a>(fleet: impl IntoIterator<Item = &'a Held>, now: Timestamp) -> Option<Outage> {
    const OVERDUE: SignedDuration = SignedDuration::from_hours(6);
    const EARLIEST: SignedDuration = SignedDuration::from_secs(PUBLICATION_SECS);
    const RECENT: SignedDuration = SignedDuration::from_hours(13);
    let mut of = 0;
    let mut behind = Vec::new();
    for held in fleet {
        let views = held.asked(Endpoint::Views);
        let Some((newest, answered_at)) =
            views.and_then(|views| Some((views.newest?, views.answered_at?)))
        else {
            continue;
        };
        if now.duration_since(answered_at) > RECENT {
            continue;
        }
        of += 1;
        // No day is usual sooner, and the usual hour of each repository is dear to reckon.
        let ended = newest.plus(1).end();
        if answered_at < plus(ended, EARLIEST + OVERDUE) {
            continue;
        }
        let overdue_from = plus(ended, usual(held) + OVERDUE);
        if answered_at >= overdue_from {
            behind.push(newest);
        }
    }
    if of < 3 || behind.len() * 2 <= of {
        return None;
    }
    behind.sort_unstable();
    Some(Outage {
        newest: behind[behind.len() / 2],
        behind: behind.len(),
        of,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Asked;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    /// Everything up to one day, answered at one moment.
    fn held(newest: &str, asked_at: &str) -> Held {
        let mut held = Held::default();
        for endpoint in Endpoint::TRAFFIC {
            let mut asked = Asked::first(at(asked_at));
            asked.answer(Some(day(newest)), at(asked_at));
            held.set(endpoint, asked);
        }
        held
    }

    fn answer(held: &mut Held, endpoint: Endpoint, newest: &str, answered_at: Timestamp) {
        let mut asked = held.asked(endpoint).unwrap();
        asked.answer(Some(day(newest)), answered_at);
        held.set(endpoint, asked);
    }

    #[test]
    fn most_of_a_fleet_without_a_new_day_is_an_outage_and_a_few_are_not() {
        let now = at("2026-03-12T12:00:00Z");
        let fresh = held("2026-03-11", "2026-03-12T09:00:00Z");
        let mut behind = held("2026-03-09", "2026-03-10T09:00:00Z");
        answer(&mut behind, Endpoint::Views, "2026-03-09", now);
        let silent = held("2026-03-09", "2026-03-10T09:00:00Z");
        assert_eq!(outage([&fresh, &fresh, &behind], now), None);
        assert_eq!(outage([&silent, &silent, &silent], now), None);
        assert_eq!(outage([&behind, &behind], now), None);
        assert_eq!(
            outage([&fresh, &behind, &behind], now),
            Some(Outage {
                newest: day("2026-03-09"),
                behind: 2,
                of: 3
            })
        );
    }
}
