delete from ranked_name
where repo_id = $1
