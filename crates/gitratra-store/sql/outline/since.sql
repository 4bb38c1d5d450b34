-- From which day on each repository has rows of each kind, and until when days are known.
select
    repo_id,
    (select min(day) from traffic_day where traffic_day.repo_id = repo.repo_id) as days_from,
    (select max(day) from traffic_day where traffic_day.repo_id = repo.repo_id) as days_until,
    (select min(monday) + 6 from traffic_week where traffic_week.repo_id = repo.repo_id) as weeks,
    (select min(last_day) from ranked_window where ranked_window.repo_id = repo.repo_id) as lists,
    (select min(first_day) from counter_run where counter_run.repo_id = repo.repo_id) as counters,
    (select min(day) from star_day where star_day.repo_id = repo.repo_id) as stars,
    (
        select min(first_day)
        from star_span
        where star_span.repo_id = repo.repo_id
        and first_day > $1
    ) as star_spans,
    (select min(day) from told_total where told_total.repo_id = repo.repo_id) as totals,
    (select min(first_day) from asset_run where asset_run.repo_id = repo.repo_id) as downloads
from repo
order by repo_id
