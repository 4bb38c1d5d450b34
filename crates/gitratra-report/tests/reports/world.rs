//! A small fleet whose every number follows from the place of its day: a spike, a gap, lists, stars,
//! releases, names of strangers that mean no good, and a private repository.

use gitratra_core::{
    Asset, Count, Counters, CountersReading, Day, Endpoint, Metric, Profile, Ranked, RankedReading,
    Ranking, Reading, Release, ReleasesReading, RepoId, Repository, Rolling, StarHistory, StarWeek,
    Timestamp, Visibility, Window,
};
use gitratra_store::{Outcome, Store, Visit};
use jiff::SignedDuration;

/// The newest day.
pub(crate) fn newest() -> Day {
    "2026-06-30".parse().unwrap()
}

/// Days that are kept.
const DAYS: i64 = 168;

/// One repository of the fleet.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) id: RepoId,
    pub(crate) name: String,
    pub(crate) is_private: bool,
    /// Views on a usual day.
    pub(crate) usual: u64,
    /// How long ago it went quiet.
    pub(crate) quiet_days: i64,
}

impl Member {
    pub(crate) fn new(id: u64, name: &str, usual: u64) -> Self {
        Self {
            id: RepoId(id),
            name: name.to_owned(),
            is_private: false,
            usual,
            quiet_days: 0,
        }
    }

    fn views(&self, ago: i64) -> u64 {
        if ago < self.quiet_days {
            return 0;
        }
        let weekday = newest().plus(-ago).weekday();
        let part = if weekday >= 5 {
            5
        } else {
            9 + u64::from(weekday)
        };
        let wave =
            u64::try_from((ago * 7 + 3 * i64::try_from(self.id.0 % 11).unwrap()) % 13).unwrap();
        let spike = if self.id.0.is_multiple_of(2) || ago != 23 {
            1
        } else {
            14
        };
        (self.usual * part * (20 + wave) / 260) * spike
    }

    /// Nobody read it for so long that days were lost.
    fn is_lost(&self, ago: i64) -> bool {
        self.id.0.is_multiple_of(3) && (50..54).contains(&ago)
    }
}

/// The three of the usual fleet.
pub(crate) fn fleet() -> Vec<Member> {
    vec![
        Member::new(3, "octo/hello", 120),
        Member {
            is_private: true,
            ..Member::new(5, "octo/secret-plans", 15)
        },
        Member {
            quiet_days: 20,
            ..Member::new(8, "octo-labs/Atlas", 60)
        },
    ]
}

pub(crate) async fn fill(store: &Store, members: &[Member]) {
    for part in members.chunks(20) {
        let repositories = part.iter().map(|member| Repository {
            id: member.id,
            node_id: None,
            name: member.name.parse().unwrap(),
            is_private: member.is_private,
            is_fork: false,
            is_archived: false,
            can_push: None,
        });
        let repositories: Vec<Repository> = repositories.collect();
        let now = newest().end() + SignedDuration::from_hours(9);
        store.save_repositories(&repositories, now).await.unwrap();
        // From the oldest on, as a collector does that reads every week.
        let mut ago = DAYS - 14;
        while ago >= 0 {
            let visits = part.iter().map(|member| visit(member, ago));
            store.record_all(visits.collect()).await.unwrap();
            ago -= 7;
        }
        for member in part {
            store.record(rest(member)).await.unwrap();
        }
        for week in (0..22).rev() {
            let counters = part.iter().map(|member| counters(member, week * 7));
            let counters: Vec<CountersReading> = counters.collect();
            let recorded = store.record_counters(&counters, Endpoint::Counters, "mine");
            recorded.await.unwrap();
        }
    }
}

fn at(member: &Member, asked_at: Timestamp, outcomes: Vec<(Endpoint, Outcome)>) -> Visit {
    Visit {
        repo: member.id,
        asked_at,
        credential: "0123456789abcdef".into(),
        outcomes,
    }
}

/// The fortnight that ended some days ago, with the lists of it.
fn visit(member: &Member, ago: i64) -> Visit {
    let last = newest().plus(-ago);
    let read_at = last.end() + SignedDuration::from_hours(9);
    let mut outcomes = Vec::new();
    for metric in Metric::ALL {
        let days = (0..14).rev().map(|before| ago + before);
        let rows = days.filter(|ago| !member.is_lost(*ago)).map(|ago| {
            let views = member.views(ago);
            let count = match metric {
                Metric::Views => Count::new(views, views.div_ceil(3)),
                Metric::Clones => Count::new(views / 5, (views / 5).div_ceil(2)),
            };
            (newest().plus(-ago), count.unwrap())
        });
        let rows: Vec<_> = rows.collect();
        // Days that are missing inside an answer would be zeros: a fortnight with a hole is told in
        // the part after it, as if it had been read too late.
        let rows = match rows
            .windows(2)
            .rposition(|pair| pair[1].0.days_since(pair[0].0) > 1)
        {
            Some(hole) => rows[hole + 1..].to_vec(),
            None => rows,
        };
        if rows.is_empty() {
            continue;
        }
        let people = rows.iter().map(|(_, count)| count.uniques().get()).max();
        let events: u64 = rows.iter().map(|(_, count)| count.count()).sum();
        let total = Count::new(events, people.unwrap_or(0)).unwrap();
        let reading = Reading::new(metric, read_at, rows, total).unwrap();
        let outcome = Outcome::Traffic {
            reading,
            etag: None,
        };
        outcomes.push((metric.into(), outcome));
    }
    let window = Some(Window { last });
    for ranking in Ranking::ALL {
        let reading = RankedReading {
            ranking,
            read_at,
            lines: lines(member, ranking, ago),
        };
        let endpoint = match ranking {
            Ranking::Referrers => Endpoint::Referrers,
            Ranking::Paths => Endpoint::Paths,
        };
        let outcome = Outcome::Ranked {
            reading,
            window,
            etag: None,
        };
        outcomes.push((endpoint, outcome));
    }
    at(member, read_at, outcomes)
}

/// What strangers call things.
pub(crate) const HOSTILE: [&str; 4] = [
    "<script>alert(1)</script>",
    "evil.example|x|[link](https://evil.example)",
    "世界 of letters that no font has",
    "\u{202e}turned.example",
];

fn lines(member: &Member, ranking: Ranking, ago: i64) -> Vec<Ranked> {
    let all: u64 = (ago..ago + 14).map(|ago| member.views(ago)).sum();
    let path = format!("/{}", member.name);
    let names: Vec<String> = match ranking {
        Ranking::Referrers => {
            let known = ["Google", "github.com", "news.ycombinator.com"];
            known
                .into_iter()
                .chain(HOSTILE)
                .map(str::to_owned)
                .collect()
        }
        Ranking::Paths => ["", "/issues", "/blob/main/README.md"]
            .map(|end| format!("{path}{end}"))
            .into_iter()
            .chain([format!("{path}/tree/main/{}", "a-long-folder/".repeat(12))])
            .collect(),
    };
    let lines = names.into_iter().zip(2_u64..).filter_map(|(name, part)| {
        let count = all / (part * part);
        (count > 0).then(|| Ranked {
            name,
            title: None,
            total: Rolling(Count::new(count, count.div_ceil(2)).unwrap()),
        })
    });
    lines.collect()
}

/// Stars by day and releases, as read last.
fn rest(member: &Member) -> Visit {
    let read_at = newest().end() + SignedDuration::from_hours(10);
    let saturday = StarWeek::last_of(newest());
    let weeks = (0..24_i64).rev().map(|week| StarWeek {
        first: saturday.plus(-6 - week * 7),
        days: [0, 1, 2, 0, 1, 0, 0].map(|stars| match week {
            0 => 0,
            _ => stars * (member.usual / 30),
        }),
    });
    let history = StarHistory {
        read_at,
        weeks: weeks.collect(),
    };
    let assets = [
        "tool-x86_64-linux.tar.gz",
        "tool-x86_64-windows.zip",
        "SHA256SUMS",
    ];
    let release = |number: u64, tag: &str, ago: i64| Release {
        id: member.id.0 * 100 + number,
        tag: tag.to_owned(),
        name: None,
        published_at: Some(newest().plus(-ago).start()),
        is_prerelease: false,
        assets: assets
            .iter()
            .zip(1..)
            .map(|(name, place)| Asset {
                id: member.id.0 * 1_000 + number * 10 + place,
                name: (*name).to_owned(),
                size: 1_000,
                downloads: member.usual * number * (4 - place),
                created_at: Some(newest().plus(-ago).start()),
            })
            .collect(),
    };
    let reading = ReleasesReading {
        read_at,
        releases: vec![release(2, "v1.1.0", 24), release(1, "v1.0.0", 70)],
        is_whole: true,
    };
    let outcomes = vec![
        (
            Endpoint::Stars,
            Outcome::Stars {
                history,
                reaches_back: false,
                etag: None,
            },
        ),
        (
            Endpoint::Releases,
            Outcome::Releases {
                reading,
                etag: None,
            },
        ),
    ];
    at(member, read_at, outcomes)
}

fn counters(member: &Member, ago: i64) -> CountersReading {
    let grown = u64::try_from(DAYS - ago).unwrap();
    CountersReading {
        repo: member.id,
        read_at: newest().plus(1 - ago).start() + SignedDuration::from_hours(11),
        counters: Counters {
            stars: member.usual * 4 + grown * (member.usual / 30),
            forks: member.usual / 2 + grown / 20,
            watchers: Some(member.usual / 5),
            ..Counters::default()
        },
        profile: Profile {
            description: Some("Says hello to <everybody> & more".to_owned()),
            language: Some("Rust".to_owned()),
            licence: None,
            topics: Vec::new(),
            is_archived: false,
            visibility: match member.is_private {
                true => Visibility::Private,
                false => Visibility::Public,
            },
        },
        tags: None,
    }
}
