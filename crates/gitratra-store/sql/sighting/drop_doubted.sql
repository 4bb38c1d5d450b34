-- What was doubted of some days, before what is doubted of them now is written: a value that somebody
-- is believed in is not doubted any more. A doubted source has 2^30 more.
delete from sighting
where repo_id = $1
and metric in (0, 1)
and day between $2 and $3
and source >= 1073741824
