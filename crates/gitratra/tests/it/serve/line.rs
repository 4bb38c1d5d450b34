//! A line to GitHub that can be cut, and somebody who takes messages over HTTP.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

/// How a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Everything passes.
    Open,
    /// Whoever comes is turned away at once.
    Cut,
    /// Whoever comes waits for ever.
    Still,
}

#[derive(Debug)]
struct Inner {
    way: Way,
    /// Both ends of every connection there was.
    open: Vec<TcpStream>,
    /// Connections that came.
    came: usize,
}

/// Carries connections to another port of this machine.
#[derive(Clone)]
pub(crate) struct Line {
    inner: Arc<Mutex<Inner>>,
    url: String,
}

impl Line {
    /// A line to the host and port of an address.
    pub(crate) fn to(url: &str, way: Way) -> Self {
        let target = url.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let inner = Arc::new(Mutex::new(Inner {
            way,
            open: Vec::new(),
            came: 0,
        }));
        let kept = Arc::clone(&inner);
        thread::spawn(move || {
            for near in listener.incoming() {
                let Ok(near) = near else { break };
                let mut inner = kept.lock().unwrap();
                inner.came += 1;
                match inner.way {
                    Way::Cut => drop(near),
                    Way::Still => inner.open.push(near),
                    Way::Open => {
                        let far = TcpStream::connect(&target).unwrap();
                        inner.open.push(near.try_clone().unwrap());
                        inner.open.push(far.try_clone().unwrap());
                        carry(near.try_clone().unwrap(), far.try_clone().unwrap());
                        carry(far, near);
                    }
                }
            }
        });
        Self { inner, url }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Breaks every connection, and treats those to come like this.
    pub(crate) fn set(&self, way: Way) {
        let mut inner = self.inner.lock().unwrap();
        inner.way = way;
        for stream in inner.open.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// How many connections came so far.
    pub(crate) fn came(&self) -> usize {
        self.inner.lock().unwrap().came
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
}

/// Takes messages and keeps them.
pub(crate) struct Room {
    pub(crate) url: String,
    taken: Arc<Mutex<Vec<Value>>>,
}

impl Room {
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/room", listener.local_addr().unwrap());
        let taken = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&taken);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { break };
                let kept = Arc::clone(&kept);
                thread::spawn(move || take(stream, &kept));
            }
        });
        Self { url, taken }
    }

    /// `event` and `key` of each message so far.
    pub(crate) fn heard(&self) -> Vec<(String, String)> {
        let word = |value: &Value, key: &str| value[key].as_str().unwrap().to_owned();
        let taken = self.messages();
        let heard = taken
            .iter()
            .map(|message| (word(message, "event"), word(message, "key")));
        heard.collect()
    }

    /// How often something was told.
    pub(crate) fn count(&self, event: &str, key: &str) -> usize {
        let heard = self.heard();
        let is_it = |one: &&(String, String)| one.0 == event && one.1.starts_with(key);
        heard.iter().filter(is_it).count()
    }

    pub(crate) fn messages(&self) -> Vec<Value> {
        self.taken.lock().unwrap().clone()
    }
}

fn take(stream: TcpStream, kept: &Mutex<Vec<Value>>) {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap() == 0 {
            return;
        }
        let header = line.to_ascii_lowercase();
        if let Some(text) = header.strip_prefix("content-length:") {
            length = text.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    kept.lock()
        .unwrap()
        .push(serde_json::from_slice(&body).unwrap());
    let answer = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
    let _ = reader.get_mut().write_all(answer.as_bytes());
}
