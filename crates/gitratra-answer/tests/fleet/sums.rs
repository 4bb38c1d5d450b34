//! The book says what the core's arithmetic says of each repository's days, whatever is asked.

use std::sync::LazyLock;

use gitratra_answer::Asked;
use gitratra_answer::fleet::{BookShelf, Direction, FleetQuestion, Sees, Sort, step_of};
use gitratra_core::figures::Step;
use gitratra_core::{Day, DayRange, Group, GroupRule, Metric};
use gitratra_store::FleetRepo;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::place::{Kind, Place};
use crate::plain::Plain;
use crate::world::{self, DAYS, World};

/// A question with all that is in it owned.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    asked: Asked,
    step: Step,
    sees_private: bool,
    is_grouped: bool,
    has_groups: bool,
    owner: Option<&'static str>,
    search: Option<&'static str>,
    sort: Sort,
    direction: Direction,
    offset: usize,
    limit: usize,
    now: i64,
}

fn asked() -> impl Strategy<Value = Asked> {
    let days = |first: i64, last: i64| (world::first().plus(first), world::first().plus(last));
    let between = move |(first, days_long, open): (i64, i64, u8)| {
        let (first, last) = days(first, first + days_long);
        let first = if open == 1 { Day::MIN } else { first };
        let last = if open == 2 { Day::MAX } else { last };
        Asked::Between(DayRange::new(first, last).unwrap())
    };
    prop_oneof![
        (1..100_u32).prop_map(Asked::Last),
        Just(Asked::Last(30_000)),
        Just(Asked::All),
        (-20..DAYS, 0..60_i64, 0..4_u8).prop_map(between),
    ]
}

fn sort() -> impl Strategy<Value = Sort> {
    use Metric::{Clones, Views};
    prop::sample::select(vec![
        Sort::Name,
        Sort::Count(Views),
        Sort::Count(Clones),
        Sort::Change(Views),
        Sort::Change(Clones),
        Sort::Percent(Views),
        Sort::Percent(Clones),
        Sort::Stars,
        Sort::StarsChange,
        Sort::NewestDay,
        Sort::DaysSafe,
    ])
}

pub(crate) fn wanted() -> impl Strategy<Value = Wanted> {
    let whom = (any::<bool>(), any::<bool>(), any::<bool>());
    let owner = prop::sample::select(vec![None, None, Some("OCTO"), Some("a"), Some("nobody")]);
    let search = prop::sample::select(vec![
        None,
        None,
        Some("octo"),
        Some("NAME-1"),
        Some("2 name"),
        Some("o/n"),
    ]);
    let step = prop::sample::select(vec![Step::Day, Step::Week, Step::Month]);
    let direction = prop::sample::select(vec![Direction::Up, Direction::Down]);
    let part = (0..4_usize, 0..8_usize);
    (
        asked(),
        step,
        whom,
        owner,
        search,
        (sort(), direction),
        part,
        60..110_i64,
    )
        .prop_map(
            |(asked, step, whom, owner, search, (sort, direction), (offset, limit), now)| Wanted {
                asked,
                step,
                sees_private: whom.0,
                is_grouped: whom.1,
                has_groups: whom.2,
                owner,
                search,
                sort,
                direction,
                offset,
                limit,
                now,
            },
        )
}

impl Wanted {
    pub(crate) const fn asked(&self) -> (Asked, Step) {
        (self.asked, self.step)
    }

    pub(crate) fn question<'a>(&'a self, sees: Sees<'a>, in_group: Sees<'a>) -> FleetQuestion<'a> {
        FleetQuestion {
            sees,
            in_group: self.is_grouped.then_some(in_group),
            groups: if self.has_groups { groups() } else { &[] },
            owner: self.owner,
            search: self.search,
            sort: self.sort,
            direction: self.direction,
            offset: self.offset,
            limit: self.limit,
            now: world::first().plus(self.now).start(),
        }
    }
}

/// Groups that share a repository and do not hold all.
fn groups() -> &'static [Group] {
    static GROUPS: LazyLock<Vec<Group>> = LazyLock::new(|| {
        let group = |(name, rules): (&str, &[&str])| Group {
            name: name.parse().unwrap(),
            rules: rules
                .iter()
                .map(|rule| GroupRule::new(rule.parse().unwrap(), None).unwrap())
                .collect(),
        };
        let groups: [(&str, &[&str]); 3] = [
            ("both", &["octo/*", "a/*", "!octo/Name-1"]),
            ("Octo", &["OCTO/*"]),
            ("nothing", &["nobody/*"]),
        ];
        groups.into_iter().map(group).collect()
    });
    &GROUPS
}

/// A group.
pub(crate) const fn is_in_group(repo: &FleetRepo) -> bool {
    !repo.id.0.is_multiple_of(3)
}

async fn check(kind: Kind, world: &World, questions: &[Wanted]) {
    let place = Place::new(kind).await;
    let store = place.open().await;
    world::fill(&store, world, |_| true).await;
    let plain = Plain::read(&store).await;
    let shelf = BookShelf::new(store.clone());
    let roll = shelf.roll().await.unwrap();
    for wanted in questions {
        let sees = |repo: &FleetRepo| wanted.sees_private || !repo.is_private;
        let question = wanted.question(&sees, &is_in_group);
        let (mut asked, mut step) = (wanted.asked, wanted.step);
        let answer = shelf.ask(asked, Some(step), &question).await.unwrap();
        // More years than there can be are cut to those that there are.
        let known = roll.known(&sees);
        if let Some((known, range)) = known.and_then(|known| Some((known, asked.of(known)?))) {
            let cut = range.intersection(known).filter(|_| range.days() > 10_000);
            asked = cut.map_or(asked, Asked::Between);
            step = step_of(cut.unwrap_or(range), Some(step));
        }
        assert_eq!(answer, plain.ask(asked, step, &question), "{wanted:?}");
        // Whoever goes on after a line goes on with the one that follows it.
        let lines = answer.into_iter().flat_map(|answer| answer.lines);
        for (line, at) in lines.zip(wanted.offset + 1..) {
            let on = shelf.ask_after(wanted.asked, Some(wanted.step), &question, line.repo.id);
            let (offset, _) = on.await.unwrap().unwrap();
            assert_eq!(offset, at, "{wanted:?}");
        }
    }
    place.end(store).await;
}

fn hold(kind: Kind, cases: u32) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 60,
        ..Config::default()
    });
    let worlds = (world::worlds(0..7), prop::collection::vec(wanted(), 24));
    let outcome = runner.run(&worlds, |(world, questions)| {
        runtime.block_on(check(kind, &world, &questions));
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn a_book_says_what_days_say_on_sqlite() {
    hold(Kind::Sqlite, 24);
}

#[test]
fn a_book_says_what_days_say_on_postgres() {
    hold(Kind::Postgres, 6);
}
