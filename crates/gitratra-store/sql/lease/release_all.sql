update lease
set holder = ''
where lease_key in (
    select lease_key
    from lease
    where holder = $1
    /* postgres: for update skip locked */
)
