delete from invite
where person_id = $1
