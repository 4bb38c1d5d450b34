-- The days of a range of all repositories. The cross join keeps the order: for each repository one
-- seek into its days, never a walk through all history. Nothing is said about the order of one
-- repository's days: asking for it makes SQLite sort what it reads in order anyway. What is not
-- believed (a source of 2^30 and more) is not told.
select
    fact.repo_id,
    fact.day,
    case when fact.views_source < 1073741824 then fact.views end as views,
    fact.views_last_seen,
    case when fact.clones_source < 1073741824 then fact.clones end as clones,
    fact.clones_last_seen
from repo
cross join traffic_day as fact
where fact.repo_id = repo.repo_id
and fact.day between $1 and $2
and repo.repo_id between $3 and $4
order by repo.repo_id
