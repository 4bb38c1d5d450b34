//! Logging in through another house. What speaks to it is another crate: this one asks nobody.

use gitratra_store::Vouched;
use secrecy::SecretString;

use crate::BoxFuture;

/// Where the browser is sent, and what it has to bring back.
#[derive(Debug)]
pub struct Begun {
    /// The other house's address.
    pub address: String,
    /// Kept by the browser in a signed cookie until it comes back; given to
    /// [`LoginElsewhere::finish`].
    pub kept: SecretString,
}

/// Another house did not let somebody in, or could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum ElsewhereError {
    /// It cannot be reached, or does not answer as it should.
    #[error("the other house cannot be asked: {0}")]
    Unreachable(String),
    /// What came back is not what a login brings, or does not belong to this browser's.
    #[error("what came back is not to be believed: {0}")]
    Unbelievable(String),
    /// They are somebody, and have no business here.
    #[error("whoever logged in is in none of the groups that are let in")]
    NoRole,
}

/// Another house that says who somebody is.
pub trait LoginElsewhere: Send + Sync + 'static {
    /// What to call it on the page.
    fn label(&self) -> &str;

    /// Begins a login.
    fn begin(&self) -> BoxFuture<'_, Result<Begun, ElsewhereError>>;

    /// Ends a login: who it is. `query` is what stands behind the question mark of the address to
    /// which the other house sent the browser back.
    fn finish<'a>(
        &'a self,
        kept: &'a str,
        query: &'a str,
    ) -> BoxFuture<'a, Result<Vouched, ElsewhereError>>;
}
