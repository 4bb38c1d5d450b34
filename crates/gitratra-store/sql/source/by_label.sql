select source_id
from source
where kind = $1
and label = $2
