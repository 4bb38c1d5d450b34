//! Mail: one plain text to all receivers, over TLS unless the server is this machine.

use std::error::Error;
use std::time::SystemTime;

use gitratra_core::Timestamp;
use gitratra_core::alarm::Message;
use lettre::address::Envelope;
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use ring::digest;
use secrecy::{ExposeSecret, SecretString};

use crate::EmailConfig;
use crate::address::MailServer;
use crate::outcome::{OpenError, Trouble, one_line};

/// A mail server and who gets mail.
pub(crate) struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    host: String,
    from: Mailbox,
    to: Vec<Mailbox>,
}

impl Mail {
    pub(crate) fn open(
        config: &EmailConfig,
        channel: &str,
        env: &dyn Fn(&str) -> Option<SecretString>,
    ) -> Result<Self, OpenError> {
        let server = &config.server;
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)
            .port(server.port)
            // The time limit is that of the channel.
            .timeout(None)
            .tls(tls(config, channel)?);
        if let (Some(user), Some(source)) = (&config.user, &config.password) {
            let password = source.fetch(channel, env)?;
            let secret = password.expose_secret().to_owned();
            builder = builder.credentials(Credentials::new(user.clone(), secret));
        }
        Ok(Self {
            transport: builder.build(),
            host: server.host.clone(),
            from: config.from.clone(),
            to: config.to.clone(),
        })
    }

    /// `Ok` where at least one receiver got it: somebody knows, and who has moved away must not
    /// keep the message from the others.
    pub(crate) async fn send(&self, message: &Message) -> Result<(), Trouble> {
        let refused = |why| Trouble::Refused {
            to: self.host.clone(),
            why,
        };
        let mail =
            letter(&self.from, &self.to, message).map_err(|error| refused(error.to_string()))?;
        let text = mail.formatted();
        let Err(error) = self.transport.send_raw(mail.envelope(), &text).await else {
            return Ok(());
        };
        let mut error = error;
        if !error.is_permanent() || self.to.len() == 1 {
            return Err(self.trouble(&error));
        }
        let mut is_taken = false;
        for mailbox in &self.to {
            let from = Some(self.from.email.clone());
            let envelope = Envelope::new(from, vec![mailbox.email.clone()])
                .map_err(|error| refused(error.to_string()))?;
            match self.transport.send_raw(&envelope, &text).await {
                Ok(_) => is_taken = true,
                Err(other) => error = other,
            }
        }
        if is_taken {
            let why = words(&error);
            tracing::warn!(why, "the mail server refused one of several receivers");
            return Ok(());
        }
        Err(self.trouble(&error))
    }

    fn trouble(&self, error: &smtp::Error) -> Trouble {
        let (to, why) = (self.host.clone(), words(error));
        if error.status().is_some() || error.is_response() || error.is_client() {
            Trouble::Refused { to, why }
        } else {
            Trouble::Unreachable { to, why }
        }
    }
}

/// TLS is required, except on this machine, where it is used if an authority is named.
fn tls(config: &EmailConfig, channel: &str) -> Result<Tls, OpenError> {
    let MailServer {
        host, is_wrapped, ..
    } = &config.server;
    let wrong = |why: String| OpenError::Wrong {
        channel: channel.to_owned(),
        why,
    };
    if config.server.is_loopback() && !is_wrapped && config.ca_file.is_none() {
        return Ok(Tls::None);
    }
    // An error means that the program has installed one already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut parameters = TlsParameters::builder(host.clone());
    if let Some(path) = &config.ca_file {
        let pem = std::fs::read(path).map_err(|source| OpenError::File {
            channel: channel.to_owned(),
            path: path.clone(),
            source,
        })?;
        let certificate = Certificate::from_pem(&pem)
            .map_err(|_| wrong("its \"ca_file\" holds no certificate in PEM".to_owned()))?;
        parameters = parameters.add_root_certificate(certificate);
    }
    let parameters = parameters
        .build()
        .map_err(|error| wrong(format!("cannot set up TLS: {}", words(&error))))?;
    Ok(if *is_wrapped {
        Tls::Wrapper(parameters)
    } else {
        Tls::Required(parameters)
    })
}

fn letter(
    from: &Mailbox,
    to: &[Mailbox],
    message: &Message,
) -> Result<lettre::Message, lettre::error::Error> {
    let mut builder = lettre::Message::builder()
        .from(from.clone())
        .subject(one_line(&message.subject))
        .date(SystemTime::from(message.at.max(Timestamp::UNIX_EPOCH)))
        .message_id(Some(id(from, message)))
        // RFC 3834: no vacation notices in reply.
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ))
        .header(ContentType::TEXT_PLAIN);
    for mailbox in to {
        builder = builder.to(mailbox.clone());
    }
    builder.body(message.text.clone())
}

/// The same for the same message, so that two deliveries of it can be known as one.
fn id(from: &Mailbox, message: &Message) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    let at = message.at.to_string();
    let event = message.event.as_str();
    for part in [
        &*message.channel,
        event,
        &*at,
        &*message.subject,
        &*message.text,
    ] {
        context.update(part.as_bytes());
        context.update(b"\n");
    }
    for key in &message.keys {
        context.update(key.as_bytes());
        context.update(b"\n");
    }
    let digest = context.finish();
    let digits = digest.as_ref()[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"));
    let digits: String = digits.collect();
    format!("<gitratra.{digits}@{}>", from.email.domain())
}

fn words(error: &smtp::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        let words = source.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = source.source();
    }
    one_line(&text)
}
