//! Passwords: argon2id, off the threads that answer, and few at once, since each takes 19 MiB.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc};
use gitratra_store::PasswordHash;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

/// Hashes at once.
const AT_ONCE: usize = 2;
/// Characters of a password at least, and bytes at most.
const SHORTEST: usize = 10;
const LONGEST: usize = 256;

/// Checked where there is no password, so that it takes as long.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm9ibw\
                       $AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What hashes and checks passwords. Clones share the bound.
#[derive(Debug, Clone)]
pub struct Passwords {
    places: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl Passwords {
    /// The form in which a password is kept: argon2id with 19 MiB, 2 rounds, 1 lane, as OWASP's
    /// "Password Storage Cheat Sheet" has it.
    ///
    /// # Panics
    /// Where the system gives no random bytes or no memory.
    pub async fn hash(&self, password: SecretString) -> PasswordHash {
        self.off_thread(move || {
            let hash = Argon2::default().hash_password(password.expose_secret().as_bytes());
            PasswordHash(hash.expect("every password can be hashed").to_string())
        })
        .await
    }

    /// Whether it is the password. Where there is none the answer is no, and takes as long.
    pub async fn is(&self, password: SecretString, kept: Option<PasswordHash>) -> bool {
        self.off_thread(move || {
            let text = kept.as_ref().map_or(NOBODYS, |kept| kept.0.as_str());
            let parsed = phc::PasswordHash::new(text);
            let is = parsed.is_ok_and(|parsed| {
                let password = password.expose_secret().as_bytes();
                Argon2::default().verify_password(password, &parsed).is_ok()
            });
            is && kept.is_some()
        })
        .await
    }

    async fn off_thread<R: Send + 'static>(&self, work: impl FnOnce() -> R + Send + 'static) -> R {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.expect("the places are never closed");
        let done = tokio::task::spawn_blocking(move || {
            // Held until the work is done, also where the caller has gone away.
            let _place = place;
            work()
        });
        done.await.expect("hashing does not panic")
    }
}

/// What is wrong with a password that somebody wants, if anything.
#[must_use]
pub fn password_fault(password: &str) -> Option<&'static str> {
    if password.chars().count() < SHORTEST {
        return Some("a password has at least 10 characters");
    }
    (password.len() > LONGEST).then_some("a password has at most 256 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_again_and_no_other() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse".into()).await;
        assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let is = async |text: &str, kept| passwords.is(text.into(), kept).await;
        assert!(is("correct horse", Some(hash.clone())).await);
        assert!(!is("correct horsf", Some(hash)).await);
        assert!(!is("correct horse", Some(PasswordHash("x".into()))).await);
        assert!(!is("correct horse", None).await);
    }

    #[tokio::test]
    async fn nobodys_password_costs_the_same_work() {
        let fresh = Passwords::default().hash("correct horse".into()).await;
        let (fresh, nobodys) = (
            phc::PasswordHash::new(&fresh.0).unwrap(),
            phc::PasswordHash::new(NOBODYS).unwrap(),
        );
        assert_eq!(fresh.algorithm, nobodys.algorithm);
        assert_eq!(fresh.params, nobodys.params);
        let length = |hash: &phc::PasswordHash| hash.hash.as_ref().map(|hash| hash.len());
        assert_eq!(length(&fresh), length(&nobodys));
    }

    #[test]
    fn short_passwords_are_refused() {
        assert!(password_fault("123456789").is_some());
        assert_eq!(password_fault("1234567890"), None);
        assert!(password_fault(&"x".repeat(257)).is_some());
    }
}
