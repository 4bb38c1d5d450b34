//! A server below HTTP: it writes the bytes a test gives it and hangs up.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// How one connection goes.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// These bytes after the request, then the end.
    Write(Vec<u8>),
    /// Nothing at all, and the end.
    HangUp,
    /// Nothing at all, and no end.
    StaySilent,
}

/// A server that treats connections one after the other, and the last way for ever.
pub(crate) struct RawServer {
    pub(crate) url: String,
    connections: Arc<AtomicUsize>,
}

impl RawServer {
    pub(crate) async fn start(acts: impl IntoIterator<Item = Act>) -> Self {
        Self::start_on(TcpListener::bind("127.0.0.1:0").await.unwrap(), acts)
    }

    pub(crate) fn start_on(listener: TcpListener, acts: impl IntoIterator<Item = Act>) -> Self {
        let acts: Vec<_> = acts.into_iter().collect();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        tokio::spawn(async move {
            let mut silent = Vec::new();
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let at = counted.fetch_add(1, Ordering::SeqCst);
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    let byte = socket.read_u8().await;
                    let Ok(byte) = byte else { break };
                    request.push(byte);
                }
                match &acts[at.min(acts.len() - 1)] {
                    Act::Write(bytes) => {
                        // The client may hang up first where it has read enough.
                        let _ = socket.write_all(bytes).await;
                        let _ = socket.shutdown().await;
                    }
                    Act::HangUp => {}
                    Act::StaySilent => silent.push(socket),
                }
            }
        });
        Self { url, connections }
    }

    /// How many connections came.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}
