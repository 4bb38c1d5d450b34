select password_hash
from person
where person_id = $1
