select pattern
from rule
order by pattern_key
