select person_id
from person
where issuer = $1
and subject = $2
