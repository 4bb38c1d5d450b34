delete from session
where token_hash in (
    select token_hash
    from session
    where expires_at <= $1
    order by expires_at, token_hash
    limit 100
)
