-- The larger number stays, as that of a day of traffic does.
insert into workflow_day (repo_id, day, runs)
values ($1, $2, $3)
on conflict (repo_id, day) do update set
    runs = case
        when excluded.runs > workflow_day.runs then excluded.runs
        else workflow_day.runs
    end
