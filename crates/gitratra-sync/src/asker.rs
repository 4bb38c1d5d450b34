//! Who asks: a credential with its client. Each has its own budget, and sees its own repositories.

use gitratra_core::Timestamp;
use gitratra_github::{Client, Counters, Rate};

/// One credential.
#[derive(Debug, Clone)]
pub struct Asker {
    /// How a person knows it: `token`, or `installation octo`. No secret.
    pub label: String,
    /// What asks with it.
    pub client: Client,
    /// By which its answers are told apart from those to others.
    pub fingerprint: String,
    /// Whose it is.
    pub kind: AskerKind,
}

/// What stands behind a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskerKind {
    /// A person's token.
    Person,
    /// An app's installation for an account.
    Installation {
        /// The account's name.
        account: String,
    },
}

impl Asker {
    /// Whether this is an installation for that owner.
    pub(crate) fn is_installed_for(&self, owner: &str) -> bool {
        matches!(&self.kind, AskerKind::Installation { account } if account.eq_ignore_ascii_case(owner))
    }
}

/// What all of them did so far.
pub(crate) fn counters(askers: &[Asker]) -> Counters {
    let all = askers.iter().map(|asker| asker.client.counters());
    all.fold(Counters::default(), plus)
}

/// Adds up what two clients did.
pub(crate) fn plus(one: Counters, other: Counters) -> Counters {
    let mut sum = one;
    sum.sent += other.sent;
    sum.not_modified += other.not_modified;
    sum.retried += other.retried;
    sum.ok += other.ok;
    sum.redirected += other.redirected;
    for (sum, more) in sum.failed.iter_mut().zip(other.failed) {
        *sum += more;
    }
    sum
}

/// What all of them have left together, and when the first of them has more again.
pub(crate) fn rate(askers: &[Asker]) -> Option<Rate> {
    let rates = askers.iter().filter_map(|asker| asker.client.rate());
    rates.reduce(|sum, one| Rate {
        limit: sum.limit + one.limit,
        remaining: sum.remaining + one.remaining,
        reset_at: sum.reset_at.min(one.reset_at),
    })
}

/// GitHub's time, as the last answer to any of them tells it.
pub(crate) fn server_now(askers: &[Asker]) -> Option<Timestamp> {
    // One that was not asked for long may be behind, if the machine slept.
    let times = askers.iter().filter_map(|asker| asker.client.server_now());
    times.max()
}
