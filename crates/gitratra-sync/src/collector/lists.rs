//! How long what lists told is believed.

/// In hours, for lists of so many repositories, of which so many errands were made. Lists cost a
/// quarter of a request for each repository and day at most, and new ones are noticed within the hour
/// where that is cheap: not where very much has to be gone through.
pub(crate) fn list_hours(listed: usize, errands: usize) -> i64 {
    /// As many are gone through each hour.
    const AN_HOUR_FOR: usize = 25_000;
    let pages = listed / 100 + 1;
    let for_requests = 24 * pages * 4 / errands.max(1);
    let for_work = listed.div_ceil(AN_HOUR_FOR);
    i64::try_from(for_requests.max(for_work).clamp(1, 24)).unwrap_or(24)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_repositories_are_noticed_within_the_hour_where_that_is_cheap() {
        assert_eq!(list_hours(100, 100), 1);
        assert_eq!(list_hours(20_000, 20_000), 1);
        assert_eq!(list_hours(100_000, 100_000), 4);
        // Of long lists few are tracked.
        assert_eq!(list_hours(5_000, 200), 24);
        assert_eq!(list_hours(0, 0), 24);
    }
}
