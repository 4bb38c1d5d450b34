delete from ranked_window
where repo_id = $1
