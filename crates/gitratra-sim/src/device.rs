//! The device flow: codes that a program asks for and a person types in on the web site.
//!
//! Keeps the codes and says how an attempt to get the token ends. All times are the simulated
//! clock's. Rules: <https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#device-flow>.

use crate::clock::Time;
use crate::noise::{Noise, Topic};

/// How long a code can be typed in.
pub(crate) const EXPIRES_SECS: i64 = 900;

/// The pause between two attempts, and what each attempt too early adds to it.
pub(crate) const INTERVAL_SECS: i64 = 5;

const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// An OAuth app.
#[derive(Clone, Debug)]
pub(crate) struct OauthApp {
    pub(crate) client_id: String,
    /// Whether its owner allows the device flow.
    pub(crate) has_device_flow: bool,
}

/// What the person did with a code.
#[derive(Clone, Debug)]
enum State {
    Waiting,
    Denied,
    /// The token to hand out, and its scopes.
    Approved(String, Vec<String>),
    /// The token was handed out.
    Spent,
}

/// A pair of codes.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) device_code: String,
    pub(crate) user_code: String,
    client_id: String,
    expires: Time,
    interval_secs: i64,
    asked: Option<Time>,
    state: State,
}

/// How an attempt to get the token ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    Token {
        secret: String,
        scopes: Vec<String>,
    },
    /// GitHub's word for what is wrong.
    Refused(&'static str),
    /// Asked too early; from now on the pause is this long.
    SlowDown(i64),
}

/// All OAuth apps and the codes given to them.
#[derive(Debug, Default)]
pub(crate) struct DeviceFlow {
    pub(crate) apps: Vec<OauthApp>,
    codes: Vec<Code>,
}

impl DeviceFlow {
    pub(crate) fn app(&self, client_id: &str) -> Option<&OauthApp> {
        self.apps.iter().find(|app| app.client_id == client_id)
    }

    /// Gives a new pair of codes to an app.
    pub(crate) fn begin(&mut self, client_id: &str, noise: Noise, at: Time) -> Code {
        let number = self.codes.len() as u64;
        let letter = |index: u64, letters: &[u8]| {
            let drawn = noise.below(Topic::Code, number, index, letters.len() as u64);
            char::from(letters[drawn as usize])
        };
        let mut user_code: String = (0..8).map(|index| letter(index, LETTERS)).collect();
        user_code.insert(4, '-');
        let code = Code {
            device_code: (8..48).map(|index| letter(index, DIGITS)).collect(),
            user_code,
            client_id: client_id.into(),
            expires: at.plus_secs(EXPIRES_SECS),
            interval_secs: INTERVAL_SECS,
            asked: None,
            state: State::Waiting,
        };
        self.codes.push(code.clone());
        code
    }

    /// One attempt to get the token.
    pub(crate) fn attempt(&mut self, client_id: &str, device_code: &str, at: Time) -> Attempt {
        let Some(app) = self.app(client_id) else {
            return Attempt::Refused("incorrect_client_credentials");
        };
        if !app.has_device_flow {
            return Attempt::Refused("device_flow_disabled");
        }
        let known = |code: &&mut Code| code.device_code == device_code;
        let found = self.codes.iter_mut().find(known);
        let Some(code) = found.filter(|code| code.client_id == client_id) else {
            return Attempt::Refused("incorrect_device_code");
        };
        if at >= code.expires {
            return Attempt::Refused("expired_token");
        }
        let before = code.asked.replace(at);
        if before.is_some_and(|before| at < before.plus_secs(code.interval_secs)) {
            code.interval_secs += INTERVAL_SECS;
            return Attempt::SlowDown(code.interval_secs);
        }
        match std::mem::replace(&mut code.state, State::Spent) {
            State::Approved(secret, scopes) => Attempt::Token { secret, scopes },
            State::Spent => Attempt::Refused("incorrect_device_code"),
            State::Waiting => {
                code.state = State::Waiting;
                Attempt::Refused("authorization_pending")
            }
            State::Denied => {
                code.state = State::Denied;
                Attempt::Refused("access_denied")
            }
        }
    }

    /// The person types the code in and agrees; `false` where no such code waits.
    pub(crate) fn approve(&mut self, user_code: &str, secret: &str, scopes: &[String]) -> bool {
        self.decide(user_code, State::Approved(secret.into(), scopes.to_vec()))
    }

    /// The person types the code in and refuses.
    pub(crate) fn deny(&mut self, user_code: &str) -> bool {
        self.decide(user_code, State::Denied)
    }

    fn decide(&mut self, user_code: &str, state: State) -> bool {
        let waits = |code: &&mut Code| {
            code.user_code.eq_ignore_ascii_case(user_code) && matches!(code.state, State::Waiting)
        };
        let found = self.codes.iter_mut().find(waits);
        found.map(|code| code.state = state).is_some()
    }

    /// The codes that a person could type in now, oldest first.
    pub(crate) fn waiting(&self, at: Time) -> Vec<String> {
        let waits = |code: &&Code| at < code.expires && matches!(code.state, State::Waiting);
        let codes = self.codes.iter().filter(waits);
        codes.map(|code| code.user_code.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_that_is_too_short_grows_and_counts_from_the_last_attempt() {
        let mut flow = DeviceFlow::default();
        flow.apps.push(OauthApp {
            client_id: "x".into(),
            has_device_flow: true,
        });
        let start = Time::from_secs(1000);
        let code = flow.begin("x", Noise::new(1), start).device_code;
        let mut at = |secs| flow.attempt("x", &code, start.plus_secs(secs));
        let pending = Attempt::Refused("authorization_pending");
        assert_eq!(at(5), pending);
        assert_eq!(at(9), Attempt::SlowDown(10));
        assert_eq!(at(18), Attempt::SlowDown(15));
        assert_eq!(at(33), pending);
        assert_eq!(at(900), Attempt::Refused("expired_token"));
    }

    #[test]
    fn every_code_is_another() {
        let mut flow = DeviceFlow::default();
        let mut begin = || flow.begin("x", Noise::new(1), Time::from_secs(0));
        let (first, second) = (begin(), begin());
        assert_ne!(first.user_code, second.user_code);
        assert_ne!(first.device_code, second.device_code);
        assert_eq!((first.user_code.len(), first.device_code.len()), (9, 40));
        assert_eq!(first.user_code.find('-'), Some(4));
    }
}
