select
    repo_id,
    publications
from rhythm
order by repo_id
