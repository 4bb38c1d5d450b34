select
    note_id,
    day,
    body,
    written_at
from note
where repo_id = $1
and day between $2 and $3
and body is not null
order by day, note_id
