-- A repository that was looked up is no longer one whose look-up failed.
update asked
set
    status = null,
    message = null,
    action = null,
    failed_since = null
where repo_id = $1
and endpoint = 'repository'
and failed_since is not null
