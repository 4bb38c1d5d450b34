delete from ranked
where repo_id = $1
and ranking = $2
and last_day = $3
and name_id = $4
