delete from collector
where holder = $1
