-- For people: names instead of numbers, days and times that can be read.

create view traffic_day_read as
select
    coalesce(repo.full_name, cast(fact.repo_id as text)) as repo,
    to_char(date '1970-01-01' + fact.day, 'YYYY-MM-DD') as day,
    fact.views,
    fact.views_uniques,
    case
        when fact.views is null then null
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
    to_char(date '1970-01-01' + seen.day, 'YYYY-MM-DD') as day,
    seen.count,
    seen.uniques,
    to_char(to_timestamp(seen.first_seen) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as first_seen,
    to_char(to_timestamp(seen.last_seen) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as last_seen,
    source.label as source
from sighting as seen
left join repo
    on repo.repo_id = seen.repo_id
left join source
    on source.source_id = seen.source;

create view ranked_read as
select
    coalesce(repo.full_name, cast(line.repo_id as text)) as repo,
    case line.ranking when 0 then 'referrers' else 'paths' end as ranking,
    to_char(date '1970-01-01' + line.last_day, 'YYYY-MM-DD') as last_day,
    called.name,
    called.title,
    line.count,
    line.uniques
from ranked as line
inner join ranked_name as called
    on called.repo_id = line.repo_id
    and called.ranking = line.ranking
    and called.name_id = line.name_id
left join repo
    on repo.repo_id = line.repo_id;

create view asked_read as
select
    coalesce(repo.full_name, cast(asked.repo_id as text)) as repo,
    asked.endpoint,
    to_char(to_timestamp(asked.asked_at) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as asked_at,
    to_char(to_timestamp(asked.answered_at) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as answered_at,
    to_char(date '1970-01-01' + asked.newest_day, 'YYYY-MM-DD') as newest_day,
    asked.status,
    asked.message,
    asked.action,
    to_char(to_timestamp(asked.failed_since) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as failed_since
from asked
left join repo
    on repo.repo_id = asked.repo_id;
