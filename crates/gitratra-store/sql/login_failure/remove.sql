delete from login_failure
where tried = $1
