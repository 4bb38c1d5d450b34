select run_id
from run
where started_at = $1
    and finished_at = $2
    and sent = $3
    and not_modified = $4
    and retried = $5
    and ok = $6
    and failed = $7
    and skipped = $8
    and new_days = $9
order by run_id desc
limit 1
