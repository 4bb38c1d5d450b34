-- Writes without changing anything, to see whether writing is possible.
update source
set label = label
where source_id = 0
