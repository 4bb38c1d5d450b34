select
    repo_id,
    answered_by
from asked
where endpoint = 'views'
and answered_by is not null
order by repo_id
