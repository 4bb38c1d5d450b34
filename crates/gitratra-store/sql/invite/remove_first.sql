delete from invite
where person_id is null
