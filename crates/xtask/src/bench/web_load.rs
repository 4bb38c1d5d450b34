//! Requests over HTTP to a running program: how long it takes for each of them at a steady rate, and
//! how many it answers at most.
//!
//! `GITRATRA_LOAD_URL` names the page (`http://HOST:PORT/PATH`; `{n}` in it is another number each
//! time, up to `GITRATRA_LOAD_NUMBERS`, so that no page that is kept helps), `GITRATRA_LOAD_RATE` the requests a
//! second (50), `GITRATRA_LOAD_SECS` how long (20), `GITRATRA_LOAD_CONNECTIONS` how many connections
//! ask as fast as they are answered (16), `GITRATRA_LOAD_COOKIE` who asks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::Measured;
use crate::say;

/// What is asked.
#[derive(Clone)]
struct Target {
    host: String,
    request: String,
    asked: Arc<AtomicU32>,
    numbers: u32,
}

fn number(name: &str, default: u32) -> Result<u32> {
    let told = std::env::var(name).ok().map(|text| text.parse());
    told.transpose()
        .with_context(|| format!("{name} is no number"))
        .map(|number| number.unwrap_or(default))
}

impl Target {
    fn named() -> Result<Self> {
        let url = std::env::var("GITRATRA_LOAD_URL")
            .context("set GITRATRA_LOAD_URL to http://HOST:PORT/PATH of a running program")?;
        let rest = url
            .strip_prefix("http://")
            .context("GITRATRA_LOAD_URL begins with http://")?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let cookie = std::env::var("GITRATRA_LOAD_COOKIE");
        let cookie =
            cookie.map_or_else(|_| String::new(), |cookie| format!("Cookie: {cookie}\r\n"));
        Ok(Self {
            host: host.to_owned(),
            request: format!(
                "GET /{path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip\r\n{cookie}\r\n"
            ),
            asked: Arc::default(),
            numbers: number("GITRATRA_LOAD_NUMBERS", u32::MAX)?.max(1),
        })
    }
}

impl Target {
    fn next(&self) -> String {
        let number = self.asked.fetch_add(1, Ordering::Relaxed) % self.numbers;
        self.request.replace("{n}", &number.to_string())
    }
}

/// One connection that stays open.
struct Line {
    stream: BufReader<TcpStream>,
}

impl Line {
    async fn open(target: &Target) -> Result<Self> {
        let stream = TcpStream::connect(&target.host)
            .await
            .with_context(|| format!("nobody answers at {}", target.host))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::new(stream),
        })
    }

    /// Asks once and reads the whole answer; says how many bytes it had.
    async fn ask(&mut self, target: &Target) -> Result<usize> {
        self.stream.write_all(target.next().as_bytes()).await?;
        let status = self.line().await?;
        if !status.starts_with("HTTP/1.1 2") {
            bail!("the answer is \"{}\"", status.trim_end());
        }
        let (mut length, mut is_chunked) = (0, false);
        loop {
            let header = self.line().await?.to_ascii_lowercase();
            match header.trim_end().split_once(": ") {
                Some(("content-length", bytes)) => length = bytes.parse()?,
                Some(("transfer-encoding", how)) => is_chunked = how == "chunked",
                Some(_) => {}
                None => break,
            }
        }
        if !is_chunked {
            return self.skip(length).await;
        }
        let mut whole = 0;
        loop {
            let size = usize::from_str_radix(self.line().await?.trim_end(), 16)?;
            whole += self.skip(size).await?;
            self.line().await?;
            if size == 0 {
                return Ok(whole);
            }
        }
    }

    async fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            bail!("the program closed the connection");
        }
        Ok(line)
    }

    async fn skip(&mut self, bytes: usize) -> Result<usize> {
        let mut body = vec![0; bytes];
        self.stream.read_exact(&mut body).await?;
        Ok(bytes)
    }
}

/// Measures both.
pub(super) fn load() -> Result<Measured> {
    let target = Target::named()?;
    let rate = number("GITRATRA_LOAD_RATE", 50)?;
    let span = Duration::from_secs(number("GITRATRA_LOAD_SECS", 20)?.into());
    let connections = number("GITRATRA_LOAD_CONNECTIONS", 16)?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let bytes = Line::open(&target).await?.ask(&target).await?;
        say(&format!("  an answer has {bytes} bytes"));
        steady(&target, rate, span).await?;
        most(&target, connections, span).await
    })?;
    // What was asked only the caller knows: it is told, and not kept.
    Ok(Vec::new())
}

/// Asks at a steady rate, however long answers take: each time counts from when it should begin.
async fn steady(target: &Target, rate: u32, span: Duration) -> Result<()> {
    const LINES: u32 = 8;
    let began = Instant::now();
    let mut lines = Vec::new();
    for place in 0..LINES {
        let target = target.clone();
        lines.push(tokio::spawn(async move {
            let mut line = Line::open(&target).await?;
            let mut times = Vec::new();
            for turn in (place..).step_by(LINES as usize) {
                let due = began + Duration::from_secs(turn.into()) / rate;
                if due.duration_since(began) >= span {
                    break;
                }
                tokio::time::sleep_until(due).await;
                line.ask(&target).await?;
                times.push(due.elapsed());
            }
            Ok::<_, anyhow::Error>(times)
        }));
    }
    let mut times = Vec::new();
    for line in lines {
        times.extend(line.await??);
    }
    times.sort_unstable();
    let at = |share: usize| {
        let place = (times.len() * share / 1000).min(times.len().saturating_sub(1));
        times.get(place).copied().unwrap_or_default().as_secs_f64() * 1000.0
    };
    say(&format!(
        "  {rate} a second for {} s: median {:.1} ms, 90 % {:.1} ms, 99 % {:.1} ms, most {:.1} ms",
        span.as_secs(),
        at(500),
        at(900),
        at(990),
        at(1000)
    ));
    Ok(())
}

/// Asks as fast as answers come.
async fn most(target: &Target, connections: u32, span: Duration) -> Result<()> {
    let began = Instant::now();
    let mut lines = Vec::new();
    for _ in 0..connections {
        let target = target.clone();
        lines.push(tokio::spawn(async move {
            let mut line = Line::open(&target).await?;
            let mut count = 0_u32;
            while began.elapsed() < span {
                line.ask(&target).await?;
                count += 1;
            }
            Ok::<_, anyhow::Error>(count)
        }));
    }
    let mut count = 0;
    for line in lines {
        count += line.await??;
    }
    say(&format!(
        "  {connections} connections: {:.0} answers a second",
        f64::from(count) / began.elapsed().as_secs_f64()
    ));
    Ok(())
}
