delete from person_group
where person_id = $1
