-- Rows that belong to something that is not there, counted by table.
select
    'rule_repo' as place,
    count(*) as loose
from rule_repo
where not exists (
    select 1
    from rule
    where rule.pattern_key = rule_repo.pattern_key
)
union all
select
    'person_group' as place,
    count(*) as loose
from person_group
where not exists (
    select 1
    from person
    where person.person_id = person_group.person_id
)
union all
select
    'session' as place,
    count(*) as loose
from session
where not exists (
    select 1
    from person
    where person.person_id = session.person_id
)
union all
select
    'api_token' as place,
    count(*) as loose
from api_token
where not exists (
    select 1
    from person
    where person.person_id = api_token.person_id
)
union all
select
    'group_rule' as place,
    count(*) as loose
from group_rule
where not exists (
    select 1
    from repo_group
    where repo_group.group_key = group_rule.group_key
)
order by place
