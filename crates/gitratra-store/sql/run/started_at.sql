select started_at
from run
where run_id = $1
