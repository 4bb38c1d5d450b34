update ranked_name
set title = $4
where repo_id = $1
and ranking = $2
and name_id = $3
