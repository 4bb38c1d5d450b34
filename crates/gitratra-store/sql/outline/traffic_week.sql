-- Every week of the fleet as sums, dated by its Sunday.
select
    monday + 6 as first_day,
    monday + 6 as last_day,
    cast(count(*) as bigint) as weeks,
    cast(sum(coalesce(views, -1)) as bigint) as views,
    cast(sum(coalesce(views_uniques, -1)) as bigint) as views_uniques,
    cast(sum(coalesce(clones, -1)) as bigint) as clones,
    cast(sum(coalesce(clones_uniques, -1)) as bigint) as clones_uniques,
    cast(sum(
        (repo_id % 1000003) * ((
            coalesce(views, -1) * 3
            + coalesce(views_uniques, -1) * 7
            + coalesce(clones, -1) * 127
            + coalesce(clones_uniques, -1) * 8191
        ) % 1000000007) % 2147483647
    ) as bigint) as weighted
from traffic_week
group by monday
order by monday
