//! A balancer as small as can be: each request goes to the next dashboard, whoever sent it; and a
//! browser that keeps its cookies.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How often it is looked whether a dashboard is ready.
const LOOK: Duration = Duration::from_millis(50);
/// Whoever does not answer for so long is broken.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    fn of(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Self {
            status,
            head: head.to_owned(),
            body: body.to_owned(),
        })
    }

    /// A header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find_map(|(found, value)| found.eq_ignore_ascii_case(name).then_some(value))
    }

    /// What stands between two texts of the page.
    #[track_caller]
    pub(crate) fn between(&self, before: &str, after: &str) -> String {
        let found = self.body.split_once(before);
        let (_, rest) = found.unwrap_or_else(|| panic!("no {before:?} in:\n{}", self.body));
        rest.split_once(after).unwrap().0.to_owned()
    }
}

/// Sends one request and reads the answer to its end.
pub(crate) fn send(to: SocketAddr, request: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(to)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    match answer.is_empty() {
        true => Err(ErrorKind::UnexpectedEof.into()),
        false => Ok(answer),
    }
}

/// A dashboard behind the balancer.
struct Backend {
    at: SocketAddr,
    is_ready: AtomicBool,
}

#[derive(Default)]
struct Backends {
    all: Mutex<Vec<Arc<Backend>>>,
    next: AtomicUsize,
    is_over: AtomicBool,
}

/// The balancer, which ends with its test.
pub(crate) struct Balancer {
    pub(crate) at: SocketAddr,
    backends: Arc<Backends>,
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.backends.is_over.store(true, Ordering::SeqCst);
        // Wakes whoever listens.
        let _ = TcpStream::connect(self.at);
    }
}

impl Balancer {
    /// Listens, with nobody behind it yet.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let backends: Arc<Backends> = Arc::default();
        let shared = Arc::clone(&backends);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.is_over.load(Ordering::SeqCst) {
                    return;
                }
                let (shared, stream) = (Arc::clone(&shared), stream.unwrap());
                thread::spawn(move || shared.pass_on(stream));
            }
        });
        let shared = Arc::clone(&backends);
        thread::spawn(move || {
            while !shared.is_over.load(Ordering::SeqCst) {
                shared.look();
                thread::sleep(LOOK);
            }
        });
        Self { at, backends }
    }

    /// Puts a dashboard behind it, which is ready from the moment at which it says so.
    pub(crate) fn add(&self, at: SocketAddr) {
        let backend = Backend {
            at,
            is_ready: AtomicBool::new(is_ready(at)),
        };
        self.backends.all.lock().unwrap().push(Arc::new(backend));
    }

    /// Takes a dashboard out that is gone.
    pub(crate) fn remove(&self, at: SocketAddr) {
        self.backends.all.lock().unwrap().retain(|one| one.at != at);
    }

    /// How many are ready.
    pub(crate) fn ready(&self) -> usize {
        let all = self.backends.all.lock().unwrap();
        let ready = all.iter().filter(|one| one.is_ready.load(Ordering::SeqCst));
        ready.count()
    }
}

fn is_ready(at: SocketAddr) -> bool {
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n");
    let answer = send(at, request.as_bytes());
    answer.is_ok_and(|answer| answer.starts_with(b"HTTP/1.1 200"))
}

impl Backends {
    fn look(&self) {
        let all = self.all.lock().unwrap().clone();
        for backend in all {
            backend
                .is_ready
                .store(is_ready(backend.at), Ordering::SeqCst);
        }
    }

    /// Carries one request to the next that is ready; where that refuses the connection, to the one
    /// after it.
    fn pass_on(&self, mut stream: TcpStream) {
        let Some(request) = whole_request(&mut stream) else {
            return;
        };
        let all = self.all.lock().unwrap().clone();
        let ready = all.iter().filter(|one| one.is_ready.load(Ordering::SeqCst));
        let ready: Vec<_> = ready.collect();
        let first = self.next.fetch_add(1, Ordering::SeqCst);
        for at in 0..ready.len() {
            let backend = ready[(first + at) % ready.len()];
            match send(backend.at, &request) {
                Ok(answer) => {
                    let _ = stream.write_all(&answer);
                    return;
                }
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
                Err(error) => {
                    let _ = write!(stream, "HTTP/1.1 502 x\r\n\r\n{}: {error}", backend.at);
                    return;
                }
            }
        }
        let _ = stream.write_all(b"HTTP/1.1 503 x\r\n\r\nnobody is ready");
    }
}

/// A request with its body, as it is passed on.
fn whole_request(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        let count = stream.read(&mut part).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            let is_length = name.eq_ignore_ascii_case("content-length");
            is_length.then(|| value.parse::<usize>().unwrap())
        });
        if body.len() >= length.unwrap_or(0) {
            let told = "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: http\r\n";
            return Some(format!("{head}\r\n{told}\r\n{body}").into_bytes());
        }
    }
}

/// Somebody who looks, with their cookies.
#[derive(Debug, Clone, Default)]
pub(crate) struct Browser {
    cookies: BTreeMap<String, String>,
}

impl Browser {
    /// Asks for a page, through a balancer or directly.
    pub(crate) fn get(&mut self, at: SocketAddr, path: &str) -> Reply {
        self.ask(at, &format!("GET {path} HTTP/1.1"), "", "")
    }

    /// Sends a form as a page of the dashboard does.
    pub(crate) fn post(&mut self, at: SocketAddr, path: &str, form: &str) -> Reply {
        self.post_from(at, path, form, "same-origin")
    }

    /// Sends a form as a page of some site does.
    pub(crate) fn post_from(
        &mut self,
        at: SocketAddr,
        path: &str,
        form: &str,
        site: &str,
    ) -> Reply {
        let headers = format!(
            "Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: {site}\r\n\
             Content-Length: {}\r\n",
            form.len()
        );
        self.ask(at, &format!("POST {path} HTTP/1.1"), &headers, form)
    }

    /// Asks for something of the API with a token.
    pub(crate) fn get_with(at: SocketAddr, path: &str, token: &str) -> Reply {
        let headers = format!("Authorization: Bearer {token}\r\n");
        Self::default().ask(at, &format!("GET {path} HTTP/1.1"), &headers, "")
    }

    #[track_caller]
    fn ask(&mut self, at: SocketAddr, line: &str, headers: &str, body: &str) -> Reply {
        let cookies = self.cookies.iter();
        let cookies: Vec<String> = cookies
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let cookie = match cookies.is_empty() {
            true => String::new(),
            false => format!("Cookie: {}\r\n", cookies.join("; ")),
        };
        let request = format!(
            "{line}\r\nHost: localhost:8080\r\nConnection: close\r\n{cookie}{headers}\r\n{body}"
        );
        let answer = send(at, request.as_bytes());
        let answer = answer.unwrap_or_else(|error| panic!("{line}: {error}"));
        let reply = Reply::of(&answer).unwrap_or_else(|| panic!("{line}: {answer:?}"));
        self.take_cookies(&reply);
        reply
    }

    fn take_cookies(&mut self, reply: &Reply) {
        for line in reply.head.lines() {
            let Some((name, value)) = line.split_once(": ") else {
                continue;
            };
            if !name.eq_ignore_ascii_case("set-cookie") {
                continue;
            }
            let (cookie, rest) = value.split_once(';').unwrap_or((value, ""));
            let (name, value) = cookie.split_once('=').unwrap();
            match rest.contains("Max-Age=0") {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
    }
}
