select distinct last_day
from seal
order by last_day
