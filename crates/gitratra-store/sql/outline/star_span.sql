-- Spans of which the stars were read as sums, together where they are of the same days: as far as
-- they are told for good (what was read while a day may have been running is not), and all of them.
select
    first_day,
    until_day as last_day,
    cast(count(*) as bigint) as spans,
    cast(sum(weight) as bigint) as weighted
from (
    select
        first_day,
        cast(
            case
                when read_at / 86400 - 2 < last_day then read_at / 86400 - 2
                else last_day
            end as bigint
        ) as until_day,
        repo_id % 1000003 as weight
    from star_span
    union all
    select
        first_day,
        cast(last_day as bigint) as until_day,
        repo_id % 1000003 * 3 + 1 as weight
    from star_span
) as told
where first_day <= until_day
group by first_day, until_day
order by first_day, until_day
