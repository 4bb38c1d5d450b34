-- The source brings days that no export after the newest run can have: those of the run itself and
-- later ones have to look at it.
update source
set after_run = $2
where source_id = $1
