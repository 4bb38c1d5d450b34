delete from lease
where lease_key in (
    select lease_key
    from lease
    where ends_at <= $1
    /* postgres: for update skip locked */
)
