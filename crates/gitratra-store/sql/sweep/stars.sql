-- The stars of each repository as they were last read by the end of a range, and as they were first
-- read within it: two seeks each.
select
    repo.repo_id,
    late.last_day,
    late.stars,
    early.first_day,
    early.stars
from repo
cross join counter_run as late
left join counter_run as early
    on early.repo_id = repo.repo_id
    and early.last_day = (
        select run.last_day
        from counter_run as run
        where run.repo_id = repo.repo_id
        and run.last_day >= $1
        order by run.last_day
        limit 1
    )
where late.repo_id = repo.repo_id
and late.last_day = (
    select run.last_day
    from counter_run as run
    where run.repo_id = repo.repo_id
    and run.first_day <= $2
    order by run.last_day desc
    limit 1
)
order by repo.repo_id
