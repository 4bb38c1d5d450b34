-- For people: what is not believed says so.

create view traffic_day_read as
select
    coalesce(repo.full_name, cast(fact.repo_id as text)) as repo,
    date(fact.day * 86400, 'unixepoch') as day,
    fact.views,
    fact.views_uniques,
    case
        when fact.views is null then null
        when fact.views_source >= 1073741824 then 'doubted'
        when fact.views_last_seen < 0 then 'partial'
        when fact.views = 0 and exists (
            select 1 from suspect where suspect.metric = 0 and suspect.day = fact.day
        ) then 'suspect'
        else 'measured'
    end as views_state,
    fact.clones,
    fact.clones_uniques,
    case
        when fact.clones is null then null
        when fact.clones_source >= 1073741824 then 'doubted'
        when fact.clones_last_seen < 0 then 'partial'
        when fact.clones = 0 and exists (
            select 1 from suspect where suspect.metric = 1 and suspect.day = fact.day
        ) then 'suspect'
        else 'measured'
    end as clones_state,
    fact.views_window_uniques,
    fact.clones_window_uniques
from traffic_day as fact
left join repo
    on repo.repo_id = fact.repo_id;

create view sighting_read as
select
    coalesce(repo.full_name, cast(seen.repo_id as text)) as repo,
    case seen.metric when 0 then 'views' else 'clones' end as metric,
    date(seen.day * 86400, 'unixepoch') as day,
    seen.count,
    seen.uniques,
    strftime('%Y-%m-%dT%H:%M:%SZ', seen.first_seen, 'unixepoch') as first_seen,
    strftime('%Y-%m-%dT%H:%M:%SZ', seen.last_seen, 'unixepoch') as last_seen,
    source.label as source,
    seen.source >= 1073741824 as is_doubted
from sighting as seen
left join repo
    on repo.repo_id = seen.repo_id
left join source
    on source.source_id = seen.source % 1073741824;
