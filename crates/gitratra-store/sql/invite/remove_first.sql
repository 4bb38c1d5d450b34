-- Of the first administrator's links the newest few stay: each of several processes that start
-- together tells one.
delete from invite
where person_id is null
and secret_hash not in (
    select secret_hash
    from invite
    where person_id is null
    order by created_at desc, secret_hash
    limit 16
)
