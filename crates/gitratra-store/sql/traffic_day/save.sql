insert into traffic_day (
    repo_id,
    day,
    views,
    views_uniques,
    views_first_seen,
    views_last_seen,
    views_source,
    views_window_uniques,
    clones,
    clones_uniques,
    clones_first_seen,
    clones_last_seen,
    clones_source,
    clones_window_uniques
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
on conflict (repo_id, day) do update set
    views = excluded.views,
    views_uniques = excluded.views_uniques,
    views_first_seen = excluded.views_first_seen,
    views_last_seen = excluded.views_last_seen,
    views_source = excluded.views_source,
    views_window_uniques = excluded.views_window_uniques,
    clones = excluded.clones,
    clones_uniques = excluded.clones_uniques,
    clones_first_seen = excluded.clones_first_seen,
    clones_last_seen = excluded.clones_last_seen,
    clones_source = excluded.clones_source,
    clones_window_uniques = excluded.clones_window_uniques
