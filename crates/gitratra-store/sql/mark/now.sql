-- Which store this is, and how often what may be seen has changed in it.
select
    changes.number,
    place.number
from mark as changes
cross join mark as place
where changes.mark = 'changes'
and place.mark = 'place'
