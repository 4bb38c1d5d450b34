-- The runs that reach into some days.
select
    first_day,
    last_day,
    stars,
    forks,
    watchers,
    open_issues,
    open_pulls,
    open_both,
    size_kib,
    releases,
    read_at
from counter_run
where repo_id = $1
and last_day >= $2
and first_day <= $3
order by last_day
