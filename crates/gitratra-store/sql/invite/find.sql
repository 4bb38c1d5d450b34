select
    person_id,
    expires_at
from invite
where secret_hash = $1
