delete from star_day
where repo_id = $1
