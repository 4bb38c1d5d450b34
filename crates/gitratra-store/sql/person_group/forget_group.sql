delete from person_group
where group_key = $1
