-- The cross join keeps the order: for each repository one seek into its days, never a walk
-- through all history.
select
    fact.day,
    count(case when fact.views_last_seen >= 0 then 1 end) as views_measured,
    count(case when fact.views_last_seen >= 0 and fact.views > 0 then 1 end) as views_busy,
    count(case when fact.clones_last_seen >= 0 then 1 end) as clones_measured,
    count(case when fact.clones_last_seen >= 0 and fact.clones > 0 then 1 end) as clones_busy
from repo
cross join traffic_day as fact
where fact.repo_id = repo.repo_id
and fact.day between $1 and $2
group by fact.day
order by fact.day
