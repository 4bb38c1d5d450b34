-- The repositories with a release that was not deleted: one seek into each one's releases.
select repo.repo_id
from repo
where exists (
    select 1
    from release
    where release.repo_id = repo.repo_id
    and release.gone_since is null
)
