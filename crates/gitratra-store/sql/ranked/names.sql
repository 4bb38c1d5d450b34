select
    name_id,
    name,
    title
from ranked_name
where repo_id = $1
and ranking = $2
order by name_id
