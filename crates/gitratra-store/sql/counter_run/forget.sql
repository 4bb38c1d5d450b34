delete from counter_run
where repo_id = $1
