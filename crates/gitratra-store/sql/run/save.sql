-- The runs are locked by the caller, so that two do not take the same number.
insert into run (
    run_id,
    started_at,
    finished_at,
    sent,
    not_modified,
    retried,
    ok,
    failed,
    skipped,
    new_days
)
select
    coalesce(max(run_id), 0) + 1,
    cast($1 as bigint),
    cast($2 as bigint),
    cast($3 as bigint),
    cast($4 as bigint),
    cast($5 as bigint),
    cast($6 as bigint),
    cast($7 as bigint),
    cast($8 as bigint),
    cast($9 as bigint)
from run
