-- The runs that reach into some windows, with their names.
select
    line.name_id,
    line.first_window,
    line.last_window,
    line.count,
    line.uniques,
    called.name,
    called.title
from ranked_run as line
inner join ranked_name as called
    on called.repo_id = line.repo_id
    and called.ranking = line.ranking
    and called.name_id = line.name_id
where line.repo_id = $1
and line.ranking = $2
and line.last_window >= $3
and line.first_window <= $4
order by line.last_window, line.name_id
