delete from told_total
where repo_id = $1
