//! Joining histories of everything: in any order, in any grouping, as often as one likes.

use proptest::prelude::*;

use super::*;
use crate::{DayRange, Pattern, Ranking, Seen, StarDay, Visibility, Window};

const BASE: i64 = 20_000;

fn day(number: u8) -> Day {
    Day::from_epoch_days(BASE + i64::from(number)).unwrap()
}

fn at(number: u8) -> Timestamp {
    Timestamp::from_second((BASE + i64::from(number)) * 86_400 + 40_000).unwrap()
}

/// One fact of any kind, from few numbers, so that facts meet.
fn tell(history: &mut History, kind: u8, (a, b, c): (u8, u8, u8)) {
    let count = Count::new(u64::from(c), u64::from(c / 2)).unwrap();
    let metric = Metric::ALL[usize::from(b % 2)];
    match kind {
        0 => {
            let names = ["github", "a", "b"];
            let source = match names[usize::from(b / 2 % 3)] {
                "github" => SourceName::github(),
                label => SourceName {
                    kind: "csv".into(),
                    label: label.into(),
                },
            };
            let told = Told {
                day: day(a),
                metric,
                count,
                // On the day, or up to three days later.
                seen: Seen::once(at(a + b / 8 % 4)),
                source,
                is_doubted: b & 4 != 0,
            };
            history.tell(&[told]);
        }
        1 => {
            let label = Label {
                named_at: at(a),
                name: ["o/a", "o/b", "O/B"][usize::from(b % 3)].parse().unwrap(),
                node_id: (c == 1).then(|| "R_1".to_owned()),
                is_private: c & 2 != 0,
                is_fork: c & 4 != 0,
                is_archived: false,
            };
            history.label = Some(label);
            history.first_seen = Some(at(c));
        }
        2 => {
            history.gone = Some(GoneFact {
                since: at(a),
                status: if b == 0 { 404 } else { 451 },
            });
            history.settle_gone();
        }
        3 => {
            let name: RepoName = ["o/a", "o/b", "O/B"][usize::from(b % 3)].parse().unwrap();
            let span = NameSpan {
                spelled: name.to_string(),
                first_seen: at(a.min(c)),
                last_seen: at(a.max(c)),
            };
            history.names.insert(name.key(), span);
        }
        4 => {
            let newest = Some(day(c)).filter(|_| b > 1);
            let answered = Answered { at: at(a), newest };
            history
                .answered
                .insert(Endpoint::TRAFFIC[usize::from(b % 4)], answered);
        }
        5 => {
            let kept = history.days.entry(day(a)).or_default();
            kept[place(metric)].window_uniques = Some(Uniques::new(c.into()));
        }
        6 => {
            history.weeks.entry(Week::of(day(a))).or_default()[place(metric)] = Some(count);
        }
        7 => {
            let list = (Ranking::ALL[usize::from(b % 2)], Window { last: day(a) });
            let read_at = at(a + b / 4);
            history.rankings.read(list.0, list.1, read_at);
            if c > 0 {
                let name = ["x", "y"][usize::from(c % 2)];
                history.rankings.tell(list, read_at, name.into(), count);
                let title = (list.0, name.into());
                history.rankings.titles.insert(title, format!("t{b}"));
            }
        }
        _ => tell_more(history, kind, (a, b, c)),
    }
}

fn tell_more(history: &mut History, kind: u8, (a, b, c): (u8, u8, u8)) {
    let days = DayRange::new(day(a), day(a + b)).unwrap();
    match kind {
        8 => {
            let counters = Counters {
                stars: c.into(),
                watchers: (b > 2).then(|| b.into()),
                ..Counters::default()
            };
            history.counters.put(days, counters);
            history.counted = Some((days.last(), at(a + b)));
        }
        9 => {
            let profile = Profile {
                description: (c > 3).then(|| c.to_string()),
                language: None,
                licence: None,
                topics: vec![],
                is_archived: b > 3,
                visibility: Visibility::Public,
            };
            history.profiles.insert(at(a), profile);
        }
        10 => {
            history.tags.insert(format!("v{b}"), day(a));
        }
        11 => {
            history.stars.read.put(days, at(a + b + c));
            let (given, still) = (c.max(1).into(), (c / 2).into());
            let stars = StarDay { given, still };
            history.stars.days.insert(day(a), stars);
        }
        12 => {
            let release = ReleaseFacts {
                seen_at: at(a),
                tag: format!("v{c}"),
                name: None,
                published_at: None,
                is_prerelease: false,
                gone_since: (b > 2).then(|| at(a + b)),
            };
            history.releases.insert(u64::from(c % 2), release);
            let asset = AssetFacts {
                release: u64::from(c % 2),
                name: format!("f{b}"),
                size: 1,
                created_at: None,
                gone_since: (b < 3).then(|| at(a)),
            };
            history.assets.insert(u64::from(c), asset);
        }
        13 => {
            let totals = history.downloads.entry(u64::from(b % 2)).or_default();
            totals.put(days, c.into());
        }
        14 => {
            let note = (day(a), format!("n{b}").parse().unwrap());
            history.notes.insert(note, at(a + c));
        }
        _ => {
            history.workflow_days.insert(day(a), c.into());
            history.totals.insert((Tally::Stars, day(b)), c.into());
        }
    }
}

fn histories() -> impl Strategy<Value = History> {
    let fact = (0_u8..16, 0_u8..6, any::<u8>(), 0_u8..7);
    prop::collection::vec(fact, 0..12).prop_map(|facts| {
        let mut history = History::new(RepoId(7));
        for (kind, a, b, c) in facts {
            let b = if kind == 0 { b % 32 } else { b % 6 };
            let mut one = History::new(RepoId(7));
            tell(&mut one, kind, (a, b, c));
            history.join(&one);
        }
        history
    })
}

fn houses() -> impl Strategy<Value = House> {
    let fact = (0_u8..4, 0_usize..4, 0_u8..4);
    prop::collection::vec(fact, 0..8).prop_map(|facts| {
        let mut house = House::default();
        let patterns = ["o/*", "O/*", "o/a", "!fork"];
        for (kind, pattern, number) in facts {
            let pattern: Pattern = patterns[pattern].parse().unwrap();
            let repo = (number > 0).then(|| RepoId(number.into()));
            match kind {
                0 => house.add_rule(&pattern),
                1 => {
                    let group = house.add_group(
                        &["Web".parse().unwrap(), "web".parse().unwrap()][usize::from(number % 2)],
                    );
                    group.add(&pattern, repo);
                }
                2 => {
                    house.bindings.insert(("o/a".into(), RepoId(number.into())));
                }
                _ => house.suspect(Metric::Views, day(0), at(number)),
            }
        }
        house
    })
}

fn joined(mut one: History, other: &History) -> History {
    one.join(other);
    one
}

fn joined_house(mut one: House, other: &House) -> House {
    one.join(other);
    one
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn histories_join_in_any_order_and_grouping(a in histories(), b in histories(), c in histories()) {
        let left = joined(joined(a.clone(), &b), &c);
        let right = joined(a.clone(), &joined(b.clone(), &c));
        prop_assert_eq!(&left, &right);
        prop_assert_eq!(&left, &joined(joined(c.clone(), &b), &a));
        prop_assert_eq!(&joined(left.clone(), &left), &left);
        prop_assert_eq!(&joined(left.clone(), &b), &left);
        prop_assert_eq!(Gained::between(Some(&left), &joined(left.clone(), &a)), Gained::default());
    }

    #[test]
    fn houses_join_in_any_order_and_grouping(a in houses(), b in houses(), c in houses()) {
        let left = joined_house(joined_house(a.clone(), &b), &c);
        prop_assert_eq!(&left, &joined_house(a.clone(), &joined_house(b.clone(), &c)));
        prop_assert_eq!(&left, &joined_house(joined_house(c, &b), &a));
        prop_assert_eq!(&joined_house(left.clone(), &left), &left);
    }

    #[test]
    fn what_was_told_of_days_makes_them_again(history in histories()) {
        let mut again = History::new(history.repo);
        let mut told = history.told();
        told.reverse();
        told.extend(told.clone());
        again.tell(&told);
        let days = |history: &History| -> Vec<_> {
            let records = history.records();
            records.map(|(day, metric, record)| (day, metric, record.clone())).collect()
        };
        prop_assert_eq!(days(&again), days(&history));
        prop_assert_eq!(again.sources, history.sources);
    }
}

#[test]
fn a_repository_that_was_confirmed_afterwards_is_not_gone() {
    let mut history = History::new(RepoId(7));
    tell(&mut history, 2, (3, 0, 0));
    let mut confirmed = History::new(RepoId(7));
    tell(&mut confirmed, 1, (2, 0, 0));
    assert!(joined(history.clone(), &confirmed).gone.is_some());
    tell(&mut confirmed, 1, (4, 0, 0));
    assert_eq!(joined(history, &confirmed).gone, None);
}

#[test]
fn what_a_join_brought_is_counted() {
    let mut one = History::new(RepoId(7));
    tell(&mut one, 0, (1, 0, 3));
    tell(&mut one, 0, (2, 8, 3));
    let mut other = History::new(RepoId(7));
    tell(&mut other, 1, (1, 0, 0));
    tell(&mut other, 0, (1, 8, 4));
    tell(&mut other, 0, (2, 8, 6));
    tell(&mut other, 0, (3, 8, 1));
    let gained = Gained::between(Some(&one), &joined(one.clone(), &other));
    // One day is new, one was seen while it ran and is over now, one became larger.
    assert_eq!((gained.new_days, gained.raised), (2, 1));
    assert_eq!((gained.repositories, gained.changed), (1, 1));
}
