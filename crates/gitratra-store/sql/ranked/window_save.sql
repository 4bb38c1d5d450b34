-- The caller brings no reading that is older than the one that is held.
insert into ranked_window (repo_id, ranking, last_day, read_at, lines)
values ($1, $2, $3, $4, $5)
on conflict (repo_id, ranking, last_day) do update set
    read_at = excluded.read_at,
    lines = case
        when excluded.read_at > ranked_window.read_at then excluded.lines
        when excluded.lines > ranked_window.lines then excluded.lines
        else ranked_window.lines
    end
