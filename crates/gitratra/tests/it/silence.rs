//! A fleet that falls silent on one day is GitHub's trouble until a later reading says otherwise.

use gitratra_sim::{Metric, RepoSpec, Scope, Sim, ZeroDays};

use crate::exported::{Exported, days};
use crate::house::{House, github};

const REPOS: [&str; 4] = ["octo/a", "octo/b", "octo/c", "octo/d"];
/// The day on which GitHub says zero of everything.
const SILENT: &str = "2026-03-10";

fn fleet() -> Sim {
    let github = github().seed(81);
    REPOS
        .into_iter()
        .fold(github, |github, repo| {
            github.repo(RepoSpec::new(repo).mean_views(60.0))
        })
        .start_on_thread()
}

/// Two passes: an ordinary one, and one that meets the silent day.
fn meet_silence(sim: &Sim, house: &House) {
    house.go("sync octo/a octo/b octo/c octo/d").exits(0);
    sim.zero_days(ZeroDays::new(Scope::All, SILENT, SILENT));
    sim.advance_days(1);
    house.go("sync").exits(0).says(&[SILENT, "zero"]);
}

#[track_caller]
fn is_doubted(exported: &Exported) {
    for repo in REPOS {
        let row = exported.row(repo, SILENT);
        assert_ne!(row.state, "measured", "{repo}: {row:?}");
        assert_ne!(row.state, "gap", "{repo}: a reading is no gap");
        assert_eq!(exported.row(repo, "2026-03-09").state, "measured");
    }
}

#[test]
fn zeros_of_everybody_are_not_believed_and_true_numbers_settle_them() {
    let sim = fleet();
    let house = House::with(&sim);
    meet_silence(&sim, &house);
    is_doubted(&house.export());
    house.go("why octo/a 2026-03-10").exits(0).shows(&["zero"]);
    // Asking again on the same day settles nothing.
    sim.advance_secs(3600);
    house.go("sync --all").exits(0);
    is_doubted(&house.export());
    sim.end_zero_days();
    sim.advance_secs(3600);
    house.go("sync --all").exits(0);
    let exported = house.export();
    for repo in REPOS {
        exported.is_true(&sim, repo, days("2026-02-24", SILENT));
    }
}

#[test]
fn zeros_that_stay_while_others_come_are_believed_in_the_end() {
    let sim = fleet();
    let house = House::with(&sim);
    meet_silence(&sim, &house);
    is_doubted(&house.export());
    sim.advance_days(1);
    house.go("sync").exits(0);
    let exported = house.export();
    for repo in REPOS {
        let row = exported.row(repo, SILENT);
        assert_eq!(row.state, "measured", "{repo}");
        assert_eq!((row.views, row.clones), (Some((0, 0)), Some((0, 0))));
        exported.is_true(&sim, repo, days("2026-03-11", "2026-03-11"));
    }
}

#[test]
fn a_silence_of_several_days_is_doubted_as_a_whole() {
    let sim = fleet();
    let house = House::with(&sim);
    house.go("sync octo/a octo/b octo/c octo/d").exits(0);
    sim.zero_days(ZeroDays::new(Scope::All, SILENT, "2026-03-12"));
    for _ in 0..3 {
        sim.advance_days(1);
        house.go("sync").exits(0);
    }
    let exported = house.export();
    is_doubted(&exported);
    for day in days(SILENT, "2026-03-12") {
        assert_ne!(exported.row("octo/b", day).state, "measured", "{day}");
    }
    sim.end_zero_days();
    sim.advance_days(1);
    house.go("sync").exits(0);
    for repo in REPOS {
        house
            .export()
            .is_true(&sim, repo, days("2026-02-24", "2026-03-13"));
    }
}

#[test]
fn one_quiet_repository_is_believed_at_once() {
    let sim = fleet();
    let house = House::with(&sim);
    house.go("sync octo/a octo/b octo/c octo/d").exits(0);
    sim.pin("octo/a", Metric::Views, SILENT, (0, 0));
    sim.pin("octo/a", Metric::Clones, SILENT, (0, 0));
    sim.advance_days(1);
    house.go("sync").exits(0);
    for repo in REPOS {
        house
            .export()
            .is_true(&sim, repo, days("2026-02-24", SILENT));
    }
}
