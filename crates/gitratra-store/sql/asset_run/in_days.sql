-- The runs that reach into some days.
select
    asset_id,
    first_day,
    last_day,
    downloads
from asset_run
where repo_id = $1
and last_day >= $2
and first_day <= $3
order by last_day, asset_id
