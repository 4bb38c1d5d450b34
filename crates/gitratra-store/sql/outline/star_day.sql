-- Stars given on each day of the fleet as sums.
select
    day as first_day,
    day as last_day,
    cast(count(*) as bigint) as days,
    cast(sum(given) as bigint) as given,
    cast(sum(still) as bigint) as still,
    cast(sum((repo_id % 1000003) * ((given * 3 + still * 7) % 1000000007) % 2147483647) as bigint)
        as weighted
from star_day
group by day
order by day
