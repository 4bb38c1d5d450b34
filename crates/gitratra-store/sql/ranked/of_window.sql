select
    line.name_id,
    called.name,
    called.title,
    line.count,
    line.uniques
from ranked as line
inner join ranked_name as called
    on called.repo_id = line.repo_id
    and called.ranking = line.ranking
    and called.name_id = line.name_id
where line.repo_id = $1
and line.ranking = $2
and line.last_day = $3
order by line.count desc, called.name
