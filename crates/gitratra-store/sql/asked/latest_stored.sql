-- Only traffic is lost by waiting, so other answers do not make up for its silence.
select max(answered_at) as latest_stored
from asked
where endpoint in ('views', 'clones', 'referrers', 'paths')
