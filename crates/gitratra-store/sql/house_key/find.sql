select secret
from house_key
where purpose = $1
