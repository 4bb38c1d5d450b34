//! Prometheus' own tool takes the file of days in, and tells the same numbers at the same times.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use gitratra_core::{Count, Day, DayRow, DayState, RepoId, Series, Value};
use gitratra_formats::daily::DailyWriter as _;
use gitratra_formats::openmetrics::OpenMetricsDays;

/// Runs the tool: `GITRATRA_PROMTOOL`, or the one on the path.
fn promtool(args: &[&str], folder: &Path) -> String {
    let named = std::env::var_os("GITRATRA_PROMTOOL").unwrap_or_else(|| "promtool".into());
    let mut command = Command::new(named);
    let ran = command.args(args).current_dir(folder).output();
    let ran = ran.expect("scripts/test installs promtool: apt-get install prometheus");
    let errors = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{args:?}: {errors}");
    String::from_utf8(ran.stdout).expect("it tells text")
}

fn row(day: i64, views: u64, state: DayState) -> DayRow {
    let count = Count::new(views, views / 2).expect("half as many people");
    let value = Some(Value { count, state });
    DayRow {
        day: Day::from_epoch_days(day).expect("a day of our time"),
        views: value,
        clones: (day % 3 == 0).then_some(value).flatten(),
    }
}

const REPOS: [(u64, &str); 2] = [(7, "octo/alpha"), (8, "octo/beta")];

/// What the tool must tell of these days.
fn expected(series: &Series) -> BTreeSet<String> {
    let mut expected = BTreeSet::new();
    for (id, name) in REPOS {
        for day in series.days() {
            let noon = (day.day.epoch_days() * 86_400 + 43_200) * 1000;
            for (metric, value) in [("views", day.views), ("clones", day.clones)] {
                let Some(value) = value.filter(|value| value.state == DayState::Measured) else {
                    continue;
                };
                let (events, people) = (value.count.count(), value.count.uniques().get());
                for (name_end, number) in [("", events), ("_uniques", people)] {
                    expected.insert(format!(
                        "{{__name__=\"gitratra_daily_{metric}{name_end}\", repo=\"{name}\", \
                         repo_id=\"{id}\"}} {number} {noon}"
                    ));
                }
            }
        }
    }
    expected
}

#[test]
fn promtool_takes_the_days_in_and_tells_each_measured_number_at_noon() {
    use DayState::{Measured, Partial, Suspect};
    let days = (20_400..20_440).filter(|day| day % 7 != 0);
    let series = Series::new(days.map(|day| match day % 10 {
        8 => row(day, 0, Suspect),
        9 => row(day, 5, Partial),
        other => row(day, other.unsigned_abs() * 11, Measured),
    }));
    let mut bytes = Vec::new();
    let mut out = Box::new(OpenMetricsDays::new(&mut bytes).expect("there is room"));
    for (id, name) in REPOS {
        out.write_repo(RepoId(id), name, series.days())
            .expect("memory takes it");
    }
    out.finish().expect("memory takes it");
    let folder = tempfile::tempdir().expect("there is room");
    std::fs::write(folder.path().join("days.txt"), &bytes).expect("there is room");
    let take_in = [
        "tsdb",
        "create-blocks-from",
        "openmetrics",
        "--max-block-duration=8760h",
        "days.txt",
        "blocks",
    ];
    promtool(&take_in, folder.path());
    // As in a server, which always has one.
    std::fs::create_dir(folder.path().join("blocks/wal")).expect("there is room");
    let dumped = promtool(&["tsdb", "dump", "blocks"], folder.path());
    let dumped: BTreeSet<String> = dumped.lines().map(str::to_owned).collect();
    assert_eq!(dumped, expected(&series));
}
