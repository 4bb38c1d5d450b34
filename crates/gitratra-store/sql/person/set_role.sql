update person
set role = $2
where person_id = $1
and name_key is not null
