-- Sources are locked by the caller, who has seen that the number is free.
insert into source (source_id, kind, label)
values ($1, $2, $3)
