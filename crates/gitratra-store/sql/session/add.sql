insert into session (token_hash, person_id, created_at, expires_at, last_seen_at)
values ($1, $2, $3, $4, $3)
