select
    last_day,
    content,
    chain,
    days
from seal
where repo_id = $1
and last_day >= $2
order by last_day
