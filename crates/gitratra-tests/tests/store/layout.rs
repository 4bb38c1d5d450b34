//! Tables that are cut up hold what they held, answer as before, and are put together again; what
//! Citus is told is compared with what its functions were called with.

use gitratra_store::{Layout, LayoutPlan, LayoutStep, Store};

use crate::copies::dump;
use crate::place::{Kind, Place, with_place};
use crate::samples::day;
use crate::schema::{make_everything, make_second};
use crate::seals::{collect, verify};

const TODAY: &str = "2026-11-27";

async fn plan(store: &Store, to: Layout) -> LayoutPlan {
    store.layout_plan(to, day(TODAY)).await.unwrap()
}

/// Does what there is to do, and says to how many tables.
async fn lay_out(store: &Store, to: Layout) -> usize {
    let plan = plan(store, to).await;
    assert_eq!(plan.obstacles, [] as [&str; 0]);
    for step in &plan.steps {
        let is_done = store.lay_out(step.table, to, day(TODAY)).await.unwrap();
        assert!(is_done, "{}", step.table);
    }
    plan.steps.len()
}

async fn lines(store: &Store, place: &Place, name: &str) -> Vec<String> {
    let path = place.folder.path().join(name);
    store.copy_to_file(&path).await.unwrap();
    dump(&path)
}

/// Keys, indexes and views by their definitions, apart from those of the parts.
async fn schema(place: &Place) -> Vec<String> {
    let question = "
        select 'index ' || replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ')
        from pg_index as i
        inner join pg_class as c on c.oid = i.indrelid
        where c.relnamespace = 'public'::regnamespace and not c.relispartition
        union all
        select 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(k.oid)
        from pg_constraint as k
        inner join pg_class as c on c.oid = k.conrelid
        where c.relnamespace = 'public'::regnamespace and not c.relispartition
        union all
        select 'view ' || viewname || ' ' || definition from pg_views where schemaname = 'public'
        union all
        select 'column ' || table_name || ' '
            || row_number() over (partition by table_name order by ordinal_position)
            || ' ' || column_name || ' ' || data_type
            || ' ' || is_nullable || ' ' || coalesce(collation_name, '')
        from information_schema.columns
        where table_schema = 'public'
        and table_name !~ '_p[0-9]+_[0-9]+$' and table_name !~ '_y[0-9]+$' and table_name !~ '_rest$'
        union all
        select 'grant ' || c.relname || ' ' || c.relacl::text
        from pg_class as c
        where c.relnamespace = 'public'::regnamespace and c.relacl is not null
        order by 1";
    let rows = place.postgres().await.query(question, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

async fn filled(place: &Place) -> Store {
    make_everything(place).await;
    let store = place.open().await;
    for repo in 5..25 {
        collect(&store, repo, 70).await;
    }
    store.seal(None, u64::MAX).await.unwrap();
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_the_same_in_parts_in_years_and_put_together_again() {
    with_place(Kind::Postgres, async |place: Place| {
        let store = filled(&place).await;
        // What somebody else has made of the tables stays as well.
        let role = format!("reader_{}", std::process::id());
        place
            .execute(&format!(
                "drop role if exists {role}; create role {role}; grant select on traffic_day to {role}; \
                 create view own as select repo, count(*) as days from traffic_day_read group by repo; \
                 create view known as select repo_id, full_name from repo; \
                 grant select on known to {role}"
            ))
            .await;
        let (before, schema_before) = (lines(&store, &place, "before.db").await, schema(&place).await);
        let (verified, days) = (verify(&store).await, "select cast(sum(days) as bigint) from own");
        let days_before = place.number(days).await;
        let parts = "select count(*) from pg_inherits where inhparent = 'note'::regclass";
        for (number, to, expected) in [
            (0, Layout::Parts(3), 3),
            (1, Layout::Parts(4), 4),
            (2, Layout::Years, 0),
            (3, Layout::Whole, 0),
        ] {
            assert!(lay_out(&store, to).await > 9, "{to:?}");
            assert_eq!(place.number(parts).await, expected, "{to:?}");
            assert_eq!(plan(&store, to).await, LayoutPlan::default());
            let is_done = store.lay_out("traffic_day", to, day(TODAY)).await.unwrap();
            assert!(!is_done, "{to:?}");
            let after = lines(&store, &place, &format!("after-{number}.db")).await;
            assert!(after == before, "{to:?}");
            assert_eq!(schema(&place).await, schema_before, "{to:?}");
            assert_eq!(verify(&store).await, verified, "{to:?}");
            assert_eq!(place.number(days).await, days_before, "{to:?}");
        }
        place.execute(&format!("drop owned by {role}; drop role {role}")).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_cut_off_goes_on() {
    with_place(Kind::Postgres, async |place: Place| {
        let store = filled(&place).await;
        let before = lines(&store, &place, "before.db").await;
        let to = Layout::Parts(3);
        let all = plan(&store, to).await.steps;
        // Another table has the name of a part, so that the third one fails in the middle.
        let (done, failing) = (&all[..2], &all[2]);
        place
            .execute(&format!("create table {}_p3_1 (id integer)", failing.table))
            .await;
        for step in done {
            store.lay_out(step.table, to, day(TODAY)).await.unwrap();
        }
        store
            .lay_out(failing.table, to, day(TODAY))
            .await
            .unwrap_err();
        assert!(lines(&store, &place, "halved.db").await == before);
        let tables = |steps: &[LayoutStep]| steps.iter().map(|step| step.table).collect::<Vec<_>>();
        let rest = plan(&store, to).await.steps;
        assert_eq!(tables(&rest), tables(&all[2..]));
        place
            .execute(&format!("drop table {}_p3_1", failing.table))
            .await;
        assert_eq!(lay_out(&store, to).await, all.len() - 2);
        assert!(lines(&store, &place, "after.db").await == before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn days_of_a_year_without_a_part_are_kept_and_moved() {
    with_place(Kind::Postgres, async |place: Place| {
        let store = filled(&place).await;
        assert_eq!(store.prepare_years(day(TODAY)).await.unwrap(), 0);
        lay_out(&store, Layout::Years).await;
        assert_eq!(store.prepare_years(day(TODAY)).await.unwrap(), 0);
        let late = "insert into star_day (repo_id, day, given, still) values (5, 22000, 1, 1), (5, 30000, 1, 1)";
        place.execute(late).await;
        let in_rest = "select count(*) from star_day_rest";
        assert_eq!(place.number(in_rest).await, 2);
        // 2030-03-26 is day 22000.
        let made = store.prepare_years(day("2030-01-01")).await.unwrap();
        assert!(made > 10, "{made}");
        assert_eq!(store.prepare_years(day("2030-06-01")).await.unwrap(), 0);
        assert_eq!(place.number(in_rest).await, 1);
        assert_eq!(place.number("select count(*) from star_day_y2030").await, 1);
        assert_eq!(place.number("select count(*) from star_day where day >= 22000").await, 2);
        // Whoever puts it together again has them all.
        lay_out(&store, Layout::Whole).await;
        assert_eq!(place.number("select count(*) from star_day where day >= 22000").await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_an_update_lie_as_the_others_do() {
    with_place(Kind::Postgres, async |place: Place| {
        place.open().await.close().await;
        let store = place.open().await;
        lay_out(&store, Layout::Parts(3)).await;
        store.close().await;
        // As a store of before that is updated.
        make_second(&place).await;
        let store = place.open().await;
        assert_eq!(plan(&store, Layout::Parts(3)).await, LayoutPlan::default());
        let parts = "select count(*) from pg_inherits where inhparent = 'note'::regclass";
        assert_eq!(place.number(parts).await, 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_lost_stands_in_the_way() {
    with_place(Kind::Postgres, async |place: Place| {
        let store = place.open().await;
        place
            .execute(
                "create materialized view kept as select day from star_day; \
                 create publication out for table note; \
                 alter table tag enable row level security",
            )
            .await;
        let found = plan(&store, Layout::Parts(2)).await.obstacles.join("\n");
        for part in [
            "kept is kept from star_day",
            "publication \"out\"",
            "tag has triggers",
        ] {
            assert!(found.contains(part), "{part} is not in {found}");
        }
        let found = plan(&store, Layout::Spread(32)).await.obstacles.join("\n");
        assert!(
            found.contains("has no Citus") && found.contains("--partitions"),
            "{found}"
        );
    })
    .await;
    with_place(Kind::Sqlite, async |place: Place| {
        let store = place.open().await;
        let found = plan(&store, Layout::Years).await;
        assert!(found.obstacles[0].contains("gitratra migrate"), "{found:?}");
        assert!(
            !store
                .lay_out("note", Layout::Years, day(TODAY))
                .await
                .unwrap()
        );
        assert_eq!(store.prepare_years(day(TODAY)).await.unwrap(), 0);
    })
    .await;
}

/// What is asked of Citus, as functions of our own: they note how they were called, and keep the rows
/// where they are.
const STAND_IN: &str = "
    create table called (number bigserial, what text);
    create table pg_dist_node (isactive boolean, shouldhaveshards boolean, groupid integer);
    create table pg_dist_partition (logicalrel regclass, partmethod \"char\");
    create function citus_version() returns text language sql as $$ select text 'Citus 13.2.2 on x86_64' $$;
    create function create_distributed_table(
        table_name regclass, distribution_column text, distribution_type text default 'hash',
        colocate_with text default 'default', shard_count integer default null
    ) returns void language sql as $$
        insert into called (what) select concat_ws(' ', 'distributed', table_name, distribution_column,
            distribution_type, colocate_with, shard_count);
        insert into pg_dist_partition values (table_name, 'h')
    $$;
    create function create_reference_table(table_name regclass) returns void language sql as $$
        insert into called (what) select concat_ws(' ', 'reference', table_name);
        insert into pg_dist_partition values (table_name, 'n')
    $$;
    create function truncate_local_data_after_distributing_table(table_name regclass)
    returns void language sql as $$
        insert into called (what) select concat_ws(' ', 'emptied', table_name)
    $$;
    create function undistribute_table(table_name regclass) returns void language sql as $$
        insert into called (what) select concat_ws(' ', 'undone', table_name);
        delete from pg_dist_partition where logicalrel = table_name
    $$;";

#[tokio::test(flavor = "multi_thread")]
async fn citus_is_told_what_it_takes() {
    with_place(Kind::Postgres, async |place: Place| {
        let store = filled(&place).await;
        let before = lines(&store, &place, "before.db").await;
        let verified = verify(&store).await;
        place.execute(STAND_IN).await;
        let to = Layout::Spread(24);
        let found = plan(&store, to).await.obstacles.join("\n");
        assert!(
            found.contains("citus_add_node") && found.contains("citus_set_coordinator_host"),
            "{found}"
        );
        place
            .execute("insert into pg_dist_node values (true, true, 1), (true, false, 0)")
            .await;
        let steps = lay_out(&store, to).await;
        let called = async || {
            let rows = place.postgres().await;
            let rows = rows
                .query("select what from called order by number", &[])
                .await
                .unwrap();
            rows.iter().map(|row| row.get(0)).collect::<Vec<String>>()
        };
        let first = called().await;
        assert_eq!(first.len(), steps * 2);
        assert_eq!(
            first[..4],
            [
                "distributed repo repo_id hash none 24",
                "emptied repo",
                "distributed repo_name repo_id hash repo",
                "emptied repo_name",
            ]
        );
        for call in [
            "distributed traffic_day repo_id hash repo",
            "reference source",
            "reference suspect",
        ] {
            assert!(
                first.iter().any(|found| found == call),
                "{call} is not in {first:?}"
            );
        }
        // What collectors agree on, people and rules stay where they are.
        for here in [
            "lease",
            "budget",
            "collector",
            "person",
            "rule",
            "rule_repo",
            "run",
        ] {
            assert!(
                !first
                    .iter()
                    .any(|call| call.split(' ').nth(1) == Some(here)),
                "{here}"
            );
        }
        assert_eq!(plan(&store, to).await, LayoutPlan::default());
        assert_eq!(verify(&store).await, verified);
        assert!(lines(&store, &place, "after.db").await == before);
        // A table that an update brings goes where the others are, whatever was asked for first.
        place
            .execute("delete from pg_dist_partition where logicalrel = 'note'::regclass")
            .await;
        assert_eq!(plan(&store, Layout::Spread(32)).await.steps.len(), 1);
        let cut = plan(&store, Layout::Parts(2)).await.obstacles;
        assert!(cut.iter().any(|found| found.contains("--undo")), "{cut:?}");
        lay_out(&store, Layout::Whole).await;
        assert_eq!(
            called().await.last().unwrap().split(' ').next(),
            Some("undone")
        );
        let old = "create or replace function citus_version() returns text language sql as \
                   $$ select text 'Citus 9.5.1 on x86_64' $$";
        place.execute(old).await;
        let found = plan(&store, to).await.obstacles.join("\n");
        assert!(found.contains("Citus 11 or newer"), "{found}");
    })
    .await;
}
