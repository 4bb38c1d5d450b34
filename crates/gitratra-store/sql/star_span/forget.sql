delete from star_span
where repo_id = $1
