-- Every day of the fleet as sums: each column by itself, and all of them once more with a weight for
-- each repository.
select
    day as first_day,
    day as last_day,
    cast(count(*) as bigint) as days,
    cast(sum(coalesce(views, -1)) as bigint) as views,
    cast(sum(coalesce(views_uniques, -1)) as bigint) as views_uniques,
    cast(sum(coalesce(views_window_uniques, -1)) as bigint) as views_window_uniques,
    cast(sum(coalesce(clones, -1)) as bigint) as clones,
    cast(sum(coalesce(clones_uniques, -1)) as bigint) as clones_uniques,
    cast(sum(coalesce(clones_window_uniques, -1)) as bigint) as clones_window_uniques,
    cast(sum(case when views_last_seen < 0 then 1 else 0 end) as bigint) as views_partial,
    cast(sum(case when clones_last_seen < 0 then 1 else 0 end) as bigint) as clones_partial,
    cast(sum(cast(coalesce(views_source, -1) as bigint)) as bigint) as views_source,
    cast(sum(cast(coalesce(clones_source, -1) as bigint)) as bigint) as clones_source,
    cast(sum(
        (repo_id % 1000003) * ((
            coalesce(views, -1) * 3
            + coalesce(views_uniques, -1) * 7
            + coalesce(views_window_uniques, -1) * 31
            + coalesce(clones, -1) * 127
            + coalesce(clones_uniques, -1) * 8191
            + coalesce(clones_window_uniques, -1) * 131071
            + case when views_last_seen < 0 then 524287 else 0 end
            + case when clones_last_seen < 0 then 1299709 else 0 end
        ) % 1000000007) % 2147483647
    ) as bigint) as weighted
from traffic_day
group by day
order by day
