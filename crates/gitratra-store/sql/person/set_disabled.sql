update person
set is_disabled = $2
where person_id = $1
and name_key is not null
