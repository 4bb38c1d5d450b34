select
    coalesce(rule.pattern, bound.pattern_key) as pattern,
    bound.repo_id
from rule_repo as bound
left join rule
    on rule.pattern_key = bound.pattern_key
order by bound.pattern_key, bound.repo_id
