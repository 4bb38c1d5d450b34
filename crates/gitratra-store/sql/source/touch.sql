-- Writes without changing anything, to see whether writing is possible. The column is in no index,
-- whose entry would come to lie elsewhere in its page.
update source
set after_run = after_run
where source_id = 0
