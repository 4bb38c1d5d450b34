//! Passes against the simulated GitHub: what they follow, what they tell, and when they end.
#![expect(clippy::unwrap_used, reason = "a test ends where its premise fails")]

use gitratra_core::{Pattern, Ranking, RepoId};
use gitratra_github::{ApiUrl, Client, Credential, Options, RetryPolicy, SecretString};
use gitratra_sim::{
    Endpoint, Fault, FaultPlan, Limits, RepoSpec, Right, Sim, SimBuilder, TokenSpec,
};
use gitratra_store::{Location, Problem, Store};
use gitratra_sync::{Ask, Asker, AskerKind, Ended, Note, Report};
use tokio_util::sync::CancellationToken;

const TOKEN: &str = "ghp_test";

struct House {
    sim: Sim,
    store: Store,
    _folder: tempfile::TempDir,
}

impl House {
    async fn new(build: impl FnOnce(SimBuilder) -> SimBuilder) -> Self {
        let sim = Sim::builder()
            .at("2026-03-10T12:00:00Z")
            .limits(Limits::none());
        let folder = tempfile::tempdir().unwrap();
        let location = Location::file(folder.path().join("test.db"));
        Self {
            sim: build(sim).start().await,
            store: Store::open(&location).await.unwrap(),
            _folder: folder,
        }
    }

    async fn pass(&self, ask: Ask) -> Report {
        let credential = Credential::Token(SecretString::from(TOKEN.to_owned()));
        let fingerprint = credential.fingerprint();
        let client = Client::new(Options {
            points_per_minute: 0,
            retry: RetryPolicy {
                attempts: 1,
                connect_attempts: 1,
                ..RetryPolicy::default()
            },
            ..Options::new(ApiUrl::parse(&self.sim.url()).unwrap(), credential)
        });
        let options = gitratra_sync::Options {
            ask,
            jobs: 4,
            runs_of: gitratra_core::Rules::default(),
            is_dry_run: false,
            waits_for_limit: false,
            terms: None,
            interrupt: CancellationToken::new(),
        };
        let asker = Asker {
            label: "token".to_owned(),
            client: client.unwrap(),
            fingerprint,
            kind: AskerKind::Person,
        };
        gitratra_sync::run(&[asker], &self.store, &options, &|_| {})
            .await
            .unwrap()
    }

    async fn named(&self, pattern: &str) -> Report {
        let pattern: Pattern = pattern.parse().unwrap();
        self.pass(Ask::Named(vec![pattern])).await
    }

    async fn newest(&self, id: u64) -> String {
        let held = self.store.held().await.unwrap();
        let (_, held) = held.into_iter().find(|(of, _)| *of == RepoId(id)).unwrap();
        held.newest().unwrap().to_string()
    }
}

fn told(report: &Report) -> Vec<String> {
    let troubles = report.troubles.iter();
    troubles
        .map(|trouble| format!("{} {}", trouble.repo, trouble.endpoint))
        .collect()
}

#[tokio::test]
async fn a_renamed_repository_is_followed_after_its_old_name_was_reused_and_deleted() {
    let house = House::new(|sim| sim.repo("octo/x").token(TOKEN)).await;
    house.named("octo/x").await;
    let id = house.sim.repo_id("octo/x");
    house.sim.rename("octo/x", "octo/x2");
    house.sim.create("octo/x");
    house.sim.delete("octo/x");
    house.sim.advance_days(1);
    let report = house.pass(Ask::Due).await;
    assert_eq!(told(&report), Vec::<String>::new());
    assert_eq!(house.newest(id).await, "2026-03-10");
}

#[tokio::test]
async fn a_name_that_is_refused_does_not_starve_who_bore_it_before() {
    let house = House::new(|sim| sim.repo("octo/a").token(TOKEN)).await;
    house.named("octo/a").await;
    let id = house.sim.repo_id("octo/a");
    house.sim.rename("octo/a", "octo/a2");
    house.sim.create("octo/a");
    house.pass(Ask::All).await;
    house.sim.advance_days(1);
    let refusal = FaultPlan::new(Fault::status(403, "Forbidden"));
    house
        .sim
        .fault(refusal.repo("octo/a").endpoint(Endpoint::Repo));
    let report = house.pass(Ask::Due).await;
    assert_eq!(told(&report), ["octo/a repository"]);
    assert_eq!(house.newest(id).await, "2026-03-10");
    let problems = house.store.problems().await.unwrap();
    let is_ours = |problem: &Problem| {
        problem.repo == RepoId(id) && !gitratra_core::Endpoint::OTHERS.contains(&problem.endpoint)
    };
    assert!(!problems.iter().any(is_ours));
}

#[tokio::test]
async fn a_deleted_repository_whose_name_was_taken_is_not_missed_for_ever() {
    let house = House::new(|sim| sim.repo("octo/d").token(TOKEN)).await;
    house.named("octo/d").await;
    house.sim.delete("octo/d");
    let id = house.sim.create("octo/d");
    house.sim.advance_days(1);
    assert_eq!(told(&house.pass(Ask::Due).await), ["octo/d repository"]);
    house.sim.advance_days(1);
    let report = house.pass(Ask::Due).await;
    assert_eq!(told(&report), Vec::<String>::new());
    assert_eq!(house.newest(id).await, "2026-03-11");
}

#[tokio::test]
async fn a_move_out_of_every_rule_is_told() {
    let house = House::new(|sim| sim.repo("octo/t").repo("octo/u").token(TOKEN)).await;
    house.named("octo/*").await;
    house.sim.rename("octo/t", "other/t");
    house.sim.advance_days(1);
    let report = house.pass(Ask::Due).await;
    let left =
        |note: &Note| matches!(note, Note::LeftRules { to, .. } if to.to_string() == "other/t");
    assert!(report.notes.iter().any(left), "{:?}", report.notes);
}

#[tokio::test]
async fn lost_push_access_is_a_failure_and_access_never_had_is_a_note() {
    let house = House::new(|sim| {
        let token = TokenSpec::classic(TOKEN, "somebody");
        sim.repo("octo/mine")
            .repo("octo/theirs")
            .token(token.can(Right::Read, "octo/*"))
    })
    .await;
    house.sim.grant(TOKEN, "octo/mine", Right::Push);
    let report = house.named("*").await;
    assert_eq!(told(&report), Vec::<String>::new());
    let is_theirs =
        matches!(&report.notes[..], [Note::NoPushAccess(name)] if name.name() == "theirs");
    assert!(is_theirs, "{:?}", report.notes);
    house.sim.grant(TOKEN, "octo/mine", Right::Read);
    house.sim.advance_days(1);
    let report = house.pass(Ask::Due).await;
    assert_eq!(told(&report), ["octo/mine repository"], "{report:?}");
    assert!(!report.is_clean());
}

#[tokio::test]
async fn a_pass_ends_when_nobody_answers_any_more() {
    let house = House::new(|sim| sim.fleet("octo", 200).token(TOKEN)).await;
    house
        .sim
        .fault(FaultPlan::new(Fault::Close).endpoint(Endpoint::Views));
    house
        .sim
        .fault(FaultPlan::new(Fault::Close).endpoint(Endpoint::Clones));
    house
        .sim
        .fault(FaultPlan::new(Fault::Close).endpoint(Endpoint::Referrers));
    house
        .sim
        .fault(FaultPlan::new(Fault::Close).endpoint(Endpoint::Paths));
    let report = house.named("octo/*").await;
    assert!(
        matches!(report.ended, Ended::Unreachable(_)),
        "{:?}",
        report.ended
    );
    assert!(report.unreached.len() > 150, "{}", report.unreached.len());
}

#[tokio::test]
async fn an_unchanged_list_is_kept_for_its_new_window() {
    let quiet = RepoSpec::new("octo/quiet").mean_views(0.0);
    let house = House::new(|sim| sim.repo(quiet).token(TOKEN)).await;
    house.named("octo/quiet").await;
    let id = RepoId(house.sim.repo_id("octo/quiet"));
    for newest in ["2026-03-09", "2026-03-10"] {
        let list = house
            .store
            .newest_ranked(id, Ranking::Referrers)
            .await
            .unwrap();
        assert_eq!(list.unwrap().0.last.to_string(), newest);
        house.sim.advance_days(1);
        house.pass(Ask::Due).await;
    }
}

#[tokio::test]
async fn what_is_gone_is_asked_ever_more_rarely_and_found_again() {
    let gone = RepoSpec::new("octo/g").private();
    let house = House::new(|sim| sim.repo(gone).token(TOKEN)).await;
    house.named("octo/g").await;
    house.sim.grant(TOKEN, "octo/g", Right::None);
    let mut asked = Vec::new();
    for day in 1..=40 {
        house.sim.advance_days(1);
        if !told(&house.pass(Ask::Due).await).is_empty() {
            asked.push(day);
        }
    }
    // Daily while its days can be had, and then ever more rarely.
    let daily: Vec<i32> = (1..=15).collect();
    assert_eq!(asked[..15], daily);
    assert_eq!(asked[15..], [29]);
    house.sim.grant(TOKEN, "octo/g", Right::Push);
    house.named("octo/g").await;
    assert_eq!(
        house.newest(house.sim.repo_id("octo/g")).await,
        "2026-04-18"
    );
}

#[tokio::test]
async fn a_name_that_only_a_file_told_of_is_looked_up_and_never_asked_by_its_number() {
    use gitratra_core::history::{History, Label};
    let house = House::new(|sim| sim.repo("octo/x").repo("octo/other").token(TOKEN)).await;
    let from_file = |name: &str| {
        let name: gitratra_core::RepoName = name.parse().unwrap();
        let mut history = History::new(RepoId::unconfirmed(&name));
        history.label = Some(Label {
            named_at: "2020-01-01T00:00:00Z".parse().unwrap(),
            name,
            node_id: None,
            is_private: true,
            is_fork: false,
            is_archived: false,
        });
        let note = (
            "2020-01-01".parse().unwrap(),
            "told by a file".parse().unwrap(),
        );
        history
            .notes
            .insert(note, "2020-01-02T00:00:00Z".parse().unwrap());
        history
    };
    let histories = vec![from_file("octo/x"), from_file("octo/nobody")];
    house.store.absorb(histories).await.unwrap();
    let all: Pattern = "octo/*".parse().unwrap();
    house.store.add_rules(&[all]).await.unwrap();
    // Nobody of the second name is there: it is not missed, since no rule names it alone.
    let report = house.pass(Ask::All).await;
    assert_eq!(told(&report), Vec::<String>::new());
    let id = RepoId(house.sim.repo_id("octo/x"));
    let notes = house.store.notes(id, None).await.unwrap();
    assert_eq!(
        notes.len(),
        1,
        "the repository took over what the file told"
    );
    let left = house.store.repositories().await.unwrap();
    let is_left = |known: &&gitratra_store::KnownRepo| known.repository.id.is_unconfirmed();
    let left: Vec<_> = left.iter().filter(is_left).collect();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].repository.name.to_string(), "octo/nobody");
    assert!(left[0].gone.is_none());
}
