select
    failures,
    last_at
from login_failure
where tried = $1
