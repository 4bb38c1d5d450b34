delete from lease
where lease_key = $1
and holder = $2
