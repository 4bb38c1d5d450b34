delete from lease
where holder = $1
