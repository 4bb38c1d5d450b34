select last_day
from seal
where repo_id = $1
order by last_day desc
limit 1
