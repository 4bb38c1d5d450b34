insert into rule (pattern_key, pattern)
values ($1, $2)
on conflict (pattern_key) do update set
    pattern = excluded.pattern
