//! Addresses of receivers, which may be secrets as a whole: only their host is ever shown.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

/// A checked address of an HTTP receiver. Shows only its host.
#[derive(Clone)]
pub(crate) struct WebAddress(Url);

impl WebAddress {
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let url = Url::parse(text).map_err(|_| "is no address, write it as https://HOST/PATH")?;
        match url.scheme() {
            "http" | "https" if url.has_host() => Ok(Self(url)),
            _ => Err("must begin with https:// or http://"),
        }
    }

    pub(crate) fn url(&self) -> &Url {
        &self.0
    }

    pub(crate) fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(self.host())
    }

    /// Whether a text repeats what nobody but the receiver should know.
    pub(crate) fn is_told_in(&self, text: &str) -> bool {
        let parts = self.0.path().split('/').chain(self.0.query());
        let mut secrets = parts.chain(self.0.password()).filter(|part| part.len() > 5);
        secrets.any(|part| text.contains(part))
    }
}

impl fmt::Debug for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/…", self.0.scheme(), self.host())
    }
}

/// A checked address of a mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MailServer {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// TLS from the first byte, else by STARTTLS.
    pub(crate) is_wrapped: bool,
}

impl MailServer {
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        const SHAPE: &str = "must be smtps://HOST[:PORT] or smtp://HOST[:PORT]";
        let url = Url::parse(text).map_err(|_| SHAPE)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must hold no user and no password, they have their own keys");
        }
        let has_more = url.query().is_some() || url.fragment().is_some();
        if !matches!(url.path(), "" | "/") || has_more {
            return Err(SHAPE);
        }
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or(SHAPE)?.trim_matches(['[', ']']).to_owned();
        let (is_wrapped, usual) = match url.scheme() {
            "smtps" => (true, 465),
            "smtp" if is_loopback(&host) => (false, 25),
            "smtp" => (false, 587),
            _ => return Err(SHAPE),
        };
        Ok(Self {
            port: url.port().unwrap_or(usual),
            host,
            is_wrapped,
        })
    }

    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    let bare = host.trim_matches(['[', ']']);
    host == "localhost" || bare.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(text: &str) -> Option<(String, u16, bool)> {
        let server = MailServer::parse(text).ok()?;
        Some((server.host, server.port, server.is_wrapped))
    }

    #[test]
    fn a_mail_server_has_the_usual_ports() {
        let expected = |host: &str, port, is_wrapped| Some((host.to_owned(), port, is_wrapped));
        assert_eq!(
            server("smtps://m.example"),
            expected("m.example", 465, true)
        );
        assert_eq!(
            server("smtp://m.example"),
            expected("m.example", 587, false)
        );
        assert_eq!(server("smtp://localhost"), expected("localhost", 25, false));
        assert_eq!(server("smtp://[::1]:2525"), expected("::1", 2525, false));
    }

    #[test]
    fn what_is_no_mail_server_is_refused() {
        for bad in [
            "mail.example",
            "smtps://",
            "https://m.example",
            "smtps://me:pw@m.example",
            "smtps://m.example/x",
            "smtps://m.example?tls=no",
        ] {
            assert_eq!(server(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_the_host_of_a_receiver_is_shown() {
        let address =
            WebAddress::parse("https://u:pass@hooks.example/services/T0/SECRETX?k=abcdefg");
        let address = address.unwrap();
        assert_eq!(format!("{address:?}"), "https://hooks.example/…");
        assert!(address.is_told_in("no hook at /SECRETX"));
        assert!(address.is_told_in("k=abcdefg is wrong"));
        assert!(!address.is_told_in("not found"));
    }
}
