-- Finds a repository that is about to be called otherwise, or to be seen by others than before. Nothing
-- is changed in its row, which is written anyhow.
update repo
set name_key = name_key
where repo_id = $1
and (name_key <> $2 or is_private <> $3)
