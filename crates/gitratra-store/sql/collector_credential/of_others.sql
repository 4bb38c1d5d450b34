-- The newest word first.
select
    holder,
    credential,
    host,
    label,
    refused,
    seen_at
from collector_credential
where holder <> $1
and seen_at > $2
order by seen_at desc, holder, credential
