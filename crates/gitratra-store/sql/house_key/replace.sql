insert into house_key (purpose, secret, made_at)
values ($1, $2, $3)
on conflict (purpose) do update set
    secret = excluded.secret,
    made_at = excluded.made_at
