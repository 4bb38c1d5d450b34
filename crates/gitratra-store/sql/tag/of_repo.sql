select
    name,
    day
from tag
where repo_id = $1
order by day, name
