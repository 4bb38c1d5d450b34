-- Repositories that only files told of have the sign bit of their number set: one look at the
-- beginning of the key.
select repo_id
from repo
where repo_id < 0
order by repo_id
