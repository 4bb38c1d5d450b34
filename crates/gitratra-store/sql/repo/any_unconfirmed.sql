-- Repositories that only files told of have the sign bit of their number set: one look at the
-- beginning of the key.
select 1 as found
from repo
where repo_id < 0
limit 1
