select
    source_id,
    label
from source
order by source_id
