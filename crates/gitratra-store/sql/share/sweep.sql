delete from share
where share_id in (
    select share_id
    from share
    where expires_at <= $1
    order by expires_at, share_id
    limit 100
)
