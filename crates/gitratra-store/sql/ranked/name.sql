select
    name_id,
    title
from ranked_name
where repo_id = $1
and ranking = $2
and name = $3
