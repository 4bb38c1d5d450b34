-- People over the 14 days that end on each day; $4 is the metric.
select
    day,
    case cast($4 as smallint) when 0 then views_window_uniques else clones_window_uniques end as uniques
from traffic_day
where repo_id = $1
and day between $2 and $3
and case cast($4 as smallint) when 0 then views_window_uniques else clones_window_uniques end is not null
order by day
