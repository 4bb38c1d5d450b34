delete from ranked_run
where repo_id = $1
and ranking = $2
and last_window = $3
and name_id = $4
