//! Seals: finished months get one, whoever changes them through the store keeps it right, and
//! whatever else changes them is found out.

use gitratra_core::{Day, Metric, RepoId, Source, Timestamp};
use gitratra_store::{Finding, Sealed, Store, Verified};

use crate::access::UNDO_4;
use crate::place::{Kind, Place, on_both_engines_and_in_parts};
use crate::samples::{at, day, reading, repository, traffic, visit_to};

on_both_engines_and_in_parts![
    a_month_is_sealed_when_a_month_after_it_is_known,
    whatever_the_order_of_answers_the_seals_are_the_same,
    a_day_that_was_changed_by_somebody_else_is_named,
    heads_of_months_stay_when_others_follow,
    sealing_goes_on_where_it_stopped,
    a_store_of_version_4_is_brought_up_to_date,
];

/// Takes away all that version 5 brought.
pub(crate) const UNDO_5: &str = "
    drop table seal;
    delete from gitratra_schema_history where version = 5;";

const SAMPLE_5: &str = include_str!("../samples/V5.sql");

pub(crate) const FIRST: &str = "2026-01-01";

/// What GitHub says of some days that end on one, some hours after its end.
fn answer(store: &Store, repo: u64, last: Day, hours: i64, more: u64) -> Answer {
    Answer {
        store: store.clone(),
        repo,
        last,
        hours,
        more,
    }
}

struct Answer {
    store: Store,
    repo: u64,
    last: Day,
    hours: i64,
    more: u64,
}

impl Answer {
    async fn record(self) {
        let days = (-13..=0).map(|back| self.last.plus(back));
        let rows: Vec<(String, u64)> = days
            .map(|day| {
                let number = u64::try_from(day.epoch_days()).unwrap();
                (day.to_string(), (number * 7 + self.repo) % 40 + self.more)
            })
            .collect();
        let rows: Vec<(&str, u64)> = rows.iter().map(|(day, n)| (day.as_str(), *n)).collect();
        let read_at = self.last.end().as_second() + self.hours * 3600;
        let read_at = Timestamp::from_second(read_at).unwrap();
        let read_at = read_at.strftime("%Y-%m-%dT%H:%M").to_string();
        let outcomes = Metric::ALL
            .into_iter()
            .map(|metric| traffic(reading(metric, &read_at, &rows), ""));
        let visit = visit_to(RepoId(self.repo), &read_at, outcomes.collect());
        self.store.record(visit).await.unwrap();
    }
}

/// A hundred days of a repository, one answer a day.
pub(crate) async fn collect(store: &Store, repo: u64, days: i64) {
    let name = format!("octo/r{repo}");
    let at = at("2026-01-01T00:00");
    store
        .save_repositories(&[repository(repo, &name)], at)
        .await
        .unwrap();
    for later in 0..days {
        let last = day(FIRST).plus(later);
        answer(store, repo, last, 10, 0).record().await;
    }
}

pub(crate) async fn verify(store: &Store) -> (Verified, Vec<Finding>) {
    let mut findings = Vec::new();
    let verified = store.verify(|finding| findings.push(finding)).await;
    (verified.unwrap(), findings)
}

async fn seal(store: &Store) -> u64 {
    let Sealed { months, next } = store.seal(None, u64::MAX).await.unwrap();
    assert_eq!(next, None);
    months
}

async fn a_month_is_sealed_when_a_month_after_it_is_known(place: Place) {
    let store = place.open().await;
    // Up to 2026-03-02: 30 days after the end of January.
    collect(&store, 1, 61).await;
    assert_eq!(seal(&store).await, 1);
    assert_eq!(verify(&store).await.0.heads[0].0, day("2025-12-31"));
    answer(&store, 1, day("2026-03-03"), 10, 0).record().await;
    assert_eq!(seal(&store).await, 1);
    assert_eq!(seal(&store).await, 0);
    let (verified, findings) = verify(&store).await;
    assert_eq!(findings, []);
    assert_eq!((verified.months, verified.repos, verified.days), (2, 1, 75));
}

/// A small source of chance that is the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

async fn whatever_the_order_of_answers_the_seals_are_the_same(place: Place) {
    let store = place.open().await;
    let mut heads = Vec::new();
    for round in 0..3 {
        let repo = 1;
        store
            .save_repositories(&[repository(repo, "octo/a")], at("2026-01-01T00:00"))
            .await
            .unwrap();
        // Each window several times, of which some say more and some less.
        let mut answers: Vec<Answer> = Vec::new();
        for later in (0..150).step_by(6) {
            let last = day(FIRST).plus(later);
            answers.push(answer(&store, repo, last, 9, 2));
            answers.push(answer(&store, repo, last, 20, u64::from(later % 4 == 0)));
            answers.push(answer(&store, repo, last, -3, 0));
        }
        let mut chance = Chance(round);
        while !answers.is_empty() {
            let next = match round {
                0 => 0,
                _ => chance.below(answers.len()),
            };
            answers.remove(next).record().await;
            if chance.below(5) == 0 {
                store.seal(None, 2).await.unwrap();
                let (_, findings) = verify(&store).await;
                assert_eq!(findings, [], "round {round}");
            }
        }
        seal(&store).await;
        let (verified, findings) = verify(&store).await;
        assert_eq!(findings, [], "round {round}");
        assert!(place.number("select count(*) from sighting").await > 50);
        assert!(verified.months >= 4);
        heads.push(verified.heads);
        let clear = "delete from traffic_day; delete from sighting; delete from seal; \
                     delete from asked; delete from rhythm;";
        place.execute(clear).await;
    }
    assert_eq!(heads[0], heads[1]);
    assert_eq!(heads[0], heads[2]);
}

/// The places that findings name.
pub(crate) fn places(findings: &[Finding]) -> Vec<(&str, Option<&str>, Option<String>)> {
    let place = |finding: &Finding| finding.day.map(|day| day.to_string());
    findings
        .iter()
        .map(|finding| (finding.table, finding.repo.as_deref(), place(finding)))
        .collect()
}

async fn a_day_that_was_changed_by_somebody_else_is_named(place: Place) {
    let store = place.open().await;
    collect(&store, 1, 100).await;
    collect(&store, 2, 100).await;
    seal(&store).await;
    let day_20485 = "2026-02-01";
    for (change, back) in [
        (
            "update traffic_day set views = views + 1 where repo_id = 2 and day = 20485",
            "update traffic_day set views = views - 1 where repo_id = 2 and day = 20485",
        ),
        (
            "update traffic_day set clones_last_seen = clones_last_seen + 1 \
             where repo_id = 2 and day = 20485",
            "update traffic_day set clones_last_seen = clones_last_seen - 1 \
             where repo_id = 2 and day = 20485",
        ),
        (
            "update traffic_day set repo_id = 3 where repo_id = 2 and day = 20485; \
             insert into repo select 3, null, 'octo/r3', 'octo/r3', is_private, is_fork, \
             is_archived, first_seen, named_at, null, null from repo where repo_id = 2; \
             insert into repo_name values (3, 'octo/r3', 'octo/r3', 0, 0)",
            "update traffic_day set repo_id = 2 where repo_id = 3; \
             delete from repo where repo_id = 3; delete from repo_name where repo_id = 3",
        ),
        (
            "insert into sighting values (2, 0, 20485, 0, 0, 1769990401, 1769990401, 0)",
            "delete from sighting",
        ),
    ] {
        place.execute(change).await;
        let (verified, findings) = verify(&store).await;
        assert!(verified.wrong > 0, "{change}");
        for (table, repo, found) in places(&findings) {
            let is_it = (table, repo) == ("traffic_day", Some("octo/r2"));
            assert!(is_it && found.as_deref() == Some(day_20485), "{findings:?}");
        }
        place.execute(back).await;
        assert_eq!(verify(&store).await.1, [], "{back}");
    }
    let (before, _) = verify(&store).await;
    let changed = "update seal set content = 'x' where repo_id = 1 and last_day = 20484";
    place.execute(changed).await;
    let found = verify(&store).await.1;
    assert_eq!(
        places(&found)[0],
        ("seal", Some("octo/r1"), Some("2026-01-31".to_owned()))
    );
    // The heads are those of what is there, so that they are still the same.
    assert_eq!(verify(&store).await.0.heads, before.heads);
    let gone = "delete from seal where repo_id = 1 and last_day = 20484";
    place.execute(gone).await;
    let found = verify(&store).await.1;
    assert_eq!(places(&found)[0].0, "seal");
    let added: Vec<_> = places(&found).into_iter().skip(1).collect();
    assert_eq!(added.len(), 31, "{found:?}");
}

async fn heads_of_months_stay_when_others_follow(place: Place) {
    let store = place.open().await;
    collect(&store, 1, 100).await;
    collect(&store, 2, 100).await;
    seal(&store).await;
    let (before, _) = verify(&store).await;
    for later in 100..160 {
        for repo in [1, 2] {
            let last = day(FIRST).plus(later);
            answer(&store, repo, last, 10, 0).record().await;
        }
    }
    seal(&store).await;
    let (after, _) = verify(&store).await;
    assert!(after.heads.len() > before.heads.len());
    assert_eq!(after.heads[..before.heads.len()], before.heads);
    // What comes late changes them, and is no fault.
    answer(&store, 2, day("2026-01-20"), 12, 9).record().await;
    let (late, findings) = verify(&store).await;
    assert_eq!(findings, []);
    assert_eq!(late.heads[0], after.heads[0]);
    assert_ne!(late.heads[1], after.heads[1]);
}

async fn sealing_goes_on_where_it_stopped(place: Place) {
    let store = place.open().await;
    for repo in 1..=50 {
        collect(&store, repo, 1).await;
        for later in [40, 90] {
            let last = day(FIRST).plus(later);
            answer(&store, repo, last, 10, 0).record().await;
        }
    }
    let first = store.seal(None, 1).await.unwrap();
    assert!(first.months > 0 && first.months < 100, "{first:?}");
    assert_eq!(first.next, Some(RepoId(20)));
    let rest = store.seal(first.next, u64::MAX).await.unwrap();
    assert_eq!(first.months + rest.months, 150);
    assert_eq!((rest.next, seal(&store).await), (None, 0));
    assert_eq!(verify(&store).await.1, []);
}

async fn a_store_of_version_4_is_brought_up_to_date(place: Place) {
    place.open().await.close().await;
    place.execute(crate::presence::UNDO_9).await;
    place.execute(crate::marks::UNDO_8).await;
    place.execute(crate::leases::UNDO_7).await;
    place.execute(crate::imports::UNDO_6).await;
    place.execute(UNDO_5).await;
    place.execute(UNDO_4).await;
    if place.kind == Kind::Sqlite {
        place.execute("pragma user_version = 3").await;
    }
    let store = place.open().await;
    place.execute(SAMPLE_5).await;
    assert_eq!(
        store.source_label(Source(0)).await.unwrap().unwrap(),
        "GitHub"
    );
    let months = "select count(*) from seal where days = '...'";
    assert_eq!(place.number(months).await, 2);
}
