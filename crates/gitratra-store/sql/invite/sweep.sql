delete from invite
where secret_hash in (
    select secret_hash
    from invite
    where expires_at <= $1
    order by expires_at, secret_hash
    limit 100
)
