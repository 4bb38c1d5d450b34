-- One that is over and that nobody took or swept was nobody else's meanwhile; one that is being
-- changed is being taken.
update lease
set ends_at = $3
where lease_key = (
    select lease_key
    from lease
    where lease_key = $1
    and holder = $2
    /* postgres: for update skip locked */
)
