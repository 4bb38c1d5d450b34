-- The runs that reach into some windows.
select
    name_id,
    first_window,
    last_window,
    count,
    uniques
from ranked_run
where repo_id = $1
and ranking = $2
and last_window >= $3
and first_window <= $4
order by last_window, name_id
