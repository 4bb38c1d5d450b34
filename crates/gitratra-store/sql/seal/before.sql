select chain
from seal
where repo_id = $1
and last_day < $2
order by last_day desc
limit 1
