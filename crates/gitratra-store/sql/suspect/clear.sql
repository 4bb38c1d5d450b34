delete from suspect
