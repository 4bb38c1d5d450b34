insert into traffic_week (repo_id, monday, views, views_uniques, clones, clones_uniques)
values ($1, $2, $3, $4, $5, $6)
on conflict (repo_id, monday) do update set
    views = excluded.views,
    views_uniques = excluded.views_uniques,
    clones = excluded.clones,
    clones_uniques = excluded.clones_uniques
