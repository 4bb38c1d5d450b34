select
    person_id,
    name,
    role,
    created_at,
    is_disabled,
    case when password_hash is null then 0 else 1 end as has_password,
    issuer
from person
where person_id = $1
and name_key is not null
