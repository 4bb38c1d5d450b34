insert into ranked_run (repo_id, ranking, name_id, first_window, last_window, count, uniques)
values ($1, $2, $3, $4, $5, $6, $7)
