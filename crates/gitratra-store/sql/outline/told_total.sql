-- Totals of one kind that files told of each day, as sums.
select
    day as first_day,
    day as last_day,
    cast(count(*) as bigint) as days,
    cast(sum(total) as bigint) as total,
    cast(sum((repo_id % 1000003) * (total % 1000000007) % 2147483647) as bigint) as weighted
from told_total
where tally = $1
group by day
order by day
