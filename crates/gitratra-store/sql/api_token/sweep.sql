delete from api_token
where token_id in (
    select token_id
    from api_token
    where expires_at <= $1
    order by expires_at, token_id
    limit 100
)
