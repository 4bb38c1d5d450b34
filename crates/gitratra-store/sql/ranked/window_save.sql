-- The caller brings no reading that is older than the one that is held, and one list at a time.
insert into ranked_window (repo_id, last_day, referrers_seen, paths_seen)
values ($1, $2, $3, $4)
on conflict (repo_id, last_day) do update set
    referrers_seen = coalesce(excluded.referrers_seen, ranked_window.referrers_seen),
    paths_seen = coalesce(excluded.paths_seen, ranked_window.paths_seen)
