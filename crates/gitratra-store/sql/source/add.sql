insert into source (source_id, kind, label)
values ($1, $2, $3)
