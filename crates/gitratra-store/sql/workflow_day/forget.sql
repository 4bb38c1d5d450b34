delete from workflow_day
where repo_id = $1
