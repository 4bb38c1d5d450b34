select named.name
from person_group as member
inner join repo_group as named
    on named.group_key = member.group_key
where member.person_id = $1
order by member.group_key
