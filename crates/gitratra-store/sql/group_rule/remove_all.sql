delete from group_rule
where group_key = $1
