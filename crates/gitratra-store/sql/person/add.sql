-- Never with the number of one before, also where that was removed. People are locked by the caller.
insert into person (
    person_id, name, name_key, password_hash, issuer, subject, role, created_at, is_disabled
)
select
    coalesce(max(person_id), 0) + 1,
    cast($1 as text),
    cast($2 as text),
    null,
    cast($3 as text),
    cast($4 as text),
    cast($5 as text),
    cast($6 as bigint),
    false
from person
returning person_id
