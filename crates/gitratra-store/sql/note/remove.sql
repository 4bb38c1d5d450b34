-- The number stays taken.
update note
set body = null
where repo_id = $1
and note_id = $2
and body is not null
