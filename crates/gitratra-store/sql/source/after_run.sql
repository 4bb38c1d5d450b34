-- The sources that brought days when this run was the newest, or later.
select source_id
from source
where after_run >= $1
order by source_id
