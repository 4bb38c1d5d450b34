-- Who bears a name now; of several the one that was confirmed last.
select repo_id
from repo
where name_key = $1
and repo_id >= 0
order by named_at desc, repo_id
limit 1
