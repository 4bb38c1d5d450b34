select
    holder,
    host,
    since,
    seen_at
from collector
where seen_at > $1
order by since, holder
