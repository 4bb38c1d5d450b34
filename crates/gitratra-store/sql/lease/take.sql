-- What another one holds stays as it is, and counts as no changed row.
insert into lease (lease_key, repo_id, holder, ends_at)
values ($1, $2, $3, $4)
on conflict (lease_key) do update set
    repo_id = excluded.repo_id,
    holder = excluded.holder,
    ends_at = excluded.ends_at
where lease.holder = excluded.holder
or lease.ends_at <= $5
