-- The newest run of each repository of the fleet: one seek into each one's runs.
select
    run.repo_id,
    run.first_day,
    run.last_day,
    run.stars,
    run.forks,
    run.watchers,
    run.open_issues,
    run.open_pulls,
    run.open_both,
    run.size_kib,
    run.releases,
    run.read_at
from repo
cross join counter_run as run
where run.repo_id = repo.repo_id
and run.last_day = (
    select newest.last_day
    from counter_run as newest
    where newest.repo_id = repo.repo_id
    order by newest.last_day desc
    limit 1
)
order by run.repo_id
