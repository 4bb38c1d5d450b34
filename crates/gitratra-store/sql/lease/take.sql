-- What is given back or over. What another transaction is about to change is another collector's by
-- then: it is passed over, and nobody waits for anybody.
update lease
set
    repo_id = $2,
    holder = $3,
    ends_at = $4
where lease_key = (
    select lease_key
    from lease
    where lease_key = $1
    and (holder = $3 or holder = '' or ends_at <= $5)
    /* postgres: for update skip locked */
)
