//! A store of everything that pages find hard: names as long as GitHub allows, nothing but zeros,
//! counts one below absurd, gaps, a single day, text that looks like markup, private repositories.
//!
//! `cargo run -p gitratra-tests --example odd PATH` writes it into a new SQLite file. The same
//! bytes of content each time: no clock and no dice.

use gitratra_core::{
    Asset, Count, Counters, CountersReading, Day, Endpoint, Metric, Pattern, Profile, Ranked,
    RankedReading, Ranking, Reading, Release, ReleasesReading, RepoId, Repository, Rolling,
    Timestamp, Visibility, Window,
};
use gitratra_store::{Location, Outcome, Store, Visit};

type Failure = Box<dyn std::error::Error>;

/// Enough for more than one page of a table.
const REPOSITORIES: u64 = 60;
/// The newest day that was published, a Friday.
const NEWEST: (i16, i8, i8) = (2026, 11, 20);
/// How far back anything is known.
const DAYS: i64 = 430;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let path = std::env::args().nth(1).ok_or("usage: odd PATH")?;
    if std::path::Path::new(&path).exists() {
        return Err(format!("\"{path}\" is there already").into());
    }
    let store = Store::open(&Location::file(&path)).await?;
    let (year, month, day) = NEWEST;
    let newest = Day::from_ymd(year, month, day).ok_or("no such day")?;
    let repositories: Vec<_> = (0..REPOSITORIES).map(repository).collect();
    let repositories = repositories.into_iter().collect::<Result<Vec<_>, _>>()?;
    store.add_rules(&[Pattern::All]).await?;
    store
        .save_repositories(&repositories, morning_after(newest))
        .await?;
    for number in 0..REPOSITORIES {
        for visit in visits(number, newest) {
            store.record(visit?).await?;
        }
    }
    store.mark_gone(id(7), 404, morning_after(newest)).await?;
    for (number, text) in [
        (
            0,
            "On the front page of a site with <b>markup</b> & \"quotes\"".to_owned(),
        ),
        (0, "ß".repeat(500)),
        (3, "Moved to another site".to_owned()),
    ] {
        let day = newest.plus(-9);
        store
            .add_note(id(number), day, &text.parse()?, morning_after(newest))
            .await?;
    }
    store.close().await;
    Ok(())
}

/// What a repository is odd in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Oddity {
    Usual,
    Zero,
    Huge,
    Gaps,
    OneDay,
    Unread,
    Failing,
}

/// The first ones each have an oddity, the others repeat them with dull names.
fn oddity(number: u64) -> Oddity {
    match number % 10 {
        1 => Oddity::Zero,
        2 => Oddity::Huge,
        3 => Oddity::Gaps,
        4 => Oddity::OneDay,
        5 => Oddity::Unread,
        6 => Oddity::Failing,
        _ => Oddity::Usual,
    }
}

fn id(number: u64) -> RepoId {
    RepoId(900_000_000 + number)
}

/// When GitHub has surely published a day.
fn morning_after(day: Day) -> Timestamp {
    Timestamp::from_second(day.end().as_second() + 10 * 3600).unwrap_or_default()
}

fn repository(number: u64) -> Result<Repository, Failure> {
    let name = match number {
        0 => format!("{}/{}", "o".repeat(39), "n".repeat(100)),
        1 => "octo/zero".to_owned(),
        2 => "octo/huge".to_owned(),
        3 => "octo/gaps".to_owned(),
        4 => "octo/one-day".to_owned(),
        5 => "octo/unread".to_owned(),
        6 => "octo/failing".to_owned(),
        7 => "octo/gone".to_owned(),
        8 => "octo/private".to_owned(),
        9 => format!("a/{}", "w.-_".repeat(25)),
        _ => format!("owner-{}/repository-{number}", number % 4),
    };
    Ok(Repository {
        id: id(number),
        node_id: None,
        name: name.parse()?,
        is_private: number % 10 == 8,
        is_fork: number % 10 == 9,
        is_archived: number % 20 == 13,
        can_push: None,
    })
}

/// One every two weeks, so that the days meet; the ones with gaps skip two visits.
fn visits(number: u64, newest: Day) -> Vec<Result<Visit, Failure>> {
    let all = (0..=DAYS / 14).rev();
    let ends = all.map(|back| (back, newest.plus(-14 * back)));
    let told = ends.filter(|(back, _)| match oddity(number) {
        Oddity::Unread => false,
        Oddity::OneDay => *back == 0,
        Oddity::Gaps => !matches!(back, 1 | 4 | 12..=14),
        _ => true,
    });
    told.map(|(back, last)| visit(number, last, back == 0))
        .collect()
}

fn visit(number: u64, last: Day, is_newest: bool) -> Result<Visit, Failure> {
    let asked_at = morning_after(last);
    let mut outcomes = Vec::new();
    for metric in Metric::ALL {
        outcomes.push((metric.into(), traffic(number, metric, last)?));
    }
    for ranking in Ranking::ALL {
        let reading = RankedReading {
            ranking,
            read_at: asked_at,
            lines: lines(number, ranking)?,
        };
        let outcome = Outcome::Ranked {
            reading,
            window: Some(Window { last }),
            etag: None,
        };
        outcomes.push((ranking.into(), outcome));
    }
    outcomes.push((Endpoint::Counters, counters(number, last)));
    outcomes.push((Endpoint::Releases, releases(number, last)));
    if is_newest && oddity(number) == Oddity::Failing {
        for (_, outcome) in &mut outcomes {
            *outcome = Outcome::Failed {
                status: Some(403),
                message: "GitHub refuses: Resource not accessible by personal access token".into(),
                action: "give the token the repository permission \"Administration: read\"".into(),
            };
        }
    }
    Ok(Visit {
        repo: id(number),
        asked_at,
        credential: "0123456789abcdef".into(),
        outcomes,
    })
}

fn traffic(number: u64, metric: Metric, last: Day) -> Result<Outcome, Failure> {
    let days = match oddity(number) {
        Oddity::OneDay => 1,
        _ => 14,
    };
    let days = (0..days).rev().map(|back| last.plus(-back));
    let rows = days.map(|day| Ok((day, count(number, metric, day)?)));
    let rows = rows.collect::<Result<Vec<_>, Failure>>()?;
    let total = rows.iter().map(|(_, count)| count.count()).sum::<u64>();
    let total = total.min(Count::LIMIT - 1);
    let most = rows.iter().map(|(_, count)| count.uniques().get()).max();
    let whole = Count::new(total, most.unwrap_or_default().min(total))?;
    let reading = Reading::new(metric, morning_after(last), rows, whole)?;
    Ok(Outcome::Traffic {
        reading,
        etag: None,
    })
}

fn count(number: u64, metric: Metric, day: Day) -> Result<Count, Failure> {
    let seed = mixed(number * 7919 + day.epoch_days().cast_unsigned() * 2 + metric as u64);
    let (count, uniques) = match oddity(number) {
        Oddity::Zero => (0, 0),
        Oddity::Huge => (Count::LIMIT - 1, Count::LIMIT - 1),
        _ => (seed % 97, seed % 97 / 3),
    };
    Ok(Count::new(count, uniques)?)
}

/// Numbers without a pattern, the same each time (`SplitMix64`).
fn mixed(seed: u64) -> u64 {
    let mut x = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

fn lines(number: u64, ranking: Ranking) -> Result<Vec<Ranked>, Failure> {
    let largest = match oddity(number) {
        Oddity::Zero | Oddity::OneDay => return Ok(Vec::new()),
        Oddity::Huge => Count::LIMIT - 1,
        _ => 640,
    };
    let names = match ranking {
        Ranking::Referrers => [
            "<script>alert(1)</script>".to_owned(),
            "a-very-long-host-name-without-any-break.".repeat(4) + "example",
            "münchen.example".to_owned(),
            "com.example.android".to_owned(),
        ],
        Ranking::Paths => [
            "/octo/huge".to_owned(),
            format!("/octo/huge/blob/main/{}", "deep/".repeat(40)),
            "/octo/huge/issues?q=is%3Aopen+\"><img src=x>".to_owned(),
            "/octo/huge/wiki/日本語のページ".to_owned(),
        ],
    };
    let lines = (0..).zip(names).map(|(place, name)| {
        let total = largest >> (2 * place);
        Ok(Ranked {
            title: (ranking == Ranking::Paths).then(|| format!("Title of {name}")),
            name,
            total: Rolling(Count::new(total, total / 3)?),
        })
    });
    lines.collect()
}

fn counters(number: u64, last: Day) -> Outcome {
    let large = match oddity(number) {
        Oddity::Huge => 123_456_789_012,
        Oddity::Zero => 0,
        _ => mixed(number) % 5000,
    };
    Outcome::Counters {
        reading: CountersReading {
            repo: id(number),
            read_at: morning_after(last),
            counters: Counters {
                stars: large,
                forks: large / 7,
                watchers: Some(large / 90),
                open_both: Some(large / 50),
                ..Counters::default()
            },
            profile: Profile {
                description: Some("A sentence that <em>goes on</em> for long. ".repeat(8)),
                language: Some("Rust".to_owned()),
                licence: None,
                topics: (0..20).map(|n| format!("topic-number-{n:02}")).collect(),
                is_archived: number % 20 == 13,
                visibility: match number % 10 {
                    8 => Visibility::Private,
                    _ => Visibility::Public,
                },
            },
            tags: None,
        },
    }
}

/// A release every day of the last month for one repository, so that their marks are crowded.
fn releases(number: u64, last: Day) -> Outcome {
    let is_busy = matches!(number, 0 | 2);
    let (year, month, day) = NEWEST;
    let newest = Day::from_ymd(year, month, day).unwrap_or(last);
    let made = (0..30_u64).filter(|_| is_busy).filter_map(|n| {
        let published = newest.plus(-n.cast_signed());
        (published <= last).then(|| release(number * 100 + n, published, last))
    });
    Outcome::Releases {
        reading: ReleasesReading {
            read_at: morning_after(last),
            releases: made.collect(),
            is_whole: true,
        },
        etag: None,
    }
}

fn release(number: u64, published: Day, told: Day) -> Release {
    let age = told.days_since(published).cast_unsigned();
    let downloads = match number {
        200.. => age * 1_000_000_000,
        _ => age * 3,
    };
    let files = ["linux-x86_64.tar.gz", "macos-aarch64.tar.gz", "windows.zip"];
    let assets = (0..).zip(files).map(|(place, file)| Asset {
        id: number * 10 + place,
        name: format!("a-program-with-quite-a-long-name-{number}-{file}"),
        size: 5 << 20,
        downloads: downloads >> place,
        created_at: Some(published.start()),
    });
    Release {
        id: number,
        tag: format!("v1.{number}.0-rc.1+a-long-build-label"),
        name: Some(format!("Version 1.{number}")),
        published_at: Some(published.start()),
        is_prerelease: false,
        assets: assets.collect(),
    }
}
