-- Runs of counters as sums, together where they are of the same days.
select
    first_day,
    last_day,
    cast(count(*) as bigint) as runs,
    cast(sum(stars) as bigint) as stars,
    cast(sum(forks) as bigint) as forks,
    cast(sum(coalesce(watchers, -1)) as bigint) as watchers,
    cast(sum(coalesce(open_issues, -1)) as bigint) as open_issues,
    cast(sum(coalesce(open_pulls, -1)) as bigint) as open_pulls,
    cast(sum(coalesce(open_both, -1)) as bigint) as open_both,
    cast(sum(coalesce(size_kib, -1)) as bigint) as size_kib,
    cast(sum(coalesce(releases, -1)) as bigint) as releases,
    cast(sum(
        (repo_id % 1000003) * ((
            stars * 3
            + forks * 7
            + coalesce(watchers, -1) * 31
            + coalesce(open_issues, -1) * 127
            + coalesce(open_pulls, -1) * 8191
            + coalesce(open_both, -1) * 131071
            + coalesce(size_kib, -1) * 524287
            + coalesce(releases, -1) * 1299709
        ) % 1000000007) % 2147483647
    ) as bigint) as weighted
from counter_run
group by first_day, last_day
order by first_day, last_day
