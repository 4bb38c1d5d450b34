select person_id
from person
where name_key is not null
order by person_id
limit 1
