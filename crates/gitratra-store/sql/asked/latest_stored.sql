select max(answered_at) as latest_stored
from asked
