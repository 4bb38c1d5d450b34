-- What each file of a release is called, from its first reading on.
select
    reading.first_day,
    asset.repo_id,
    asset.asset_id,
    asset.name,
    asset.created_at,
    release.tag,
    release.published_at
from (
    select
        repo_id,
        asset_id,
        min(first_day) as first_day
    from asset_run
    group by repo_id, asset_id
) as reading
inner join asset
    on asset.repo_id = reading.repo_id
    and asset.asset_id = reading.asset_id
inner join release
    on release.repo_id = asset.repo_id
    and release.release_id = asset.release_id
order by asset.repo_id, asset.asset_id
