delete from alarm
where alarm_key = $1
and channel = $2
