delete from house_key
where purpose = $1
