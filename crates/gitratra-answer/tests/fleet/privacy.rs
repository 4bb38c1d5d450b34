//! What a viewer does not see has no influence on what they are told.

use gitratra_answer::fleet::BookShelf;
use gitratra_store::FleetRepo;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::place::{Kind, Place};
use crate::sums::{self, Wanted, is_in_group};
use crate::world::{self, World};

/// Asks the same of two stores that differ in private repositories alone.
async fn check(kind: Kind, world: &World, questions: &[Wanted]) {
    let (with, without) = (Place::new(kind).await, Place::new(kind).await);
    let (all, public) = (with.open().await, without.open().await);
    world::fill(&all, world, |_| true).await;
    world::fill(&public, world, |repo| !repo.is_private).await;
    let (of_all, of_public) = (BookShelf::new(all.clone()), BookShelf::new(public.clone()));
    let sees = |repo: &FleetRepo| !repo.is_private;
    for wanted in questions {
        let question = wanted.question(&sees, &is_in_group);
        let (asked, step) = wanted.asked();
        let answer = of_all.ask(asked, Some(step), &question).await.unwrap();
        let expected = of_public.ask(asked, Some(step), &question).await.unwrap();
        assert_eq!(answer, expected, "{wanted:?}");
    }
    with.end(all).await;
    without.end(public).await;
}

fn hold(kind: Kind, cases: u32) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 60,
        ..Config::default()
    });
    let worlds = (
        world::worlds(1..7),
        prop::collection::vec(sums::wanted(), 16),
    );
    let outcome = runner.run(&worlds, |(world, questions)| {
        runtime.block_on(check(kind, &world, &questions));
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn a_private_repository_changes_no_public_answer_on_sqlite() {
    hold(Kind::Sqlite, 16);
}

#[test]
fn a_private_repository_changes_no_public_answer_on_postgres() {
    hold(Kind::Postgres, 4);
}
