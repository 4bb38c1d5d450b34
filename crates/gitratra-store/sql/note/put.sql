-- The earlier time is that at which the note was written.
update note
set written_at = $4
where repo_id = $1
and day = $2
and body = $3
