-- Counts where a repository that is known is about to be called otherwise, or to be seen by others
-- than before.
update mark
set number = number + 1
where mark = 'changes'
and exists (
    select 1
    from repo
    where repo_id = $1
    and (name_key <> $2 or is_private <> $3)
)
