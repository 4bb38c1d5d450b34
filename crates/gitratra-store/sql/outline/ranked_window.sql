-- How many lists were read of each window, of either kind.
select
    last_day as first_day,
    last_day,
    cast(count(referrers_seen) as bigint) as referrers,
    cast(count(paths_seen) as bigint) as paths,
    cast(sum(case when referrers_seen is null then 0 else repo_id % 1000003 end) as bigint) as weighted_referrers,
    cast(sum(case when paths_seen is null then 0 else repo_id % 1000003 end) as bigint) as weighted_paths
from ranked_window
group by last_day
order by last_day
