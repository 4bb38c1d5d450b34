select
    source_id,
    kind,
    label
from source
order by source_id
