delete from api_token
where token_id = $1
and person_id = $2
