delete from rule
where pattern_key = $1
