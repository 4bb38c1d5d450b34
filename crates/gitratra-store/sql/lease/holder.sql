-- Who holds a lease that is not over, and on which machine, where it told that.
select
    lease.holder,
    collector.host
from lease
left join collector on collector.holder = lease.holder
where lease.lease_key = $1
and lease.holder <> ''
and lease.ends_at > $2
