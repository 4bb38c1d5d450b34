-- Every repository with its first and its last day: two seeks each, however many lie between.
select
    repo.repo_id,
    repo.full_name,
    repo.is_private,
    repo.is_archived,
    repo.gone_status,
    (
        select oldest.day
        from traffic_day as oldest
        where oldest.repo_id = repo.repo_id
        order by oldest.day
        limit 1
    ) as first_day,
    (
        select newest.day
        from traffic_day as newest
        where newest.repo_id = repo.repo_id
        order by newest.day desc
        limit 1
    ) as last_day
from repo
order by repo.repo_id
