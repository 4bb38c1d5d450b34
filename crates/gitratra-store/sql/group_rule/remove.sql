delete from group_rule
where group_key = $1
and pattern_key = $2
