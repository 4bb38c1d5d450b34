-- Up to where each repository was read, and whether anything fails that loses days by failing.
select
    repo_id,
    max(case when endpoint = 'views' then newest_day end) as newest_views,
    max(case when endpoint = 'clones' then newest_day end) as newest_clones,
    count(case
        when endpoint in ('views', 'clones', 'referrers', 'paths', 'repository') then failed_since
    end) as failing
from asked
group by repo_id
order by repo_id
