delete from api_token
where person_id = $1
