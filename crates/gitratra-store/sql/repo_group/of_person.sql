select
    named.group_key,
    named.name,
    rule.pattern,
    rule.repo_id
from person_group as member
inner join repo_group as named
    on named.group_key = member.group_key
left join group_rule as rule
    on rule.group_key = named.group_key
where member.person_id = $1
order by named.group_key, rule.pattern_key
