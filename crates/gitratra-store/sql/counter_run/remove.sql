delete from counter_run
where repo_id = $1
and last_day = $2
