//! What Sail (in its distributed mode), `DuckDB` and pandas reckon out of a million rows of ours,
//! against what plain SQL reckons out of the store's own tables.

use std::collections::BTreeMap;
use std::process::Command;

use rusqlite::types::Value as Sql;
use serde_json::{Value, json};

use crate::house::{House, is_whole, python};
use gitratra_warehouse::FolderPlace;

/// A question to the warehouse, and the same to the tables of the store.
struct Question {
    name: &'static str,
    warehouse: &'static str,
    store: &'static str,
}

const QUESTIONS: [Question; 11] = [
    Question {
        name: "rows",
        warehouse: "select count(*), count(views), sum(views), sum(views_uniques), count(clones),
                        sum(clones)
                    from daily where state = 'measured'",
        store: "select count(*), count(views), sum(views), sum(views_uniques), count(clones),
                    sum(clones)
                from traffic_day",
    },
    Question {
        name: "seven days",
        warehouse: "select repo_id, count(*), sum(seven), max(seven), max(mean) from (
                        select repo_id,
                            sum(views) over (partition by repo_id order by day
                                rows between 6 preceding and current row) as seven,
                            avg(views) over (partition by repo_id order by day
                                rows between 6 preceding and current row) as mean
                        from daily where state = 'measured'
                    ) as moving group by repo_id order by repo_id",
        store: "select repo_id, count(*), sum(seven), max(seven), max(mean) from (
                    select repo_id,
                        sum(views) over (partition by repo_id order by day
                            rows between 6 preceding and current row) as seven,
                        avg(views) over (partition by repo_id order by day
                            rows between 6 preceding and current row) as mean
                    from traffic_day
                ) group by repo_id order by repo_id",
    },
    Question {
        name: "best days",
        warehouse: "select repo_id, day, views, place from (
                        select repo_id, day, views,
                            rank() over (partition by repo_id order by views desc, day) as place
                        from daily where state = 'measured'
                    ) as ranked where place <= 3 order by repo_id, place",
        store: "select repo_id, date(day * 86400, 'unixepoch'), views, place from (
                    select repo_id, day, views,
                        rank() over (partition by repo_id order by views desc, day) as place
                    from traffic_day
                ) where place <= 3 order by repo_id, place",
    },
    Question {
        name: "gaps by lag",
        warehouse: "select repo_id, sum(apart - 1), max(apart) from (
                        select repo_id, {days:day:before} as apart from (
                            select repo_id, day,
                                lag(day) over (partition by repo_id order by day) as before
                            from daily where state = 'measured'
                        ) as pairs where before is not null
                    ) as spans group by repo_id order by repo_id",
        store: "select repo_id, sum(apart - 1), max(apart) from (
                    select repo_id, day - lag(day) over (partition by repo_id order by day) as apart
                    from traffic_day
                ) where apart is not null group by repo_id order by repo_id",
    },
    Question {
        name: "gaps by state",
        warehouse: "select repo_id, count(*), count(views), count(clones) from daily
                    where state = 'gap' group by repo_id order by repo_id",
        store: "select repo_id, max(day) - min(day) + 1 - count(*), 0, 0 from traffic_day
                group by repo_id having max(day) - min(day) + 1 > count(*) order by repo_id",
    },
    Question {
        name: "months",
        warehouse: "select y, m, count(*), sum(views) from (
                        select cast(year as int) as y, cast(month as int) as m, views, state
                        from daily
                    ) as named where state = 'measured' and y >= 2022 group by y, m order by y, m",
        store: "select y, m, count(*), sum(views) from (
                    select cast(strftime('%Y', day * 86400, 'unixepoch') as int) as y,
                        cast(strftime('%m', day * 86400, 'unixepoch') as int) as m, views
                    from traffic_day
                ) where y >= 2022 group by y, m order by y, m",
    },
    Question {
        name: "one month",
        warehouse: "select count(*), min(day), max(day) from daily
                    where year = 2021 and month = 3 and state = 'measured'",
        store: "select count(*), date(min(day) * 86400, 'unixepoch'),
                    date(max(day) * 86400, 'unixepoch')
                from traffic_day where date(day * 86400, 'unixepoch') like '2021-03-%'",
    },
    Question {
        name: "days, repositories and referrers",
        warehouse: "select r.is_fork, f.referrer, count(*), sum(d.views), sum(f.views),
                        max(f.uniques)
                    from daily as d
                    inner join repos as r on r.repo_id = d.repo_id
                    inner join referrers as f on f.repo_id = d.repo_id and f.{q:to} = d.day
                    where d.state = 'measured'
                    group by r.is_fork, f.referrer order by r.is_fork, f.referrer",
        store: "select r.is_fork, n.name, count(*), sum(d.views), sum(l.count), max(l.uniques)
                from traffic_day as d
                inner join repo as r using (repo_id)
                inner join ranked_window as w on w.repo_id = d.repo_id and w.last_day = d.day
                    and w.referrers_seen is not null
                inner join ranked_run as l on l.repo_id = d.repo_id and l.ranking = 0
                    and d.day between l.first_window and l.last_window
                inner join ranked_name as n on n.repo_id = l.repo_id and n.ranking = 0
                    and n.name_id = l.name_id
                group by r.is_fork, n.name order by r.is_fork, n.name",
    },
    Question {
        name: "the week after a release",
        warehouse: "select l.release, count(*), sum(d.views), count(distinct l.repo_id)
                    from releases as l
                    inner join daily as d on d.repo_id = l.repo_id
                        and {days:d.day:cast(l.published_at as date)} between 0 and 6
                    where d.state = 'measured' group by l.release order by l.release",
        store: "select l.tag, count(*), sum(d.views), count(distinct l.repo_id)
                from release as l
                inner join traffic_day as d on d.repo_id = l.repo_id
                    and d.day - l.published_at / 86400 between 0 and 6
                group by l.tag order by l.tag",
    },
    Question {
        name: "moments, flags and titles",
        warehouse: "select is_prerelease, count(*), count(title), sum({secs:published_at}),
                        count(gone_since)
                    from releases group by is_prerelease order by is_prerelease",
        store: "select is_prerelease, count(*), count(name), sum(published_at), count(gone_since)
                from release group by is_prerelease order by is_prerelease",
    },
    Question {
        name: "downloads and titles of paths",
        warehouse: "select r.is_private, x.downloads, p.titles from repos as r
                    inner join (
                        select repo_id, sum(downloads) as downloads from downloads group by repo_id
                    ) as x on x.repo_id = r.repo_id
                    inner join (
                        select t.repo_id, count(*) as titles from titles as t
                        inner join paths as p on p.repo_id = t.repo_id and p.path = t.path
                        group by t.repo_id
                    ) as p on p.repo_id = r.repo_id
                    order by r.repo_id",
        store: "select is_private,
                    (select sum(most) from (
                        select max(downloads) as most from asset_run
                        where asset_run.repo_id = repo.repo_id group by asset_id
                    )),
                    (select count(*) from ranked_run as l
                        inner join ranked_name as n using (repo_id, ranking, name_id)
                        inner join ranked_window as w on w.repo_id = l.repo_id
                            and w.last_day between l.first_window and l.last_window
                        where l.repo_id = repo.repo_id and l.ranking = 1 and n.title is not null)
                from repo order by repo_id",
    },
];

/// What the store's own tables say.
fn expected(house: &House) -> BTreeMap<&'static str, Value> {
    let sql = house.sql();
    let answer = |question: &Question| {
        let mut asked = sql.prepare(question.store).unwrap();
        let columns = asked.column_count();
        let rows = asked.query_map([], |row| {
            let cells = (0..columns).map(|at| {
                Ok(match row.get(at)? {
                    Sql::Null => Value::Null,
                    Sql::Integer(number) => json!(number),
                    Sql::Real(number) => json!(number),
                    Sql::Text(text) => json!(text),
                    Sql::Blob(_) => unreachable!("no table has one"),
                })
            });
            cells.collect::<Result<Vec<Value>, _>>()
        });
        json!(rows.unwrap().map(Result::unwrap).collect::<Vec<_>>())
    };
    QUESTIONS
        .iter()
        .map(|question| (question.name, answer(question)))
        .collect()
}

fn ask(engine: &str, house: &House) -> Value {
    let questions: BTreeMap<&str, &str> = QUESTIONS
        .iter()
        .map(|question| (question.name, question.warehouse))
        .collect();
    let file = house.path("questions.json");
    std::fs::write(&file, serde_json::to_vec(&questions).unwrap()).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/warehouse/read_back.py");
    let ran = Command::new(python())
        .arg(script)
        .args([engine.into(), house.path("w"), file])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{engine}: {told}");
    serde_json::from_slice(&ran.stdout).unwrap()
}

/// Numbers with a fraction may differ in their last digits, everything else not at all.
#[track_caller]
fn same(told: &Value, expected: &Value, what: &str) {
    match (told, expected) {
        (Value::Array(told), Value::Array(expected)) => {
            assert_eq!(told.len(), expected.len(), "{what}");
            for (told, expected) in told.iter().zip(expected) {
                same(told, expected, what);
            }
        }
        (Value::Number(one), Value::Number(other)) if one.is_f64() || other.is_f64() => {
            let (one, other) = (one.as_f64().unwrap(), other.as_f64().unwrap());
            assert!(
                (one - other).abs() <= 1e-9 * other.abs().max(1.0),
                "{what}: {one} {other}"
            );
        }
        _ => assert_eq!(told, expected, "{what}"),
    }
}

fn types(told: &Value, table: &str, expected: &[(&str, &str)]) {
    for (column, kind) in expected {
        let found = &told[&format!("types of {table}")][column];
        assert_eq!(found, kind, "{table}.{column}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sail_duckdb_and_pandas_reckon_a_million_rows_as_the_store_does() {
    let mut house = House::new().await;
    house.fill(410, "2019-11-20", 2_500, 60);
    let done = house.go("w").await;
    is_whole(&FolderPlace::look(&house.path("w"))).await;
    let expected = expected(&house);
    let known = expected["rows"][0][0].as_u64().unwrap();
    assert!(
        known > 1_000_000 && done.rows > known,
        "{known} of {done:?}"
    );
    assert!(expected["gaps by state"].as_array().unwrap().len() > 400);

    let sail = ask("sail", &house);
    let duckdb = ask("duckdb", &house);
    for (engine, told) in [("sail", &sail), ("duckdb", &duckdb)] {
        for (name, expected) in &expected {
            same(&told[*name], expected, &format!("{engine}: {name}"));
        }
    }
    types(
        &sail,
        "daily",
        &[
            ("repo", "string"),
            ("repo_id", "bigint"),
            ("day", "date"),
            ("views", "bigint"),
            ("state", "string"),
        ],
    );
    types(
        &sail,
        "repos",
        &[("is_private", "boolean"), ("first_seen", "timestamp")],
    );
    types(
        &sail,
        "releases",
        &[("published_at", "timestamp"), ("title", "string")],
    );
    types(
        &duckdb,
        "daily",
        &[
            ("repo", "VARCHAR"),
            ("repo_id", "BIGINT"),
            ("day", "DATE"),
            ("views", "BIGINT"),
            ("state", "VARCHAR"),
        ],
    );
    let zoned = "TIMESTAMP WITH TIME ZONE";
    types(
        &duckdb,
        "repos",
        &[("is_private", "BOOLEAN"), ("first_seen", zoned)],
    );
    types(&duckdb, "releases", &[("published_at", zoned)]);

    let pandas = ask("pandas", &house);
    types(
        &pandas,
        "daily",
        &[("views", "Int64"), ("repo_id", "Int64")],
    );
    let moment = "datetime64[us, UTC]";
    types(
        &pandas,
        "repos",
        &[("is_private", "boolean"), ("first_seen", moment)],
    );
    assert_eq!(pandas["day"], "date");
    let gaps = expected["gaps by state"].as_array().unwrap().iter();
    let gaps: u64 = gaps.map(|row| row[1].as_u64().unwrap()).sum();
    assert_eq!(pandas["empty"], gaps);
    assert_eq!(pandas["rows"], known + gaps);
    let sums = house.sql();
    let mut asked = sums
        .prepare("select repo_id, sum(views), count(views) from traffic_day group by 1 order by 1")
        .unwrap();
    let sums = asked.query_map([], |row| {
        Ok(json!([
            row.get::<_, i64>(0)?,
            row.get::<_, i64>(1)?,
            row.get::<_, i64>(2)?
        ]))
    });
    let sums: Vec<Value> = sums.unwrap().map(Result::unwrap).collect();
    assert_eq!(pandas["sums"], json!(sums));
    assert_eq!(pandas["months"][0], json!([2019, 11]));
}
