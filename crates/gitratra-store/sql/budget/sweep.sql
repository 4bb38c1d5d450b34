delete from budget
where second_at <= $1
