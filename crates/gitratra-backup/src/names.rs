//! What copies are called, and which of them are kept.

use std::collections::HashSet;

use gitratra_core::{Day, Timestamp};

const BEFORE: &str = "gitratra-";
const AFTER: &str = ".db";

/// The name of the copy of a moment, `gitratra-2026-11-27T0300Z.db`. *Units*: UTC, whole minutes.
#[must_use]
pub fn name_of(at: Timestamp) -> String {
    format!("{BEFORE}{}Z{AFTER}", at.strftime("%Y-%m-%dT%H%M"))
}

/// The moment of a copy, where the name is exactly one of ours.
#[must_use]
pub fn time_of(name: &str) -> Option<Timestamp> {
    let moment = name.strip_prefix(BEFORE)?.strip_suffix(AFTER)?;
    let (day, minutes) = moment.strip_suffix('Z')?.split_once('T')?;
    let (hour, minute) = minutes.split_at_checked(2)?;
    let at = format!("{day}T{hour}:{minute}:00Z").parse().ok()?;
    (name_of(at) == name).then_some(at)
}

/// Which copies are kept. A copy is kept as long as any of these wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// The newest so many; at least one is kept in any case.
    pub last: u32,
    /// The newest of each of so many days that have one.
    pub daily: u32,
    /// The newest of each of so many weeks that have one.
    pub weekly: u32,
    /// The newest of each of so many months that have one.
    pub monthly: u32,
}

impl Default for Keep {
    /// 3, 7 days, 5 weeks, 12 months.
    fn default() -> Self {
        Self {
            last: 3,
            daily: 7,
            weekly: 5,
            monthly: 12,
        }
    }
}

impl Keep {
    /// The names that nothing wants any more, the oldest first. What is not named by us is never
    /// among them, and neither is the newest.
    #[must_use]
    pub fn superfluous(self, names: &[String]) -> Vec<String> {
        let mut copies: Vec<(Timestamp, &String)> = names
            .iter()
            .filter_map(|name| Some((time_of(name)?, name)))
            .collect();
        copies.sort_unstable_by(|one, other| other.cmp(one));
        copies.dedup();
        let mut spans: [(u32, HashSet<i64>); 3] = [
            (self.daily, HashSet::new()),
            (self.weekly, HashSet::new()),
            (self.monthly, HashSet::new()),
        ];
        let mut gone = Vec::new();
        for (place, (at, name)) in copies.into_iter().enumerate() {
            let day = Day::of(at);
            let (year, month, _) = day.ymd();
            // The first day of 1970 was a Thursday.
            let week = (day.epoch_days() + 3).div_euclid(7);
            let of = [
                day.epoch_days(),
                week,
                i64::from(year) * 12 + i64::from(month),
            ];
            let mut is_wanted = place == 0 || place < self.last as usize;
            for ((most, seen), span) in spans.iter_mut().zip(of) {
                if seen.len() < *most as usize {
                    is_wanted |= seen.insert(span);
                }
            }
            if !is_wanted {
                gone.push(name.clone());
            }
        }
        gone.reverse();
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_name_tells_its_moment_and_no_other_name_does() {
        let name = name_of(at("2026-11-27T03:04:59Z"));
        assert_eq!(name, "gitratra-2026-11-27T0304Z.db");
        assert_eq!(time_of(&name), Some(at("2026-11-27T03:04:00Z")));
        for other in [
            "gitratra.db",
            "gitratra-2026-11-27.db",
            "gitratra-2026-11-27T0304Z.db-wal",
            "gitratra-2026-11-27T0304Z.db.gz",
            "gitratra-2026-11-27T3004Z.db",
            "gitratra-2026-11-27T03é4Z.db",
            "my-gitratra-2026-11-27T0304Z.db",
            "gitratra-26-11-27T0304Z.db",
        ] {
            assert_eq!(time_of(other), None, "{other}");
        }
    }

    fn check(keep: Keep, names: &[String], left: &[&str]) {
        let gone = keep.superfluous(names);
        let kept: Vec<&String> = names.iter().filter(|name| !gone.contains(name)).collect();
        assert_eq!(kept, left);
    }

    #[test]
    fn days_weeks_and_months_keep_their_newest() {
        let keep = Keep {
            last: 1,
            daily: 2,
            weekly: 2,
            monthly: 3,
        };
        let days = (1..=60).map(|later| Day::from_epoch_days(20_500 + later).unwrap());
        let twice = days.flat_map(|day| {
            ["06:00", "18:00"].map(|time| name_of(at(&format!("{day}T{time}:00Z"))))
        });
        let mut names: Vec<String> = twice.collect();
        names.push("notes.txt".into());
        let left = [
            "gitratra-2026-02-28T1800Z.db",
            "gitratra-2026-03-31T1800Z.db",
            "gitratra-2026-04-12T1800Z.db",
            "gitratra-2026-04-16T1800Z.db",
            "gitratra-2026-04-17T1800Z.db",
            "notes.txt",
        ];
        check(keep, &names, &left);
        // Taking away what is superfluous leaves nothing superfluous.
        let gone = keep.superfluous(&names);
        names.retain(|name| !gone.contains(name));
        assert_eq!(keep.superfluous(&names), Vec::<String>::new());
    }

    #[test]
    fn the_newest_stays_whatever_was_asked_for() {
        let none = Keep {
            last: 0,
            daily: 0,
            weekly: 0,
            monthly: 0,
        };
        let names = ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"].map(|text| name_of(at(text)));
        check(none, &names, &["gitratra-2026-01-02T0000Z.db"]);
        check(none, &[], &[]);
    }
}
