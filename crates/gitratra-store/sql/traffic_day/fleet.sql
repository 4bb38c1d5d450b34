-- The cross join keeps the order: for each repository one seek into its days, never a walk
-- through all history. A day under suspicion also tells of how many repositories it was seen
-- again on a later UTC day than the suspicion; times are relative to the end of the day, and what is
-- not believed (a source of 2^30 and more) does not count.
select
    fact.day,
    count(case when fact.views_last_seen >= 0 and fact.views_source < 1073741824 then 1 end) as views_measured,
    count(case when fact.views_last_seen >= 0 and fact.views_source < 1073741824 and fact.views > 0 then 1 end) as views_busy,
    count(case
        when cast(fact.day + 1 as bigint) * 86400 + fact.views_last_seen >= (of_views.since / 86400 + 1) * 86400
        and fact.views_source < 1073741824
        then 1
    end) as views_read_again,
    count(case when fact.clones_last_seen >= 0 and fact.clones_source < 1073741824 then 1 end) as clones_measured,
    count(case when fact.clones_last_seen >= 0 and fact.clones_source < 1073741824 and fact.clones > 0 then 1 end) as clones_busy,
    count(case
        when cast(fact.day + 1 as bigint) * 86400 + fact.clones_last_seen >= (of_clones.since / 86400 + 1) * 86400
        and fact.clones_source < 1073741824
        then 1
    end) as clones_read_again
from repo
cross join traffic_day as fact
left join suspect as of_views
    on of_views.metric = 0
    and of_views.day = fact.day
left join suspect as of_clones
    on of_clones.metric = 1
    and of_clones.day = fact.day
where fact.repo_id = repo.repo_id
and fact.day between $1 and $2
group by fact.day
order by fact.day
