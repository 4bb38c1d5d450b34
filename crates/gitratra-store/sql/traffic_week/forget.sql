delete from traffic_week
where repo_id = $1
