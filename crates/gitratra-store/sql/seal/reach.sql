-- Some repositories after one: the first day beyond the sealed months, and the newest day. Three
-- seeks each, however many days lie between.
select
    repo.repo_id,
    (
        select oldest.day
        from traffic_day as oldest
        where oldest.repo_id = repo.repo_id
        and oldest.day > coalesce((
            select last.last_day
            from seal as last
            where last.repo_id = repo.repo_id
            order by last.last_day desc
            limit 1
        ), -2000000000)
        order by oldest.day
        limit 1
    ) as first_day,
    (
        select newest.day
        from traffic_day as newest
        where newest.repo_id = repo.repo_id
        order by newest.day desc
        limit 1
    ) as newest_day
from repo
where repo.repo_id > $1
order by repo.repo_id
limit $2
