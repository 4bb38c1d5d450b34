//! How tables lie on a server: asking its catalogue, and changing it.

use gitratra_core::Day;
use tokio_postgres::Client;

use super::Database;
use super::connect::UPDATE;
use super::copy::AS_LONG_AS_IT_TAKES;
use crate::error::Fault;
use crate::layout::{self, Found, Layout, LayoutPlan, LayoutStep, Lies};
use crate::tables::{TABLES, Table};

/// The oldest Citus of which it is known that it can answer what is asked.
const OLDEST_CITUS: u32 = 11;

/// What a table is, from the catalogue that each server has.
const TABLE: &str = "\
select
    p.partstrat::text,
    (select count(*) from pg_inherits as part where part.inhparent = c.oid),
    (
        select coalesce(sum(case when leaf.reltuples > 0 then leaf.reltuples else 0 end), 0)::bigint
        from pg_class as leaf
        where leaf.oid = c.oid
        or leaf.oid in (select relid from pg_partition_tree(c.oid) where isleaf)
    ),
    (
        select coalesce(sum(pg_total_relation_size(leaf.oid)), 0)::bigint
        from pg_class as leaf
        where leaf.oid = c.oid
        or leaf.oid in (select relid from pg_partition_tree(c.oid) where isleaf)
    ),
    case when c.relowner <> (select oid from pg_roles where rolname = current_user)
        then pg_get_userbyid(c.relowner)::text end,
    c.relrowsecurity
        or exists (select 1 from pg_trigger as t where t.tgrelid = c.oid and not t.tgisinternal),
    (
        select min(p.pubname)::text
        from pg_publication_rel as r
        inner join pg_publication as p on p.oid = r.prpubid
        where r.prrelid = c.oid
    ),
    c.oid
from pg_class as c
left join pg_partitioned_table as p
    on p.partrelid = c.oid
where c.oid = to_regclass($1)";

const KEYS: &str = "\
select format('alter table %s add constraint %I %s', $2::text, conname, pg_get_constraintdef(oid))
from pg_constraint
where conrelid = $1
and contype in ('p', 'u')
order by oid";

/// Of a table that is cut up the definition speaks of that table alone.
const INDEXES: &str = "\
select replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ')
from pg_index as i
where i.indrelid = $1
and not exists (select 1 from pg_constraint as k where k.conindid = i.indexrelid)
order by i.indexrelid";

/// Views are kept with their owners and grants, and read the new table.
const VIEWS: &str = "\
select distinct
    v.oid,
    v.relkind = 'v',
    v.oid::regclass::text,
    format(
        'create or replace view %s%s as %s',
        v.oid::regclass,
        ' with (' || array_to_string(v.reloptions, ', ') || ')',
        rtrim(pg_get_viewdef(v.oid), ';')
    )
from pg_depend as d
inner join pg_rewrite as r
    on r.oid = d.objid
inner join pg_class as v
    on v.oid = r.ev_class
where d.classid = 'pg_rewrite'::regclass
and d.refclassid = 'pg_class'::regclass
and d.refobjid = $1
and v.oid <> $1
order by v.oid";

const GRANTS: &str = "\
select format(
    'grant %s on %s to %s%s',
    given.privilege_type,
    $2::text,
    case given.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(given.grantee)) end,
    case when given.is_grantable then ' with grant option' else '' end
)
from pg_class as c
cross join aclexplode(c.relacl) as given
where c.oid = $1
and given.grantee <> c.relowner
order by 1";

const PARTS: &str = "\
select part.relname::text
from pg_inherits as i
inner join pg_class as part
    on part.oid = i.inhrelid
inner join pg_class as whole
    on whole.oid = i.inhparent
inner join pg_partitioned_table as p
    on p.partrelid = whole.oid
where p.partstrat = 'r'
and whole.relnamespace = to_regnamespace(quote_ident(current_schema()))
order by part.relname";

impl Database {
    /// What would have to be done so that tables lie in one way.
    pub(crate) async fn layout_plan(&self, to: Layout, today: Day) -> Result<LayoutPlan, Fault> {
        let mut client = self.pool.get().await?;
        let transaction = client.build_transaction().read_only(true).start().await?;
        transaction.batch_execute(AS_LONG_AS_IT_TAKES).await?;
        let mut plan = LayoutPlan::default();
        let citus = citus(transaction.client()).await?;
        if let Layout::Spread(_) = to {
            plan.obstacles
                .extend(machines(transaction.client(), citus.as_deref()).await?);
        }
        for table in TABLES {
            let found = found(transaction.client(), table, to).await?;
            let statements = layout::statements(table, &found, to, today);
            if statements.is_empty() {
                continue;
            }
            plan.obstacles.extend(found.obstacles);
            let is_cut = matches!(found.lies, Lies::Cut | Lies::Copied);
            let is_in_parts = matches!(found.lies, Lies::Parts(_) | Lies::Years);
            let is_spreading = matches!(to, Layout::Spread(_));
            if (is_cut && to != Layout::Whole) || (is_in_parts && is_spreading) {
                plan.obstacles.push(format!(
                    "{} is cut up in another way: put it together first with --undo",
                    table.name
                ));
            }
            plan.steps.push(LayoutStep {
                table: table.name,
                rows: found.rows,
                bytes: found.bytes,
                statements,
            });
        }
        Ok(plan)
    }

    /// Makes one table lie as it should.
    pub(crate) async fn lay_out(
        &self,
        table: &'static Table,
        to: Layout,
        today: Day,
    ) -> Result<bool, Fault> {
        let mut client = self.pool.get().await?;
        let transaction = client.transaction().await?;
        let is_done = lay_out(transaction.client(), table, to, today).await?;
        transaction.commit().await?;
        Ok(is_done)
    }

    /// Makes the parts of this year and of the next one.
    pub(crate) async fn prepare_years(&self, today: Day) -> Result<u64, Fault> {
        let mut client = self.pool.get().await?;
        let parts = parts(&client).await?;
        let mut made = 0;
        for (part, _) in layout::years(&parts, today) {
            let transaction = client.transaction().await?;
            take_turn(transaction.client()).await?;
            // Somebody else may have made it meanwhile.
            let parts = self::parts(transaction.client()).await?;
            let mut missing = layout::years(&parts, today).into_iter();
            let Some((_, statements)) = missing.find(|(name, _)| *name == part) else {
                continue;
            };
            for statement in statements {
                transaction.batch_execute(&statement).await?;
            }
            transaction.commit().await?;
            made += 1;
        }
        Ok(made)
    }
}

/// Whether Citus keeps the rows of repositories.
pub(crate) async fn is_spread(client: &Client) -> Result<bool, Fault> {
    let to = present(client).await?;
    Ok(matches!(to, Some(Layout::Spread(_))))
}

/// Makes tables that an update has brought lie as those of before do.
pub(super) async fn follow(client: &mut Client) -> Result<(), Fault> {
    let transaction = client.transaction().await?;
    let Some(to) = present(transaction.client()).await? else {
        return Ok(());
    };
    let day = "select (current_date - date '1970-01-01')::bigint";
    let today: i64 = transaction.query_one(day, &[]).await?.try_get(0)?;
    let today = Day::from_epoch_days(today).unwrap_or(Day::MAX);
    for table in TABLES {
        lay_out(transaction.client(), table, to, today).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// How the tables that each version has lie.
async fn present(client: &Client) -> Result<Option<Layout>, Fault> {
    for name in ["repo", "traffic_day"] {
        let Some(table) = TABLES.iter().find(|table| table.name == name) else {
            continue;
        };
        let to = match found(client, table, Layout::Whole).await?.lies {
            Lies::Whole => continue,
            Lies::Parts(parts) => Layout::Parts(parts),
            Lies::Years => Layout::Years,
            // The others go where this one is.
            Lies::Cut | Lies::Copied => Layout::Spread(0),
        };
        return Ok(Some(to));
    }
    Ok(None)
}

/// Waits until nobody else changes the schema.
async fn take_turn(client: &Client) -> Result<(), Fault> {
    let turn = "select pg_advisory_xact_lock($1)";
    client.execute(turn, &[&UPDATE]).await?;
    Ok(())
}

async fn lay_out(
    client: &Client,
    table: &'static Table,
    to: Layout,
    today: Day,
) -> Result<bool, Fault> {
    client.batch_execute(AS_LONG_AS_IT_TAKES).await?;
    take_turn(client).await?;
    let found = found(client, table, to).await?;
    let statements = layout::statements(table, &found, to, today);
    for statement in &statements {
        client.batch_execute(statement).await?;
    }
    Ok(!statements.is_empty())
}

async fn parts(client: &Client) -> Result<Vec<String>, Fault> {
    texts(client.query(PARTS, &[]).await?)
}

fn texts(rows: Vec<tokio_postgres::Row>) -> Result<Vec<String>, Fault> {
    let texts = rows.iter().map(|row| Ok(row.try_get(0)?));
    texts.collect()
}

/// What the server tells of a table.
async fn found(client: &Client, table: &Table, to: Layout) -> Result<Found, Fault> {
    let name = table.name;
    let row = client.query_one(TABLE, &[&name]).await?;
    let (by, parts): (Option<String>, i64) = (row.try_get(0)?, row.try_get(1)?);
    let id: u32 = row.try_get(7)?;
    let lies = match by.as_deref() {
        Some("h") => Lies::Parts(u16::try_from(parts).unwrap_or(u16::MAX)),
        Some(_) => Lies::Years,
        None => cut(client, id).await?,
    };
    let mut obstacles = Vec::new();
    if let Some(owner) = row.try_get::<_, Option<String>>(4)? {
        obstacles.push(format!(
            "{name} belongs to \"{owner}\": connect as \"{owner}\""
        ));
    }
    if row.try_get(5)? {
        obstacles.push(format!(
            "{name} has triggers or row security, which would be lost: drop them, and make them again afterwards"
        ));
    }
    if let Some(publication) = row.try_get::<_, Option<String>>(6)? {
        obstacles.push(format!(
            "{name} is in the publication \"{publication}\", which would lose it: take it out, and put it in again afterwards"
        ));
    }
    let mut views = Vec::new();
    for view in client.query(VIEWS, &[&id]).await? {
        match view.try_get(1)? {
            true => views.push(view.try_get(3)?),
            false => obstacles.push(format!(
                "{} is kept from {name}: drop it, and make it again afterwards",
                view.try_get::<_, String>(2)?
            )),
        }
    }
    let since = match (layout::wanted(table, to), layout::day_of(table)) {
        (Lies::Years, Some(day)) if lies != Lies::Years => {
            let first = format!("select min({day})::bigint from {name}");
            let first: Option<i64> = client.query_one(&first, &[]).await?.try_get(0)?;
            first.and_then(Day::from_epoch_days)
        }
        _ => None,
    };
    let whole = |at| Ok::<_, Fault>(row.try_get::<_, i64>(at)?.unsigned_abs());
    Ok(Found {
        lies,
        rows: whole(2)?,
        bytes: whole(3)?,
        keys: texts(client.query(KEYS, &[&id, &name]).await?)?,
        indexes: texts(client.query(INDEXES, &[&id]).await?)?,
        views,
        grants: texts(client.query(GRANTS, &[&id, &name]).await?)?,
        obstacles,
        since,
    })
}

/// Whether Citus has a table that is in no parts.
async fn cut(client: &Client, id: u32) -> Result<Lies, Fault> {
    if citus(client).await?.is_none() {
        return Ok(Lies::Whole);
    }
    let method = "select partmethod::text from pg_dist_partition where logicalrel::oid = $1";
    let method = client.query_opt(method, &[&id]).await?;
    let method: Option<String> = method.map(|row| row.try_get(0)).transpose()?;
    Ok(match method.as_deref() {
        None => Lies::Whole,
        Some("n") => Lies::Copied,
        Some(_) => Lies::Cut,
    })
}

/// The version of Citus in this database.
async fn citus(client: &Client) -> Result<Option<String>, Fault> {
    let is_there = "select to_regprocedure('citus_version()') is not null";
    if !client
        .query_one(is_there, &[])
        .await?
        .try_get::<_, bool>(0)?
    {
        return Ok(None);
    }
    let version = client.query_one("select citus_version()", &[]).await?;
    Ok(Some(version.try_get(0)?))
}

/// Why Citus cannot spread anything.
async fn machines(client: &Client, version: Option<&str>) -> Result<Vec<String>, Fault> {
    let Some(version) = version else {
        return Ok(vec![
            "this database has no Citus: install it on every machine, put it into \
             shared_preload_libraries, and `create extension citus`; without it `--partitions` cuts \
             tables on this machine alone"
                .into(),
        ]);
    };
    // "Citus 13.2.2 on x86_64-…"
    let number = version
        .split_whitespace()
        .nth(1)
        .and_then(|number| number.split('.').next());
    let number = number.and_then(|number| number.parse::<u32>().ok());
    if number.is_none_or(|number| number < OLDEST_CITUS) {
        return Ok(vec![format!(
            "this database has \"{version}\": Citus {OLDEST_CITUS} or newer is needed"
        )]);
    }
    let nodes = "select count(*) filter (where isactive and shouldhaveshards), \
                 count(*) filter (where groupid = 0) from pg_dist_node";
    let nodes = client.query_one(nodes, &[]).await?;
    let (workers, coordinators): (i64, i64) = (nodes.try_get(0)?, nodes.try_get(1)?);
    let mut obstacles = Vec::new();
    if workers == 0 {
        obstacles.push(
            "no machine is there to keep anything: `select citus_add_node('HOST', 5432)` for each"
                .into(),
        );
    }
    if coordinators == 0 {
        obstacles.push(
            "this machine does not know its own name, so that tables that are the same everywhere \
             would lack it: `select citus_set_coordinator_host('HOST', 5432)`"
                .into(),
        );
    }
    Ok(obstacles)
}
