delete from share
where group_key = $1
