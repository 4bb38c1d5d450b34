//! The original tool's calls: a list in, a `gitratra_v1` file out, to the byte.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use gitratra_sim::{Day, Fault, FaultPlan, Limits, Metric, RepoSpec, Sim};

use crate::exported::window;
use crate::house::{House, Ran, TOKEN, finish, github};

const NEWEST: &str = "2026-03-09";

fn two() -> Sim {
    github()
        .seed(31)
        .repo(RepoSpec::new("octo/alpha").mean_views(40.0))
        .repo(RepoSpec::new("octo/beta").mean_views(0.5))
        .start_on_thread()
}

/// The section of a repository as it must be written after one reading.
fn section(sim: &Sim, repo: &str, spelled: &str) -> String {
    let mut text = format!(">{spelled}\n");
    for metric in [Metric::Clones, Metric::Views] {
        text.push_str(&format!("#{}\n", metric.name()));
        for day in window(NEWEST) {
            let (count, uniques) = sim.truth(repo, metric, day);
            text.push_str(&format!("{day} {count} {uniques}\n"));
        }
    }
    text
}

fn call(house: &House) -> Ran {
    house.run_with_input(&["token:-", "list.txt", "out.txt"], TOKEN)
}

/// What lies in the folder, with content and mode.
fn snapshot(house: &House) -> Vec<(PathBuf, Vec<u8>, u32)> {
    let look = |path: PathBuf| {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        let bytes = fs::read(&path).unwrap();
        (path, bytes, mode)
    };
    house.files().into_iter().map(look).collect()
}

/// Demands that a call ends with 2, says some words and changes nothing at all.
#[track_caller]
fn changes_nothing(house: &House, words: &[&str], args: &[&str], input: &str) {
    let before = snapshot(house);
    let ran = house.run_with_input(args, input).exits(2).says(words);
    assert!(ran.out.is_empty(), "{}", ran.out);
    assert_eq!(snapshot(house), before);
}

#[test]
fn the_file_is_exactly_what_the_format_says() {
    let sim = two();
    let house = House::with(&sim);
    house.write(
        "list.txt",
        "# ours\n\nocto/beta\n  octo/alpha  # the big one\n",
    );
    let ran = call(&house).exits(0);
    let mut expected = "gitratra_v1\n".to_owned();
    expected += &section(&sim, "octo/beta", "octo/beta");
    expected += &section(&sim, "octo/alpha", "octo/alpha");
    assert_eq!(house.read("out.txt"), expected);
    assert!(expected.contains(" 0 0\n"), "zeros are written");
    ran.shows(&["octo/alpha", "octo/beta", "2026-02-24..2026-03-09"]);
    let again = call(&house).exits(0);
    assert_eq!(
        house.read("out.txt"),
        expected,
        "a second run changes nothing"
    );
    assert!(!again.err.contains(TOKEN));
    let names: Vec<_> = house.files();
    assert_eq!(names, [house.path("list.txt"), house.path("out.txt")]);
}

#[test]
fn days_are_merged_into_a_file_of_any_shape() {
    let sim = two();
    let house = House::with(&sim);
    house.write("list.txt", "octo/alpha\n");
    let (count, uniques) = sim.truth("octo/alpha", Metric::Views, NEWEST);
    let (more, many) = (count + 1000, uniques + 500);
    // Line ends of another system, days out of order and twice, no final newline, a section that
    // is not in the list.
    house.write(
        "out.txt",
        format!(
            "gitratra_v1\r\n>gone/away\r\n#clones\r\n2019-10-02 3 1\r\n2019-10-01 12 3\r\n#views\r\n\
             >octo/alpha\r\n#views\r\n{NEWEST} {more} 1\r\n2020-01-02 5 5\r\n{NEWEST} {many} {many}\r\n\
             #clones\r\n2020-01-01 7 2\r\n2019-12-31 8 0"
        ),
    );
    call(&house).exits(0);
    let text = house.read("out.txt");
    assert!(!text.contains('\r'));
    let gone = ">gone/away\n#clones\n2019-10-01 12 3\n2019-10-02 3 1\n#views\n";
    assert!(text.starts_with(&format!("gitratra_v1\n{gone}")), "{text}");
    let fresh = section(&sim, "octo/alpha", "octo/alpha");
    let expected = fresh
        .replace("#clones\n", "#clones\n2019-12-31 8 0\n2020-01-01 7 2\n")
        .replace("#views\n", "#views\n2020-01-02 5 5\n");
    let views = expected.find("#views").unwrap();
    let (clones, views) = expected.split_at(views);
    let (old, new) = (
        format!("{NEWEST} {count} {uniques}\n"),
        format!("{NEWEST} {more} {many}\n"),
    );
    let expected = format!("{clones}{}", views.replace(&old, &new));
    assert_eq!(
        text.strip_prefix(&format!("gitratra_v1\n{gone}")).unwrap(),
        expected
    );
}

#[test]
fn a_bare_name_belongs_to_the_owner_of_the_token() {
    let sim = two();
    let house = House::with(&sim);
    house.write("list.txt", "alpha\nocto/beta");
    call(&house).exits(0);
    let expected = format!(
        "gitratra_v1\n{}{}",
        section(&sim, "octo/alpha", "alpha"),
        section(&sim, "octo/beta", "octo/beta")
    );
    assert_eq!(house.read("out.txt"), expected);
}

#[test]
fn every_way_to_give_the_token_works_and_one_is_warned_of() {
    let sim = two();
    let house = House::with(&sim);
    house.write("list.txt", "octo/alpha\n");
    let inline = format!("token:{TOKEN}");
    for (credential, input) in [
        ("token:-", TOKEN),
        ("token:", ""),
        (inline.as_str(), ""),
        ("username:octo", TOKEN),
    ] {
        let ran = house.run_with_input(&[credential, "list.txt", "out.txt"], input);
        let ran = ran.exits(0);
        assert_eq!(
            ran.err.contains("can read the token"),
            credential == inline,
            "{}",
            ran.err
        );
        assert!(!ran.err.contains(TOKEN) && !ran.out.contains(TOKEN));
        assert!(house.read("out.txt").contains(">octo/alpha"));
        fs::remove_file(house.path("out.txt")).unwrap();
    }
    assert_eq!(sim.counters().tokens_in_addresses, 0);
}

#[test]
fn what_cannot_be_begun_changes_no_byte() {
    let sim = two();
    let house = House::with(&sim);
    house.write("list.txt", "octo/alpha\nocto/beta\n");
    house.write("bad-list.txt", "octo/alpha\n\nnot a name!\n");
    house.write("empty-list.txt", "# nothing\n");
    let good = "gitratra_v1\n>octo/alpha\n#clones\n2020-01-01 1 1\n#views\n";
    let out = house.write("out.txt", good);
    fs::set_permissions(&out, fs::Permissions::from_mode(0o640)).unwrap();
    house.write("bad.txt", format!("{good}2020-01-02 many 1\n"));
    house.write("other.txt", "Dear diary\n");

    changes_nothing(
        &house,
        &["bad-list.txt", "3"],
        &["token:-", "bad-list.txt", "out.txt"],
        TOKEN,
    );
    changes_nothing(
        &house,
        &["empty-list.txt"],
        &["token:-", "empty-list.txt", "out.txt"],
        TOKEN,
    );
    changes_nothing(
        &house,
        &["no-list.txt"],
        &["token:-", "no-list.txt", "out.txt"],
        TOKEN,
    );
    changes_nothing(
        &house,
        &["bad.txt", "6", "many"],
        &["token:-", "list.txt", "bad.txt"],
        TOKEN,
    );
    changes_nothing(
        &house,
        &["other.txt", "1"],
        &["token:-", "list.txt", "other.txt"],
        TOKEN,
    );
    changes_nothing(&house, &["token"], &["token:-", "list.txt", "out.txt"], "");
    changes_nothing(
        &house,
        &["username"],
        &["username:", "list.txt", "out.txt"],
        TOKEN,
    );
    assert_eq!(sim.counters().total, 0, "nothing was asked");

    changes_nothing(
        &house,
        &["Bad credentials"],
        &["token:-", "list.txt", "out.txt"],
        "ghp_wrong",
    );
    let user = ["username:octo", "list.txt", "out.txt"];
    changes_nothing(&house, &["personal access token"], &user, "my-password");
    assert!(sim.counters().status(401) <= 16);
    changes_nothing(
        &house,
        &["nowhere"],
        &["token:-", "list.txt", "nowhere/out.txt"],
        TOKEN,
    );
}

#[test]
fn a_file_keeps_its_mode() {
    let sim = two();
    let house = House::with(&sim);
    house.write("list.txt", "octo/alpha\n");
    let out = house.write("out.txt", "gitratra_v1\n");
    fs::set_permissions(&out, fs::Permissions::from_mode(0o600)).unwrap();
    call(&house).exits(0);
    let mode = fs::metadata(&out).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn one_failing_repository_costs_the_others_nothing() {
    let sim = two();
    let house = House::with(&sim);
    house.write("list.txt", "octo/alpha\nocto/missing\nocto/beta\n");
    let kept = ">octo/missing\n#clones\n2020-01-01 4 2\n#views\n2020-01-01 9 3\n";
    house.write("out.txt", format!("gitratra_v1\n{kept}"));
    call(&house).exits(1).says(&["octo/missing", "404"]);
    let text = house.read("out.txt");
    assert!(text.contains(kept), "{text}");
    for repo in ["octo/alpha", "octo/beta"] {
        assert!(text.contains(&section(&sim, repo, repo)), "{text}");
    }
}

#[test]
fn a_failing_endpoint_leaves_its_section_as_it_was() {
    let sim = two();
    let house = House::with(&sim);
    house.write("list.txt", "octo/alpha\n");
    house.write(
        "out.txt",
        "gitratra_v1\n>octo/alpha\n#clones\n2020-01-01 4 2\n#views\n",
    );
    let fault = Fault::Tampered {
        how: gitratra_sim::Tamper::NegativeCount,
    };
    sim.fault(FaultPlan::new(fault).endpoint(gitratra_sim::Endpoint::Clones));
    call(&house).exits(1).says(&["octo/alpha", "clones"]);
    let fresh = section(&sim, "octo/alpha", "octo/alpha");
    let views = &fresh[fresh.find("#views").unwrap()..];
    let expected = format!("gitratra_v1\n>octo/alpha\n#clones\n2020-01-01 4 2\n{views}");
    assert_eq!(house.read("out.txt"), expected);
}

#[test]
fn a_used_up_limit_keeps_what_was_read() {
    let sim = github()
        .repo("octo/alpha")
        .repo("octo/beta")
        .limits(Limits::default().primary(2, 3600))
        .start_on_thread();
    let house = House::with(&sim);
    house.write("list.txt", "octo/alpha\nocto/beta\n");
    let args = ["token:-", "list.txt", "out.txt", "--jobs", "1"];
    house.run_with_input(&args, TOKEN).exits(1).says(&[
        "rate limit",
        "2026-03-10T13:00:00Z",
        "octo/beta",
    ]);
    let text = house.read("out.txt");
    assert!(
        text.contains(&section(&sim, "octo/alpha", "octo/alpha")),
        "{text}"
    );
    assert!(sim.counters().primary_violations <= 1);
}

#[test]
fn a_renamed_repository_is_read_under_the_name_of_the_list() {
    let sim = two();
    sim.rename("octo/alpha", "octo/omega");
    let house = House::with(&sim);
    house.write("list.txt", "octo/alpha\n");
    call(&house).exits(0);
    let expected = format!("gitratra_v1\n{}", section(&sim, "octo/omega", "octo/alpha"));
    assert_eq!(house.read("out.txt"), expected);
}

#[test]
fn runs_at_once_on_one_file_lose_nothing() {
    let sim = github().fleet("octo", 8).start_on_thread();
    sim.set_latency_ms(5);
    let house = House::with(&sim);
    house.write("all.txt", "octo/*");
    let names: Vec<String> = (1..=8)
        .map(|n| sim.full_name(first_id(&sim) + n - 1))
        .collect();
    let runs: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(n, name)| {
            let list = format!("list-{n}.txt");
            house.write(&list, name);
            house.start(&["token:", &list, "out.txt"])
        })
        .collect();
    for run in runs {
        Ran::of(&run.wait_with_output().unwrap()).exits(0);
    }
    let text = house.read("out.txt");
    for name in &names {
        assert!(text.contains(&section(&sim, name, name)), "{name} is lost");
    }
    let stray: Vec<_> = house
        .files()
        .into_iter()
        .filter(|path| !path.to_string_lossy().ends_with(".txt"))
        .collect();
    assert_eq!(stray, Vec::<PathBuf>::new());
}

fn first_id(sim: &Sim) -> u64 {
    sim.repo_id("octo/amber-api")
}

#[test]
fn a_later_run_adds_only_what_is_new() {
    let sim = two();
    let house = House::with(&sim);
    house.write("list.txt", "octo/alpha\n");
    call(&house).exits(0);
    sim.advance_days(3);
    let mut command = house.command(&["token:", "list.txt", "out.txt"]);
    command.env("GITHUB_TOKEN", "ghp_not_this_one");
    finish(command, "").exits(0);
    let text = house.read("out.txt");
    let days: Vec<Day> = window("2026-03-12").chain(window(NEWEST)).collect();
    for day in days {
        for metric in [Metric::Views, Metric::Clones] {
            let (count, uniques) = sim.truth("octo/alpha", metric, day);
            assert!(
                text.contains(&format!("\n{day} {count} {uniques}\n")),
                "{day}"
            );
        }
    }
    assert_eq!(text.lines().count(), 1 + 1 + 2 + 2 * 17);
}

#[test]
fn a_used_up_budget_at_the_first_question_writes_nothing() {
    let sim = github().repo("octo/alpha").start_on_thread();
    sim.set_remaining(TOKEN, 0);
    let house = House::with(&sim);
    house.write("list.txt", "alpha\n");
    call(&house).exits(1).says(&["rate limit", "alpha"]);
    assert!(!house.path("out.txt").exists());
}

#[test]
fn a_repository_that_was_never_read_has_no_numbers() {
    let sim = github().repo("octo/alpha").start_on_thread();
    let house = House::with(&sim);
    house.write("list.txt", "octo/alpha\nocto/nowhere\n");
    let ran = call(&house).exits(1);
    let line = ran.out.lines().find(|line| line.contains("nowhere"));
    let words: Vec<&str> = line.unwrap().split_whitespace().collect();
    assert_eq!(words[1..3], ["-", "-"], "{}", ran.out);
}
