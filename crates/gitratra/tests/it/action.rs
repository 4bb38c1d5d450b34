//! Runs that keep what they know in a git repository: several machines push to one remote, and
//! nothing that any of them saw is lost.

use std::path::Path;
use std::process::Command;

use gitratra_sim::{RepoSpec, Sim};

use crate::archive::{are_the_same, files};
use crate::house::{House, Ran, TOKEN, finish, github};

const REPO: &str = "octo/tool";

fn tool() -> Sim {
    let repo = RepoSpec::new(REPO).mean_views(25.0).stars(40);
    github().seed(31).repo(repo).start_on_thread()
}

/// A place with git, an empty remote, and checkouts of it.
struct Desk {
    house: House,
}

impl Desk {
    fn new(sim: &Sim) -> Self {
        let house = House::with(sim)
            .set("PATH", &std::env::var("PATH").unwrap())
            .set("GIT_CONFIG_NOSYSTEM", "1");
        let desk = Self { house };
        desk.git(".", "init --quiet --bare --initial-branch=main remote.git");
        desk.clone("first");
        desk.house.write("first/README.md", "what we know");
        desk.git("first", "add README.md");
        desk.git(
            "first",
            "-c user.name=ada -c user.email=ada@example.com commit --quiet -m begin",
        );
        desk.git("first", "push --quiet origin HEAD:main");
        desk
    }

    fn command(&self, folder: &str, words: &str) -> Command {
        let mut git = self.house.bare("git");
        git.current_dir(self.house.path(folder))
            .args(words.split_whitespace());
        git
    }

    /// Runs git and gives what it prints.
    #[track_caller]
    fn git(&self, folder: &str, words: &str) -> String {
        finish(self.command(folder, words), "").exits(0).out
    }

    fn clone(&self, name: &str) {
        self.git(".", &format!("clone --quiet remote.git {name}"));
    }

    /// One run on a machine: its own checkout, and a database that is only there so that a test can
    /// look at what the machine saw.
    fn run(&self, machine: &str) -> Ran {
        self.house.run(&[
            "--db",
            &format!("{machine}.db"),
            "sync",
            REPO,
            "--archive",
            &format!("{machine}/data"),
            "--push",
        ])
    }

    /// The archive at the remote.
    fn remote(&self, name: &str) -> std::path::PathBuf {
        self.clone(name);
        self.house.path(&format!("{name}/data"))
    }

    fn commits(&self) -> Vec<String> {
        let log = self.git("remote.git", "log --format=%an|%s main");
        log.lines().map(str::to_owned).collect()
    }

    /// What one database knows that took in all that the machines saw.
    fn expected(&self, machines: &[&str]) -> std::path::PathBuf {
        for machine in machines {
            let other = format!("{machine}.db");
            self.house
                .run(&["--db", "everything.db", "merge", &other])
                .exits(0);
        }
        let archive = ["--db", "everything.db", "archive", "everything"];
        self.house.run(&archive).exits(0);
        self.house.path("everything")
    }
}

#[test]
fn a_run_without_a_database_goes_on_from_the_archive() {
    let sim = tool();
    let desk = Desk::new(&sim);
    let words = ["sync", REPO, "--archive", "first/data", "--push"];
    desk.house.run(&words).exits(0).says(&["pushed to main"]);
    sim.advance_days(10);
    let due = ["sync", "--archive", "first/data", "--push"];
    desk.house.run(&due).exits(0);
    // Nothing is due and nothing changed: no commit.
    let before = desk.commits();
    let again = desk.house.run(&due).exits(0);
    assert!(!again.err.contains("committed"), "{}", again.err);
    assert_eq!(desk.commits(), before);
    let newest = sim.newest(REPO, gitratra_sim::Metric::Views);
    assert_eq!(before[0], format!("gitratra|traffic of {newest}"));
    assert_eq!(before.len(), 3);
    assert!(!desk.house.database().exists(), "no database is left");
    // 24 days are known, although GitHub tells of 14.
    let id = sim.repo_id(REPO);
    let year = desk.house.read(&format!("first/data/{id}/2026.txt"));
    let days = year.lines().filter(|line| line.contains("\tviews\t"));
    assert!(days.count() >= 24, "{year}");
    assert_eq!(desk.house.read("first/README.md"), "what we know");
}

#[test]
fn of_two_that_race_the_loser_joins_and_nothing_is_lost() {
    let sim = tool();
    let desk = Desk::new(&sim);
    desk.clone("second");
    desk.run("first").exits(0);
    sim.advance_days(5);
    // The second began before the first pushed.
    desk.run("second")
        .exits(0)
        .says(&["another run pushed before", "pushed to main"]);
    let remote = desk.remote("look");
    are_the_same(&remote, &desk.expected(&["first", "second"]));
    are_the_same(&remote, &desk.house.path("second/data"));
    assert_eq!(desk.git("second", "status --porcelain"), "");
    let commits = desk.commits();
    assert_eq!(commits.len(), 3, "{commits:?}");
    assert_eq!(desk.house.read("look/README.md"), "what we know");
}

#[test]
fn runs_at_the_same_time_all_come_through() {
    let sim = tool();
    let desk = Desk::new(&sim);
    let machines = ["first", "second", "third"];
    desk.clone("second");
    desk.clone("third");
    let running = machines.map(|machine| {
        let (db, archive) = (format!("{machine}.db"), format!("{machine}/data"));
        desk.house
            .start(&["--db", &db, "sync", REPO, "--archive", &archive, "--push"])
    });
    for child in running {
        let output = child.wait_with_output().unwrap();
        Ran::of(&output).exits(0).says(&["pushed to main"]);
    }
    are_the_same(&desk.remote("look"), &desk.expected(&machines));
}

#[test]
fn a_machine_that_was_offline_for_a_month_brings_what_it_saw() {
    let sim = tool();
    let desk = Desk::new(&sim);
    desk.clone("offline");
    // It reads, but cannot push: its commit stays.
    desk.git(
        "offline",
        "remote set-url --push origin /nowhere/remote.git",
    );
    let ran = desk.run("offline").exits(1);
    ran.says(&["cannot push", "the next run pushes it"]);
    for _ in 0..3 {
        sim.advance_days(11);
        desk.run("first").exits(0);
    }
    desk.git("offline", "remote set-url --push origin ../remote.git");
    desk.git("offline", "config --unset remote.origin.pushurl");
    desk.run("offline")
        .exits(0)
        .says(&["another run pushed before"]);
    are_the_same(&desk.remote("look"), &desk.expected(&["first", "offline"]));
}

#[test]
fn what_was_committed_and_not_pushed_is_pushed_by_the_next_run() {
    let sim = tool();
    let desk = Desk::new(&sim);
    // The run is killed by the hook that git calls before it pushes.
    let hook = desk
        .house
        .write("first/.git/hooks/pre-push", "#!/bin/sh\nkill -9 $PPID\n");
    executable(&hook);
    let words = ["sync", REPO, "--archive", "first/data", "--push"];
    assert_ne!(desk.house.run(&words).exit, 0);
    assert_eq!(desk.commits().len(), 1);
    std::fs::remove_file(hook).unwrap();
    // Nothing is new, and what was committed goes out all the same.
    let due = ["sync", "--archive", "first/data", "--push"];
    desk.house.run(&due).exits(0);
    assert_eq!(desk.commits().len(), 2);
    are_the_same(&desk.remote("look"), &desk.house.path("first/data"));
}

#[test]
fn what_was_written_and_not_committed_is_taken_in() {
    let sim = tool();
    let desk = Desk::new(&sim);
    desk.house
        .run(&["sync", REPO, "--archive", "first/data"])
        .exits(0);
    desk.house
        .write("first/data/.house.txt.x1.new", "half a fi");
    sim.advance_days(20);
    let ran = desk.run("first").exits(0);
    ran.says(&["did not commit"]);
    let id = sim.repo_id(REPO);
    let year = desk.house.read(&format!("first/data/{id}/2026.txt"));
    let days = year.lines().filter(|line| line.contains("\tviews\t"));
    assert!(days.count() >= 28, "{year}");
    let remote = files(&desk.remote("look"));
    assert!(
        !remote.keys().any(|name| name.contains(".new")),
        "{:?}",
        remote.keys()
    );
}

#[test]
fn a_checkout_with_other_changes_is_left_as_it_is() {
    let sim = tool();
    let desk = Desk::new(&sim);
    desk.house.write("first/README.md", "changed by hand");
    let ran = desk.run("first").exits(2);
    ran.says(&[
        "README.md",
        "no part of the archive",
        "commit it or take it back",
    ]);
    assert_eq!(desk.house.read("first/README.md"), "changed by hand");
    assert_eq!(sim.counters().traffic(), 0);
    desk.git("first", "checkout --quiet README.md");
    // What git does not know is in nobody's way.
    desk.house.write("first/notes.txt", "my notes");
    desk.run("first").exits(0);
    assert_eq!(desk.git("first", "status --porcelain"), "?? notes.txt\n");
}

#[test]
fn where_nothing_can_be_pushed_it_is_told_before_anything_is_asked() {
    let sim = tool();
    let desk = Desk::new(&sim);
    let house = &desk.house;
    let push = |folder: &str| house.run(&["sync", REPO, "--archive", folder, "--push"]);
    push("elsewhere/data")
        .exits(2)
        .says(&["no checkout of git"]);
    desk.git("first", "checkout --quiet --detach");
    push("first/data")
        .exits(2)
        .says(&["on no branch", "git switch"]);
    desk.git(".", "init --quiet --initial-branch=main alone");
    push("alone/data").exits(2).says(&["nowhere to push"]);
    house
        .run(&["sync", REPO, "--push"])
        .exits(2)
        .says(&["--archive"]);
    assert_eq!(sim.counters().traffic(), 0);
}

#[test]
fn an_empty_remote_gets_its_first_commit() {
    let sim = tool();
    let desk = Desk::new(&sim);
    desk.git(".", "init --quiet --bare --initial-branch=main empty.git");
    desk.git(".", "clone --quiet empty.git fresh");
    let words = ["sync", REPO, "--archive", "fresh", "--push"];
    desk.house.run(&words).exits(0).says(&["pushed to main"]);
    desk.git(".", "clone --quiet empty.git look");
    are_the_same(&desk.house.path("look"), &desk.house.path("fresh"));
}

#[test]
fn the_token_is_in_no_commit_and_git_is_told_none() {
    let sim = tool();
    let desk = Desk::new(&sim);
    // A git that writes down how it is called, and with what around it.
    let real = finish(desk.house.bare("sh").arg_all(&["-c", "command -v git"]), "").out;
    let script = format!(
        "#!/bin/sh\n(env; echo \"$@\") >> {}\nexec {} \"$@\"\n",
        desk.house.path("calls.txt").display(),
        real.trim()
    );
    let git = desk.house.write("bin/git", script);
    executable(&git);
    let path = format!(
        "{}:{}",
        desk.house.path("bin").display(),
        std::env::var("PATH").unwrap()
    );
    let mut command = desk
        .house
        .command(&["sync", REPO, "--archive", "first/data", "--push"]);
    command.env("PATH", path);
    desk.house.write(
        "config/gitratra/config.toml",
        "[[credential]]\nlabel = \"other\"\ntoken_env = \"WORK_TOKEN\"\n",
    );
    const SECRET: &str = "aSecretOfAnotherKind";
    for name in ["GITHUB_TOKEN", "GH_TOKEN", "AWS_SECRET_ACCESS_KEY"] {
        command.env(name, SECRET);
    }
    command.env("WORK_TOKEN", TOKEN);
    let ran = finish(command, "").exits(0);
    let calls = desk.house.read("calls.txt");
    assert!(calls.contains("push"), "{calls}");
    for text in [&calls, &ran.out, &ran.err] {
        assert!(!text.contains(TOKEN) && !text.contains(SECRET), "{text}");
    }
    let all = desk.git("first", "log -p --all");
    assert!(!all.contains(TOKEN));
}

trait AllArgs {
    fn arg_all(self, args: &[&str]) -> Command;
}

impl AllArgs for Command {
    fn arg_all(mut self, args: &[&str]) -> Command {
        self.args(args);
        self
    }
}

fn executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}
