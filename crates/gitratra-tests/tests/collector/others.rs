//! What is asked beside traffic: it comes, it is true, it costs little, and its absence harms nothing.

use gitratra_core::download::{self, AssetHistory};
use gitratra_core::people::People;
use gitratra_core::{
    Bounds, Day, DayRange, Endpoint as Asked, Metric, RepoId, Rules, Series, Window,
};
use gitratra_sim::{AssetSpec, Daily, Endpoint, ReleaseSpec, RepoSpec, Time};

use crate::house::{House, TOKEN};

const REPO: &str = "octo/tool";

fn tool() -> RepoSpec {
    let old = Time::from("2023-09-01T00:00:00Z");
    RepoSpec::new(REPO)
        .created(old)
        .stars(400)
        .stars_per_day(1.5)
        .mean_views(50.0)
}

fn ours(day: gitratra_sim::Day) -> Day {
    Day::from_epoch_days(day.number().into()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stars_of_the_past_and_of_the_present_are_those_that_were_given() {
    let house = House::new(1.0, |sim| sim.repo(tool()).token(TOKEN)).await;
    house.track(&[REPO]).await;
    house.collect_days(12).await;
    let id = house.sim.repo_id(REPO);
    let stars = house.store.stars(RepoId(id), None).await.unwrap();
    // Read a page a day, all the way back.
    assert_eq!(stars.spans[0].0.first(), Day::MIN);
    let extents = house.store.extents().await.unwrap();
    let span = extents[&RepoId(id)].stars.unwrap();
    assert_eq!(span.first(), Day::MIN, "without a hole");
    let began = gitratra_sim::Day::from("2026-03-10");
    let lost = (0..13).map(|n| house.sim.stars_moved(REPO, began.plus(n)).1);
    let lost: u64 = lost.sum();
    // GitHub's days of stars need not be those of UTC, so a star may be a day off; and one that was
    // taken away before anybody asked is in no history.
    let at_start = |day: gitratra_sim::Day| {
        let start = Time::from_secs(i64::from(day.number()) * 86_400);
        house.sim.numbers_at(REPO, start).stars
    };
    let (mut day, mut told) = (gitratra_sim::Day::from("2023-09-01"), 0);
    while day < began.plus(-2) {
        let of_day = stars.days.iter().find(|(of, _)| *of == ours(day));
        told += of_day.map_or(0, |(_, stars)| stars.given);
        let least = at_start(day).saturating_sub(lost);
        assert!(told >= least, "{day}: {told}, at least {least}");
        let most = at_start(day.plus(2));
        assert!(told <= most, "{day}: {told}, at most {most}");
        day = day.plus(1);
    }
    assert!(told > 300, "{told}");
    let counters = house.store.counters(RepoId(id), None).await.unwrap();
    let last = counters.last().unwrap();
    let numbers = house.sim.numbers_at(REPO, last_read(&house, id).await);
    assert_eq!(last.counters.stars, numbers.stars);
    assert_eq!(last.counters.forks, numbers.forks);
    assert_eq!(last.counters.watchers, Some(numbers.watchers));
    assert_eq!(last.counters.open_issues, Some(numbers.issues));
    assert_eq!(last.counters.open_pulls, Some(numbers.pulls));
    assert_eq!(
        house.sim.counters().of(Endpoint::Stargazers),
        0,
        "no list of persons"
    );
}

/// When counters were read last.
async fn last_read(house: &House, id: u64) -> Time {
    let held = house.store.held().await.unwrap();
    let held = held.into_iter().find(|(of, _)| of.0 == id).unwrap().1;
    let asked_at = held.asked(Asked::Counters).unwrap().asked_at;
    Time::from_secs(asked_at.as_second())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_of_whole_weeks_lie_between_the_largest_day_and_the_sum_of_days() {
    let house = House::new(1.0, |sim| sim.repo(tool()).token(TOKEN)).await;
    house.track(&[REPO]).await;
    house.collect_days(30).await;
    let id = RepoId(house.sim.repo_id(REPO));
    for metric in Metric::ALL {
        let weeks = house.store.weeks(id, metric, None).await.unwrap();
        assert!(weeks.len() >= 5, "{}", weeks.len());
        let next_to =
            |pair: &[(gitratra_core::Week, _)]| pair[1].0.monday().days_since(pair[0].0.monday());
        assert!(weeks.windows(2).all(|pair| next_to(pair) == 7));
        for (week, told) in weeks {
            let days = house.store.days(id, Some(week.range())).await.unwrap();
            let of_days = days.iter().filter_map(|row| Some(row.value(metric)?.count));
            let (mut largest, mut uniques, mut events) = (0, 0, 0);
            for count in of_days {
                largest = largest.max(count.uniques().get());
                uniques += count.uniques().get();
                events += count.count();
            }
            assert_eq!(told.count(), events, "{metric} {}", week.monday());
            let people = told.uniques().get();
            assert!(largest <= people && people <= uniques, "{metric} {people}");
        }
        let windows = house.store.windows(id, metric, None).await.unwrap();
        let lasts: Vec<Day> = windows.iter().map(|(Window { last }, _)| *last).collect();
        assert!(lasts.len() >= 29, "{lasts:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_graphql_and_history_is_asked_rarely_and_nothing_else_is_lost() {
    let house = House::new(1.0, |sim| {
        let sim = sim.without_graphql().without_star_history();
        sim.fleet("octo", 20).token(TOKEN)
    })
    .await;
    house.track(&["*"]).await;
    house.collect_days(15).await;
    let ids = house.ids();
    assert_eq!(house.losses(&ids).await.into_iter().next(), None);
    let counters = house.sim.counters();
    let of_each = |requests: u64| requests as f64 / (ids.len() * 15) as f64;
    let history = of_each(counters.of(Endpoint::StarHistory));
    assert!(history > 0.0 && history <= 1.0, "{history}");
    let counting = of_each(counters.of(Endpoint::Graphql));
    assert!(counting > 0.0 && counting <= 0.1, "{counting}");
    // Looked up alone, so that there are watchers all the same.
    let known = house.store.counters(RepoId(ids[0]), None).await.unwrap();
    assert!(known.iter().any(|run| run.counters.watchers.is_some()));
    let problems = house.store.problems().await.unwrap();
    let is_other = |endpoint: &Asked| Asked::OTHERS.contains(endpoint);
    assert!(problems.iter().all(|problem| is_other(&problem.endpoint)));
    assert!(
        problems
            .iter()
            .any(|problem| problem.endpoint == Asked::Stars)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pass_asks_for_the_rest_on_the_day_after_the_first() {
    let house = House::new(1.0, |sim| sim.repo(tool()).token(TOKEN)).await;
    house.track(&[REPO]).await;
    house.pass().await;
    let beside = |house: &House| {
        let counters = house.sim.counters();
        counters.of(Endpoint::StarHistory) + counters.of(Endpoint::Graphql)
    };
    assert_eq!(beside(&house), 0, "traffic goes first");
    house.pass().await;
    assert_eq!(beside(&house), 0);
    house.sim.advance_days(1);
    house.pass().await;
    assert_eq!(beside(&house), 2);
    house.pass().await;
    assert_eq!(beside(&house), 2, "once a day");
    let id = RepoId(house.sim.repo_id(REPO));
    assert!(!house.store.stars(id, None).await.unwrap().days.is_empty());
    let weeks = house.store.weeks(id, Metric::Views, None).await.unwrap();
    assert_eq!(weeks.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_hour_is_half_spent_the_rest_waits_for_traffic() {
    let house = House::new(0.01, |sim| sim.fleet("octo", 12).token(TOKEN)).await;
    house.track(&["*"]).await;
    // A hundredth of 5,000 requests is 50: twelve repositories spend them on their traffic.
    house.collect_until("2026-03-10T12:50:00Z").await;
    let counters = house.sim.counters();
    assert!(counters.traffic() >= 40, "{counters:?}");
    assert_eq!(counters.of(Endpoint::StarHistory), 0, "{counters:?}");
    house.collect_days(3).await;
    let ids = house.ids();
    assert_eq!(house.losses(&ids).await.into_iter().next(), None);
    assert!(house.sim.counters().of(Endpoint::StarHistory) > 0);
    assert_eq!(house.sim.counters().primary_violations, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn downloads_of_files_add_up_whatever_becomes_of_them() {
    let release = |tag: &str| {
        ReleaseSpec::new(tag)
            .published("2026-03-01T12:00:00Z")
            .asset(AssetSpec::new("tool-linux-x64.tar.gz").downloads(Daily::About(30.0)))
            .asset(AssetSpec::new("tool-macos-arm64.zip").downloads(Daily::Steady(7)))
    };
    let repo = tool().release(release("v1.0")).release(release("v0.9"));
    let house = House::new(1.0, |sim| sim.repo(repo).token(TOKEN)).await;
    house.track(&[REPO]).await;
    house.collect_days(10).await;
    house
        .sim
        .replace_asset(REPO, "v1.0", "tool-macos-arm64.zip");
    house.sim.delete_release(REPO, "v0.9");
    house.collect_days(10).await;
    let id = RepoId(house.sim.repo_id(REPO));
    let releases = house.store.releases(id).await.unwrap();
    let gone = releases
        .iter()
        .find(|release| release.tag == "v0.9")
        .unwrap();
    assert!(gone.gone_since.is_some(), "its history stays");
    let mut files = 0;
    for asset in releases.iter().flat_map(|release| &release.assets) {
        let history = AssetHistory::new(&asset.totals());
        let Some((days, total)) = asset.downloads.last() else {
            continue;
        };
        let all = download::total([&history], DayRange::ALL);
        assert_eq!(
            all.count,
            Bounds::exact(*total - history.undated()),
            "{}",
            asset.name
        );
        // From the upload to the last reading, in the middle of its day.
        let mut day = gitratra_sim::Day::from("2026-03-01");
        let mut truth = 0;
        while ours(day) <= days.last() {
            truth += house.sim.downloads(REPO, asset.id, day);
            day = day.plus(1);
        }
        let last = house.sim.downloads(REPO, asset.id, day.plus(-1));
        assert!(
            *total <= truth && *total + last >= truth,
            "{total} of {truth}"
        );
        files += 1;
    }
    assert_eq!(files, 5, "one was replaced by another of its name");
    let asked = house.sim.counters().of(Endpoint::Releases) as f64 / 20.0;
    assert!(asked > 0.5 && asked <= 1.1, "{asked}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workflow_runs_are_counted_where_they_are_wanted_and_nowhere_else() {
    let cycle = Daily::cycle("2026-03-02", &[3, 0, 7, 1]);
    let wanted = tool().workflow_runs(cycle.clone(), 4);
    let other = RepoSpec::new("octo/other").workflow_runs(cycle, 4);
    let mut house = House::new(1.0, |sim| sim.repo(wanted).repo(other).token(TOKEN)).await;
    house.runs_of = Rules::new([REPO.parse().unwrap()]);
    house.track(&["*"]).await;
    house.collect_days(10).await;
    let runs = |name: &str| {
        let id = RepoId(house.sim.repo_id(name));
        house.store.workflow_days(id, None)
    };
    let told = runs(REPO).await.unwrap();
    assert!(told.len() >= 10, "{told:?}");
    for (day, number) in told {
        let day = gitratra_sim::Day::from(&*day.to_string());
        assert_eq!(number, house.sim.runs(REPO, day).0, "{day}");
    }
    assert_eq!(runs("octo/other").await.unwrap(), []);
    assert!(house.sim.counters().of(Endpoint::Runs) <= 12);
    // A machine that was off for a while makes up for it, in a single pass too.
    house.sleep_days(6);
    house.pass().await;
    let told = runs(REPO).await.unwrap();
    assert!(
        told.windows(2).all(|pair| pair[0].0.plus(1) == pair[1].0),
        "{told:?}"
    );
    assert_eq!(told.len(), 17, "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_people_of_any_range_lie_between_its_bounds() {
    let house = House::new(1.0, |sim| sim.repo(tool()).token(TOKEN)).await;
    house.track(&[REPO]).await;
    house.collect_days(45).await;
    let id = RepoId(house.sim.repo_id(REPO));
    let series = Series::new(house.store.days(id, None).await.unwrap());
    let known = series.range().unwrap();
    for (metric, theirs) in [
        (Metric::Views, gitratra_sim::Metric::Views),
        (Metric::Clones, gitratra_sim::Metric::Clones),
    ] {
        let weeks = house.store.weeks(id, metric, None).await.unwrap();
        let weeks = weeks.into_iter().map(|(week, told)| (week, told.uniques()));
        let windows = house.store.windows(id, metric, None).await.unwrap();
        let people = People::new(&series, metric, weeks, windows);
        let mut exact = 0;
        for days in [1_u32, 3, 7, 14, 21, 28, 45] {
            for back in 0..20 {
                let range = DayRange::ending(known.last().plus(-back), days);
                if !known.contains(range.first()) {
                    continue;
                }
                let theirs_of = |day: Day| gitratra_sim::Day::from(&*day.to_string());
                let (first, last) = (theirs_of(range.first()), theirs_of(range.last()));
                let truth = house.sim.distinct(REPO, theirs, first, last);
                let found = people.within(range).people().unwrap();
                assert!(
                    found.contains(truth),
                    "{metric} {range}: {truth} in {found}"
                );
                exact += u32::from(found.number().is_some());
            }
        }
        assert!(exact >= 40, "{exact}");
    }
}
