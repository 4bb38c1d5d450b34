delete from ranked_run
where repo_id = $1
