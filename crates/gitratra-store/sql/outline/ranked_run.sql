-- Runs of lines of one kind of list as sums, together where they are of the same windows.
select
    first_window as first_day,
    last_window as last_day,
    cast(count(*) as bigint) as runs,
    cast(sum(count) as bigint) as counts,
    cast(sum(uniques) as bigint) as uniques,
    cast(sum(
        (repo_id % 1000003)
        * ((cast(name_id as bigint) * 8191 + count * 3 + uniques * 7) % 1000000007)
        % 2147483647
    ) as bigint) as weighted
from ranked_run
where ranking = $1
group by first_window, last_window
order by first_window, last_window
