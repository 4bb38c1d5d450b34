delete from traffic_day
where repo_id = $1
