//! Starts the mail server of `sink.py`: Debian's `python3-aiosmtpd`.

use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// A mail server that keeps what it gets; it ends when this is dropped.
pub(crate) struct Sink {
    pub(crate) port: u16,
    folder: TempDir,
    lines: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Sink {
    /// `way` is `plain`, `starttls` or `wrapped`.
    pub(crate) async fn start(way: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        let certificate = folder.path().join("cert.pem");
        let key = folder.path().join("key.pem");
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        // Packages of the system belong to its own Python, whatever else the path holds.
        let own = Path::new("/usr/bin/python3");
        let python = if own.exists() {
            own
        } else {
            Path::new("python3")
        };
        let mut child = Command::new(python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/send/sink.py"))
            .arg(way)
            .args([&certificate, &key])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.next_line().await.unwrap();
        let port = port.expect("the tests need Debian's python3-aiosmtpd");
        Self {
            port: port.parse().unwrap(),
            folder,
            lines,
            _child: child,
        }
    }

    /// The certificate it shows.
    pub(crate) fn certificate(&self) -> String {
        self.folder.path().join("cert.pem").display().to_string()
    }

    /// The next mail that came.
    pub(crate) async fn mail(&mut self) -> Value {
        let line = self.lines.next_line().await.unwrap().unwrap();
        serde_json::from_str(&line).unwrap()
    }
}
