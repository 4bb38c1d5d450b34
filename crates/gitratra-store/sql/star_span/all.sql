-- The spans of each repository, the newest first.
select
    repo_id,
    first_day,
    last_day
from star_span
order by repo_id, last_day desc
