insert into collector_credential (holder, credential, host, label, refused, seen_at)
values ($1, $2, $3, $4, $5, $6)
on conflict (holder, credential) do update set
    label = excluded.label,
    refused = excluded.refused,
    seen_at = excluded.seen_at
