//! The one place that looks at this machine's clock, which is compared with GitHub's and with itself
//! and hardly ever believed.

use gitratra_core::Timestamp;

/// What the clock of this machine says.
pub(crate) fn machine_time() -> Timestamp {
    #[expect(
        clippy::disallowed_methods,
        reason = "only to tell how wrong it is, and for what cannot wait for GitHub"
    )]
    Timestamp::now()
}
