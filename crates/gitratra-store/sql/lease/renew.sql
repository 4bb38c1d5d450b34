-- One that is over and that nobody took or swept was nobody else's meanwhile.
update lease
set ends_at = $3
where lease_key = $1
and holder = $2
