insert into star_span (repo_id, first_day, last_day, read_at)
values ($1, $2, $3, $4)
