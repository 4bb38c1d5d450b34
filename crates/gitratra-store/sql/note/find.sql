select note_id
from note
where repo_id = $1
and day = $2
and body = $3
order by note_id
limit 1
