-- When a window was read, and the two that were read before and after it.
select
    (
        select case cast($2 as smallint) when 0 then referrers_seen else paths_seen end
        from ranked_window
        where repo_id = $1
        and last_day = $3
    ) as seen,
    (
        select last_day
        from ranked_window
        where repo_id = $1
        and last_day < $3
        and case cast($2 as smallint) when 0 then referrers_seen else paths_seen end is not null
        order by last_day desc
        limit 1
    ) as day_before,
    (
        select last_day
        from ranked_window
        where repo_id = $1
        and last_day > $3
        and case cast($2 as smallint) when 0 then referrers_seen else paths_seen end is not null
        order by last_day
        limit 1
    ) as day_after
