-- The days of a range for which zero was given to any repository of the fleet beside another value.
-- The cross join keeps the order: for each repository one seek.
select distinct
    fact.metric,
    fact.day
from repo
cross join sighting as fact
where fact.repo_id = repo.repo_id
and fact.count = 0
and fact.day between $1 and $2
order by fact.metric, fact.day
