-- Names that only files told of, each with those who bear it now, the one that was confirmed last
-- first.
select
    waiting.repo_id as unconfirmed_id,
    bearer.repo_id
from repo as waiting
inner join repo as bearer
    on bearer.name_key = waiting.name_key
where waiting.repo_id < 0
and bearer.repo_id >= 0
order by waiting.repo_id, bearer.named_at desc, bearer.repo_id
