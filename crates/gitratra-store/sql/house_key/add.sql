insert into house_key (purpose, secret, made_at)
values ($1, $2, $3)
on conflict (purpose) do nothing
