select
    alarm_key,
    channel,
    since,
    subject,
    is_told,
    tries,
    tried_at,
    is_over
from alarm
order by channel, alarm_key
