//! Networks that break: each message says what broke, and the same client works on once it is
//! mended.
//!
//! Proxies and trusted certificates are the environment's, so those tests run once more as a child
//! process with an environment of their own.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use gitratra_core::Metric;
use gitratra_github::{
    ApiUrl, Client, Credential, Failure, FailureKind, Options, RetryPolicy, SecretString,
};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::raw::{Act, RawServer};
use crate::server::{DATE, JumpingClock, NO_VIEWS, TOKEN, repo};

const PASSWORD: &str = "hunter2hunter2";
/// Set in a child process, and what its proxy listens on.
const CHILD: &str = "GITRATRA_TEST_CHILD";

fn client(url: &str) -> Client {
    client_with(url, |_| {})
}

fn client_with(url: &str, change: impl FnOnce(&mut Options)) -> Client {
    let credential = Credential::Token(SecretString::from(TOKEN));
    let mut options = Options::new(ApiUrl::parse(url).unwrap(), credential);
    options.clock = Arc::new(JumpingClock::default());
    options.retry = RetryPolicy {
        attempts: 1,
        connect_attempts: 1,
        seed: Some(1),
        ..RetryPolicy::default()
    };
    change(&mut options);
    Client::new(options).unwrap()
}

async fn views(client: &Client) -> Result<(), Failure> {
    let answer = client.traffic(&repo("o/r"), Metric::Views, None).await;
    answer.map(|_| ())
}

/// Asks what cannot be answered; the message must hold these words and no secret.
async fn broken(client: &Client, words: &[&str]) {
    let failure = views(client).await.expect_err("nothing answers");
    assert_eq!(failure.kind, FailureKind::Unreachable, "{failure}");
    for word in words {
        assert!(failure.message.contains(word), "{failure} lacks {word}");
    }
    let all = format!("{failure} {failure:?}");
    assert!(!all.contains(PASSWORD) && !all.contains(TOKEN), "{all}");
    assert!(!all.contains("traffic/views"), "{all}");
    assert!(!failure.to_string().contains('\n'), "{failure}");
}

fn whole_answer() -> Vec<u8> {
    let length = NO_VIEWS.len();
    let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nDate: ";
    format!("{head}{DATE}\r\nContent-Length: {length}\r\n\r\n{NO_VIEWS}").into_bytes()
}

/// Runs a test of this file again with such an environment.
fn run_again(test: &str, environment: &[(&str, &str)]) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("network::{test}"), "--nocapture"]);
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
        command.env_remove(name).env_remove(name.to_uppercase());
    }
    command.envs(environment.iter().copied()).env(CHILD, "1");
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}");
    assert!(text.contains("1 passed"), "{text}");
}

fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_told_as_dns() {
    // No name server is asked for a label that is longer than any can be.
    let host = format!("{}.invalid", "a".repeat(64));
    let client = client(&format!("http://{host}"));
    broken(&client, &["no connection: dns: "]).await;
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_told_and_asked_again_later() {
    // Bound and not listening, so that nobody else can take the port meanwhile.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    for scheme in ["http", "https"] {
        let client = client(&format!("{scheme}://{address}"));
        broken(&client, &["no connection: connection refused"]).await;
    }
    let client = client(&format!("http://{address}"));
    broken(&client, &["connection refused"]).await;
    let server = RawServer::start_on(socket.listen(8).unwrap(), [Act::Write(whole_answer())]);
    views(&client).await.unwrap();
    assert_eq!(server.connections(), 1);
}

/// A certificate for this machine that nobody has signed, and its server side.
fn certificate() -> (String, Arc<ServerConfig>) {
    let names = ["localhost".to_owned(), "github.test".to_owned()];
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    (cert.pem(), Arc::new(config))
}

/// How one connection to a server with encryption goes.
enum Secure {
    /// With this certificate.
    With(Arc<ServerConfig>),
    /// What is no encryption at all.
    Garbage,
    /// The end, before a word was said.
    Cut,
    /// With this certificate and HTTP/2, but never an answer.
    Dead(Arc<ServerConfig>),
}

/// Serves connections in turn, each as it says, and the last way for ever.
async fn secure_server(listener: TcpListener, acts: Vec<Secure>) {
    let mut at = 0;
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        secure(socket, &acts[at.min(acts.len() - 1)]).await;
        at += 1;
    }
}

/// Begins HTTP/2 as a server does, and leaves it at that.
async fn play_dead(socket: TcpStream, config: Arc<ServerConfig>) {
    let Ok(mut stream) = TlsAcceptor::from(config).accept(socket).await else {
        return;
    };
    // No settings of its own (RFC 9113, section 6.5).
    let _ = stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await;
    let mut taken = [0; 1024];
    while stream.read(&mut taken).await.is_ok_and(|read| read > 0) {}
}

async fn secure(mut socket: TcpStream, act: &Secure) {
    let config = match act {
        Secure::With(config) => Arc::clone(config),
        Secure::Garbage => {
            let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            return;
        }
        Secure::Cut => return,
        Secure::Dead(config) => {
            tokio::spawn(play_dead(socket, Arc::clone(config)));
            return;
        }
    };
    // A client that does not trust the certificate breaks off here.
    let Ok(mut stream) = TlsAcceptor::from(config).accept(socket).await else {
        return;
    };
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else {
            return;
        };
        request.push(byte);
    }
    let _ = stream.write_all(&whole_answer()).await;
    let _ = stream.shutdown().await;
}

#[test]
fn encryption_that_cannot_be_trusted_is_told_as_tls_until_it_is_mended() {
    let name = "encryption_that_cannot_be_trusted_is_told_as_tls_until_it_is_mended";
    if is_child() {
        return run(trusting_child());
    }
    let (pem, config) = certificate();
    let (_, stranger) = certificate();
    run(async move {
        let acts = vec![
            Secure::With(stranger),
            Secure::Garbage,
            Secure::Cut,
            Secure::With(config),
        ];
        run_trusting(name, pem, acts).await;
    });
}

/// Runs a test again in a child process that trusts this certificate, with such a server.
async fn run_trusting(name: &'static str, pem: String, acts: Vec<Secure>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    tokio::spawn(secure_server(listener, acts));
    let folder = std::env::temp_dir().join(format!("gitratra-trust-{port}"));
    std::fs::create_dir(&folder).unwrap();
    let file = folder.join("trusted.pem");
    std::fs::write(&file, pem).unwrap();
    let environment = [
        ("SSL_CERT_FILE".to_owned(), file.display().to_string()),
        ("GITRATRA_TEST_PORT".to_owned(), port),
    ];
    let child = tokio::task::spawn_blocking(move || {
        let pairs: Vec<_> = environment.iter().map(|(k, v)| (&**k, &**v)).collect();
        run_again(name, &pairs);
    });
    let ended = child.await;
    std::fs::remove_dir_all(&folder).unwrap();
    ended.unwrap();
}

#[test]
fn a_connection_that_died_unseen_is_given_up() {
    let name = "a_connection_that_died_unseen_is_given_up";
    if is_child() {
        return run(outliving_child());
    }
    let (pem, config) = certificate();
    let mut dead = ServerConfig::clone(&config);
    dead.alpn_protocols = vec![b"h2".to_vec()];
    let acts = vec![Secure::Dead(Arc::new(dead)), Secure::With(config)];
    run(run_trusting(name, pem, acts));
}

async fn outliving_child() {
    let port = std::env::var("GITRATRA_TEST_PORT").unwrap();
    let client = client_with(&format!("https://localhost:{port}"), |options| {
        options.retry.request_timeout = Duration::from_millis(600);
    });
    broken(&client, &[]).await;
    for _ in 0..30 {
        if views(&client).await.is_ok() {
            return;
        }
    }
    panic!("all requests wait on the dead connection");
}

async fn trusting_child() {
    let port = std::env::var("GITRATRA_TEST_PORT").unwrap();
    let client = client(&format!("https://localhost:{port}"));
    broken(&client, &["no connection: tls: ", "certificate"]).await;
    broken(&client, &["no connection: tls: "]).await;
    broken(&client, &["no connection: tls: "]).await;
    views(&client).await.unwrap();
}

#[test]
fn a_proxy_that_breaks_is_told_as_the_proxy_until_it_is_mended() {
    let name = "a_proxy_that_breaks_is_told_as_the_proxy_until_it_is_mended";
    if is_child() {
        return run(proxied_child());
    }
    run(async move {
        let refusal = b"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n".to_vec();
        let proxy = RawServer::start([
            Act::HangUp,
            Act::HangUp,
            Act::Write(refusal),
            Act::Write(whole_answer()),
        ])
        .await;
        let port = proxy.url.rsplit(':').next().unwrap().to_owned();
        let address = format!("http://me:{PASSWORD}@127.0.0.1:{port}");
        let child = tokio::task::spawn_blocking(move || {
            let environment = [
                ("HTTPS_PROXY", &*address),
                ("HTTP_PROXY", &*address),
                ("GITRATRA_TEST_PORT", &*port),
            ];
            run_again(name, &environment);
        });
        child.await.unwrap();
        assert_eq!(proxy.connections(), 4);
    });
}

async fn proxied_child() {
    let port = std::env::var("GITRATRA_TEST_PORT").unwrap();
    let proxy = format!("proxy \"127.0.0.1:{port}\"");
    let secure = client("https://github.test");
    let plain = client("http://github.test");
    broken(&secure, &["no connection: ", &proxy]).await;
    broken(&plain, &["broke off: ", &proxy]).await;
    broken(&secure, &["no connection: ", &proxy, "no tunnel"]).await;
    views(&plain).await.unwrap();
}

#[test]
fn a_proxy_that_is_not_there_is_told_as_the_proxy() {
    let name = "a_proxy_that_is_not_there_is_told_as_the_proxy";
    if is_child() {
        return run(async {
            for scheme in ["http", "https"] {
                let client = client(&format!("{scheme}://github.test"));
                broken(&client, &["no connection: proxy \"127.0.0.1:1\""]).await;
            }
        });
    }
    let address = format!("http://me:{PASSWORD}@127.0.0.1:1");
    run_again(name, &[("HTTPS_PROXY", &address), ("HTTP_PROXY", &address)]);
}

/// Runs on a runtime of its own, which a child process needs as well.
fn run(what: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(what);
    runtime.shutdown_timeout(Duration::ZERO);
}
