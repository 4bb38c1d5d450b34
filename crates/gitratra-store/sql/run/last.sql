select
    started_at,
    finished_at,
    sent,
    not_modified,
    retried,
    ok,
    failed,
    skipped,
    new_days
from run
order by run_id desc
limit 1
