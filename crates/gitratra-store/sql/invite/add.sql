insert into invite (secret_hash, person_id, created_at, expires_at)
values ($1, $2, $3, $4)
