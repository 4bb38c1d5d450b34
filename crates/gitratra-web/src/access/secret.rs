//! Secrets that are given away: made at random, kept as hashes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gitratra_core::SecretHash;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::SecretString;

/// Random bytes of a secret.
const BYTES: usize = 32;

/// A new secret, 43 characters that can stand in an address.
///
/// # Panics
/// Where the system gives no random bytes, which it always does once it has started.
#[must_use]
pub fn fresh_secret() -> SecretString {
    let mut bytes = [0; BYTES];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.expect("a system that has started gives random bytes");
    URL_SAFE_NO_PAD.encode(bytes).into()
}

/// What is kept of a secret.
#[must_use]
pub fn hash_of(secret: &str) -> SecretHash {
    let digest = digest(&SHA256, secret.as_bytes());
    let mut hash = [0; BYTES];
    hash.copy_from_slice(digest.as_ref());
    SecretHash(hash)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn secrets_differ_and_hash_as_everybody_hashes() {
        let (one, other) = (fresh_secret(), fresh_secret());
        assert_eq!(one.expose_secret().len(), 43);
        assert_ne!(one.expose_secret(), other.expose_secret());
        assert!(!format!("{one:?}").contains(one.expose_secret()));
        assert_eq!(
            hash_of("abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
