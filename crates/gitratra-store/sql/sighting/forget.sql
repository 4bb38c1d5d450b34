delete from sighting
where repo_id = $1
