delete from collector_credential
where holder = $1
