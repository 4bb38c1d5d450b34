-- One row for each repository that was ever asked about.
select
    repo_id,
    max(case when endpoint = 'views' then newest_day end) as views,
    max(case when endpoint = 'clones' then newest_day end) as clones,
    max(case when endpoint = 'referrers' then newest_day end) as referrers,
    max(case when endpoint = 'paths' then newest_day end) as paths,
    min(asked_at) as asked_at,
    count(*) as endpoints,
    count(failed_since) as failures
from asked
where endpoint in ('views', 'clones', 'referrers', 'paths')
group by repo_id
order by repo_id
