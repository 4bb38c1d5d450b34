update person
set password_hash = $2
where person_id = $1
and name_key is not null
