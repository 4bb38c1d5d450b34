delete from star_span
where repo_id = $1
and last_day = $2
