-- The number of the run that was saved last; 0 where there is none.
select coalesce(max(run_id), 0)
from run
