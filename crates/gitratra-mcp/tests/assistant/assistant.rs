//! A server over a filled store, and the other end of its line.

use std::time::Duration;

use gitratra_mcp::{Options, Server, serve};
use gitratra_store::Store;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::place::{Kind, Place};
use crate::world;

/// Ends a test that hangs; none depends on how fast anything is.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// An assistant that has greeted the server.
pub(crate) struct Assistant {
    pub(crate) write: DuplexStream,
    pub(crate) read: BufReader<DuplexStream>,
    pub(crate) greeting: Value,
    pub(crate) server: JoinHandle<()>,
    asked: u64,
}

/// What a call came to.
#[derive(Debug)]
pub(crate) struct Told {
    /// The text.
    pub(crate) text: String,
    /// The same as JSON; null where the tool failed.
    pub(crate) sent: Value,
    pub(crate) is_error: bool,
}

impl Told {
    /// The values alone.
    pub(crate) fn data(&self) -> &Value {
        assert!(!self.is_error, "{}", self.text);
        &self.sent["data"]
    }

    /// What is said instead of an answer.
    pub(crate) fn error(&self) -> &str {
        assert!(self.is_error && self.sent.is_null(), "{}", self.text);
        &self.text
    }
}

pub(crate) fn options(include_private: bool) -> Options {
    Options {
        include_private,
        rules: Vec::new(),
        machine_time: world::now,
    }
}

impl Assistant {
    /// Greets a server over a store.
    pub(crate) async fn of(store: Store, options: Options) -> Self {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let (read, write) = tokio::io::duplex(1 << 20);
        let server = Server::new(store, options);
        let server = tokio::spawn(async move {
            serve(server, theirs, write, std::future::pending())
                .await
                .unwrap();
        });
        let mut assistant = Self {
            write: ours,
            read: BufReader::new(read),
            greeting: Value::Null,
            server,
            asked: 0,
        };
        let hello = json!({
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "a test", "version": "1"}
        });
        let greeting = assistant.ask("initialize", hello).await;
        assistant.greeting = greeting["result"].clone();
        let thanks = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        assistant.send(&thanks.to_string()).await;
        assistant
    }

    pub(crate) async fn send(&mut self, line: &str) {
        self.write.write_all(line.as_bytes()).await.unwrap();
        self.write.write_all(b"\n").await.unwrap();
    }

    /// The next line that the server writes, which is always JSON of the protocol.
    pub(crate) async fn receive(&mut self) -> Value {
        let mut line = String::new();
        let read = timeout(PATIENCE, self.read.read_line(&mut line)).await;
        read.expect("the server says nothing").unwrap();
        let message: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
        message
    }

    /// Asks and waits for the answer.
    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        let request = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.send(&request.to_string()).await;
        let answer = self.receive().await;
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    /// Calls a tool.
    pub(crate) async fn call(&mut self, tool: &str, arguments: Value) -> Told {
        let params = json!({"name": tool, "arguments": arguments});
        let answer = self.ask("tools/call", params).await;
        let result = &answer["result"];
        assert!(result.is_object(), "{answer}");
        let text = result["content"][0]["text"].as_str().unwrap().to_owned();
        Told {
            text,
            sent: result["structuredContent"].clone(),
            is_error: result["isError"].as_bool().unwrap_or(false),
        }
    }
}

/// An assistant at a small fleet, on each engine in turn.
pub(crate) async fn on_both(include_private: bool, test: impl AsyncFn(&mut Assistant)) {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let place = Place::new(kind).await;
        let store = place.open().await;
        world::fill(&store, true).await;
        let mut assistant = Assistant::of(store.clone(), options(include_private)).await;
        test(&mut assistant).await;
        drop(assistant.write);
        assistant.server.await.unwrap();
        place.end(store).await;
    }
}
