select
    named.group_key,
    named.name,
    rule.pattern,
    rule.repo_id
from repo_group as named
left join group_rule as rule
    on rule.group_key = named.group_key
order by named.group_key, rule.pattern_key
