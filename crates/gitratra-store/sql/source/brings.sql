-- The source brings days that no export after the newest run can have: those of the run itself and
-- later ones have to look at it.
update source
set after_run = (
    select coalesce(max(run_id), 0)
    from run
)
where source_id = $1
