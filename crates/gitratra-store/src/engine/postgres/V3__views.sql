-- For people: a row for each line of each window, however it is kept.

create view ranked_read as
select
    coalesce(repo.full_name, cast(line.repo_id as text)) as repo,
    case line.ranking when 0 then 'referrers' else 'paths' end as ranking,
    to_char(date '1970-01-01' + seen.last_day, 'YYYY-MM-DD') as last_day,
    called.name,
    called.title,
    line.count,
    line.uniques
from ranked_run as line
inner join ranked_window as seen
    on seen.repo_id = line.repo_id
    and seen.last_day between line.first_window and line.last_window
    and case line.ranking when 0 then seen.referrers_seen else seen.paths_seen end is not null
inner join ranked_name as called
    on called.repo_id = line.repo_id
    and called.ranking = line.ranking
    and called.name_id = line.name_id
left join repo
    on repo.repo_id = line.repo_id;
