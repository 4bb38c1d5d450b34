//! As whom a question is asked: what is shown with it, and what follows when that is refused.
//!
//! A token is shown as it is. An App signs a proof for the server's own time, so that a wrong clock
//! on this machine does no harm. An installation shows a token that the App fetches for it.

use gitratra_core::Timestamp;
use reqwest::Url;
use reqwest::header::HeaderValue;

use crate::app::{self, AppKey, Lease, Token, Turn};
use crate::ask::{Asked, Asker, Ended};
use crate::decode::Bad;
use crate::endpoint::Question;
use crate::{Credential, Failure, FailureKind};

/// What is shown with a question.
pub(crate) struct Shown {
    pub(crate) header: Option<HeaderValue>,
    pub(crate) if_refused: IfRefused,
}

/// What a 401 means for what is done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfRefused {
    /// Nothing is sent any more.
    Stop,
    /// Something newer may be shown.
    TryNew,
    /// The same where this, the moment that the proof was signed for, was not the server's.
    TryNewIfSignedElsewhen(Timestamp),
}

impl Asker {
    /// Asks at `url` until there is a value or no point in going on.
    pub(crate) async fn ask<T>(
        &self,
        question: &Question,
        url: Url,
        etag: Option<&str>,
        decode: impl Fn(&[u8], Timestamp) -> Result<T, Bad>,
    ) -> Result<Asked<T>, Failure> {
        match &self.credential {
            Credential::Installation(credential) => {
                let lease = &credential.lease;
                self.ask_as_installation(lease, question, url, etag, decode)
                    .await
            }
            Credential::App(key) => self.ask_as_app(key, question, url, decode).await,
            Credential::Token(_) | Credential::Basic { .. } | Credential::Anonymous => {
                let shown = Shown {
                    header: self.authorization.clone(),
                    if_refused: IfRefused::Stop,
                };
                let asked = self.carry(question, url, etag, &shown, &decode).await;
                asked.map_err(Failure::from)
            }
        }
    }

    async fn ask_as_installation<T>(
        &self,
        lease: &Lease,
        question: &Question,
        url: Url,
        etag: Option<&str>,
        decode: impl Fn(&[u8], Timestamp) -> Result<T, Bad>,
    ) -> Result<Asked<T>, Failure> {
        let mut refused = None;
        loop {
            let token = self.token(lease, refused).await;
            let token = token
                .map_err(|failure| failure.met_by(question.subject.clone(), question.endpoint))?;
            let shown = Shown {
                header: Some(token.header),
                if_refused: match refused {
                    None => IfRefused::TryNew,
                    Some(_) => IfRefused::Stop,
                },
            };
            match self
                .carry(question, url.clone(), etag, &shown, &decode)
                .await
            {
                Ok(asked) => return Ok(asked),
                Err(Ended::NotTaken(_)) => refused = Some(token.number),
                Err(Ended::Failed(failure)) => return Err(failure),
            }
        }
    }

    /// A token that is good for a while, newer than the one that was refused.
    async fn token(&self, lease: &Lease, refused: Option<u64>) -> Result<Token, Failure> {
        let now = || self.gate.server_now();
        let mut held = match lease.turn(refused, now).await {
            Turn::Take(token) => return Ok(token),
            Turn::Failed(failure) => return Err(failure),
            Turn::Fetch(held) => held,
        };
        let question = Question::token(lease.installation);
        let url = self.api.at(&question.path);
        let decode = |body: &[u8], _| app::installation_token(body);
        let fetched = self.ask_as_app(&lease.key, &question, url, decode).await;
        let renewed = fetched.and_then(|asked| {
            let grant = asked.value.expect("no validator was sent");
            lease.renew(&mut held, grant).map_err(|why| {
                let message = format!("GitHub's token cannot be sent: {why}");
                self.failure(&question, None, &message, FailureKind::Malformed)
            })
        });
        renewed.or_else(|failure| {
            let old = lease.fail(&mut held, &failure, refused, now());
            old.ok_or(failure)
        })
    }

    /// Asks with a proof that is signed for the server's time, and once more where that was not
    /// known well.
    async fn ask_as_app<T>(
        &self,
        key: &AppKey,
        question: &Question,
        url: Url,
        decode: impl Fn(&[u8], Timestamp) -> Result<T, Bad>,
    ) -> Result<Asked<T>, Failure> {
        let now = self.server_time().await?;
        let shown = Shown {
            header: Some(key.proof(now)),
            if_refused: IfRefused::TryNewIfSignedElsewhen(now),
        };
        let asked = self.carry(question, url.clone(), None, &shown, &decode);
        match asked.await {
            Ok(asked) => return Ok(asked),
            Err(Ended::Failed(failure)) => return Err(failure),
            // The refusal has told the time.
            Err(Ended::NotTaken(_)) => {}
        }
        let now = self.server_time().await?;
        let shown = Shown {
            header: Some(key.proof(now)),
            if_refused: IfRefused::Stop,
        };
        let asked = self.carry(question, url, None, &shown, &decode).await;
        asked.map_err(Failure::from)
    }

    /// The server's time, which any answer tells, a refusal as well.
    async fn server_time(&self) -> Result<Timestamp, Failure> {
        if let Some(now) = self.gate.server_now() {
            return Ok(now);
        }
        let question = Question::time();
        let url = self.api.at(&question.path);
        let shown = Shown {
            header: None,
            if_refused: IfRefused::TryNew,
        };
        let asked = self
            .carry(&question, url, None, &shown, &|_, _| Ok(()))
            .await;
        match (self.gate.server_now(), asked) {
            (Some(now), _) => Ok(now),
            (None, Ok(asked)) => Ok(asked.at),
            (None, Err(ended)) => Err(ended.into()),
        }
    }
}
