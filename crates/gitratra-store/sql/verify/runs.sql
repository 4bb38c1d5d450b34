select count(*) as backwards
from run
where finished_at < started_at
