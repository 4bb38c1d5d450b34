-- The newest time of GitHub's clock that is known from any answer or run.
select max(known_at) as latest_time
from (
    select max(finished_at) as known_at
    from run
    union all
    select max(asked_at) as known_at
    from asked
    union all
    select max(answered_at) as known_at
    from asked
) as known
