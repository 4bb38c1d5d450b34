select label
from source
where source_id = $1
