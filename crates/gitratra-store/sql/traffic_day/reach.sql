-- Two look-ups at the ends of the key, however many days lie between.
select
    (
        select min(day)
        from traffic_day
        where repo_id = $1
    ) as first_day,
    (
        select max(day)
        from traffic_day
        where repo_id = $1
    ) as last_day
