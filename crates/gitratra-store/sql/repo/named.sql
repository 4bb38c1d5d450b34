-- Who bears a name now, also where only a file told of it; of several the one confirmed last.
select repo_id
from repo
where name_key = $1
order by named_at desc, repo_id
limit 1
