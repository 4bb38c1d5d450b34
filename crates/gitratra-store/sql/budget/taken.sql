-- What all were given of the last minute, since when, and how many others are there.
select
    cast(coalesce(sum(points), 0) as bigint),
    min(second_at),
    cast(coalesce(sum(case when holder <> $4 then 1 else 0 end), 0) as bigint)
from budget
where credential = $1
and resource = $2
and second_at > $3
