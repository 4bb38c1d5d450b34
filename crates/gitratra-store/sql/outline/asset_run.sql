-- Runs of downloads as sums, together where they are of the same days.
select
    first_day,
    last_day,
    cast(count(*) as bigint) as runs,
    cast(sum(downloads) as bigint) as downloads,
    cast(sum(
        (repo_id % 1000003)
        * ((asset_id % 1000003 * 8191 + downloads * 3) % 1000000007)
        % 2147483647
    ) as bigint) as weighted
from asset_run
group by first_day, last_day
order by first_day, last_day
