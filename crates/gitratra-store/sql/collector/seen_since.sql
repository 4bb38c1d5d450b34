-- With how many repositories each is at work on, and whether it looks after the fleet.
select
    holder,
    host,
    kind,
    since,
    seen_at,
    (
        select count(*)
        from lease
        where lease.holder = collector.holder
        and lease.repo_id is not null
        and lease.ends_at > $2
    ) as repos,
    (
        select count(*)
        from lease
        where lease.holder = collector.holder
        and lease.lease_key = 'chores'
        and lease.ends_at > $2
    ) as chores
from collector
where seen_at > $1
order by since, holder
