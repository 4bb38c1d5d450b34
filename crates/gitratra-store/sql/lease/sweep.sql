delete from lease
where ends_at <= $1
