-- Numbers the note within its repository, never with the number of one before, also where that was
-- removed. The repository is locked by the caller.
insert into note (repo_id, note_id, day, body, written_at)
select
    cast($1 as bigint),
    coalesce(max(note_id), 0) + 1,
    cast($2 as integer),
    cast($3 as text),
    cast($4 as bigint)
from note
where repo_id = cast($1 as bigint)
returning note_id
