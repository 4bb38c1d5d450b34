-- Whoever asks this has locked the key, so that no two add it at once.
insert into lease (lease_key, repo_id, holder, ends_at)
select
    $1,
    cast($2 as bigint),
    $3,
    cast($4 as bigint)
where not exists (
    select 1
    from lease
    where lease_key = $1
)
