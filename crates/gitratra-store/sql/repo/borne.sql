-- Names that only files told of, and who bears them now: those told of first, then the one that was
-- confirmed last. The names are looked up first, since who waits and who bears a name may be kept on
-- different machines.
select
    repo_id,
    name_key
from repo
where name_key in (
    select waiting.name_key
    from repo as waiting
    where waiting.repo_id < 0
)
order by
    name_key,
    case when repo_id < 0 then 0 else 1 end,
    named_at desc,
    repo_id
