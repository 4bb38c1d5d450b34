delete from collector
where seen_at <= $1
