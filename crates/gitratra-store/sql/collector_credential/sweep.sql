-- What is long past, and what one said that ended, where another one on its machine has a credential
-- of that name now.
delete from collector_credential
where seen_at <= $1
or (
    host = $2
    and label = $3
    and holder <> $4
    and holder not in (
        select holder
        from collector
        where seen_at > $5
    )
)
