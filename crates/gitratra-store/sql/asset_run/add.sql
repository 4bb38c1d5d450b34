insert into asset_run (repo_id, asset_id, first_day, last_day, downloads)
values ($1, $2, $3, $4, $5)
