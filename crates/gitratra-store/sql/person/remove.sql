-- The number stays taken.
update person
set
    name = '',
    name_key = null,
    password_hash = null,
    issuer = null,
    subject = null,
    is_disabled = true
where person_id = $1
and name_key is not null
