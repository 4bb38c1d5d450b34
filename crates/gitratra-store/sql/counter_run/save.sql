insert into counter_run (
    repo_id,
    first_day,
    last_day,
    stars,
    forks,
    watchers,
    open_issues,
    open_pulls,
    open_both,
    size_kib,
    releases,
    read_at
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
on conflict (repo_id, last_day) do update set
    first_day = excluded.first_day,
    stars = excluded.stars,
    forks = excluded.forks,
    watchers = excluded.watchers,
    open_issues = excluded.open_issues,
    open_pulls = excluded.open_pulls,
    open_both = excluded.open_both,
    size_kib = excluded.size_kib,
    releases = excluded.releases,
    read_at = excluded.read_at
