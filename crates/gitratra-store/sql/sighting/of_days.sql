select
    day,
    count,
    uniques,
    first_seen,
    last_seen,
    source
from sighting
where repo_id = $1
and metric = $2
and day between $3 and $4
order by day, count, uniques
