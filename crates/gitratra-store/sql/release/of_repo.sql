-- The newest first; one without a date is not out yet, and comes before all others.
select
    release_id,
    tag,
    name,
    published_at,
    is_prerelease,
    seen_at,
    gone_since
from release
where repo_id = $1
order by case when published_at is null then 0 else 1 end, published_at desc, release_id desc
