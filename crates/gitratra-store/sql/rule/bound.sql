select
    pattern_key,
    repo_id
from rule_repo
order by pattern_key, repo_id
