//! The secrets that were shown to GitHub of late, for servers that repeat what they were sent.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use secrecy::{ExposeSecret, SecretString};

use crate::auth::hide;

/// Answers to older ones than these are no longer under way.
const MOST: usize = 8;

/// The latest secrets. They are known by their text; their form is GitHub's and changes.
#[derive(Default)]
pub(crate) struct Shown(Mutex<VecDeque<SecretString>>);

impl Shown {
    pub(crate) fn note(&self, secret: SecretString) {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if latest.len() == MOST {
            latest.pop_front();
        }
        latest.push_back(secret);
    }

    /// The text without any of them.
    pub(crate) fn black_out(&self, text: &str) -> String {
        let latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        latest.iter().fold(text.to_owned(), |text, secret| {
            hide(&text, secret.expose_secret())
        })
    }
}
