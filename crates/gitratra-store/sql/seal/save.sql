insert into seal (repo_id, last_day, content, chain, days)
values ($1, $2, $3, $4, $5)
on conflict (repo_id, last_day) do update set
    content = excluded.content,
    chain = excluded.chain,
    days = excluded.days
