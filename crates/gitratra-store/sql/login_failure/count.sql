select count(*)
from login_failure
