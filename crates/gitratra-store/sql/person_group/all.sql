select
    member.person_id,
    named.name
from person_group as member
inner join repo_group as named
    on named.group_key = member.group_key
order by member.person_id, member.group_key
