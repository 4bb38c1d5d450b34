-- The row stays for whoever takes it next.
update lease
set holder = ''
where lease_key = (
    select lease_key
    from lease
    where lease_key = $1
    and holder = $2
    /* postgres: for update skip locked */
)
