//! How many workflow runs a search has found. The runs themselves, which name persons, are not read.

use gitratra_core::Count;

use super::{Bad, parse};

#[derive(serde::Deserialize)]
struct WireRuns {
    total_count: u64,
}

/// The number of runs.
pub(crate) fn runs(body: &[u8]) -> Result<u64, Bad> {
    match parse::<WireRuns>(body)?.total_count {
        absurd @ Count::LIMIT.. => Err(Bad::Wrong(format!("{absurd} runs are absurd"))),
        runs => Ok(runs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_counts_and_nothing_else_is_read() {
        assert_eq!(
            runs(br#"{"total_count":12,"workflow_runs":[{"id":-1}]}"#),
            Ok(12)
        );
        assert_eq!(runs(br#"{"total_count":0}"#), Ok(0));
        for body in [
            &br#"{"total_count":-1}"#[..],
            br#"{"total_count":"12"}"#,
            br#"{"total_count":1000000000000}"#,
            br#"{"workflow_runs":[]}"#,
            b"[]",
            b"<html>",
        ] {
            assert!(matches!(runs(body), Err(Bad::Wrong(_))), "{body:?}");
        }
        assert_eq!(runs(br#"{"total_count":1"#), Err(Bad::CutShort));
    }
}
