delete from login_failure
where tried in (
    select tried
    from login_failure
    where last_at <= $1
    order by last_at, tried
    limit 100
)
