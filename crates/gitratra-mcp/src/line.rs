//! The line to an assistant: one message in JSON a line in either direction, until it ends the line
//! or somebody ends the program.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use rmcp::ServiceExt as _;
use rmcp::service::ServerInitializeError;
use rmcp::transport::async_rw::AsyncRwTransport;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;

use crate::Server;

/// Bytes of one message that are read, at most.
const LONGEST_LINE: usize = 1024 * 1024;
/// How long answers in hand are waited for once the line has ended.
const GRACE: Duration = Duration::from_millis(400);

/// Why the line could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// What came first was not how this protocol begins.
    #[error(
        "what came on standard input is not the Model Context Protocol: an assistant starts this \
         program by itself, docs/mcp.md tells how"
    )]
    Greeting(#[source] Box<ServerInitializeError>),
    /// The task that answers ended on its own.
    #[error("the task that answers has ended: this is a fault of the program")]
    Task(#[from] tokio::task::JoinError),
}

/// Answers what comes in on `read` until that ends, or `stop` does. Answers in hand are given up
/// after less than half a second.
///
/// # Errors
/// [`LineError`]. A line that ends before anything was asked is none.
pub async fn serve(
    server: Server,
    read: impl AsyncRead + Send + Unpin + 'static,
    write: impl AsyncWrite + Send + Unpin + 'static,
    stop: impl Future<Output = ()>,
) -> Result<(), LineError> {
    let ended = Arc::new(Notify::new());
    let read = Watched {
        read,
        ended: ended.clone(),
    };
    let transport = AsyncRwTransport::new_server(read, write).with_max_line_length(LONGEST_LINE);
    let mut stop = std::pin::pin!(stop);
    let begun = tokio::select! {
        begun = server.serve(transport) => begun,
        () = &mut stop => return Ok(()),
    };
    let running = match begun {
        Ok(running) => running,
        // Nobody asked, or whoever reads the answers has gone.
        Err(
            ServerInitializeError::ConnectionClosed(_)
            | ServerInitializeError::Cancelled
            | ServerInitializeError::TransportError { .. },
        ) => return Ok(()),
        Err(other) => return Err(LineError::Greeting(Box::new(other))),
    };
    let token = running.cancellation_token();
    let mut waiting = std::pin::pin!(running.waiting());
    tokio::select! {
        done = &mut waiting => {
            done?;
            return Ok(());
        }
        // What ended the line ends the service by itself once its answers are out.
        () = ended.notified() => {}
        () = &mut stop => token.cancel(),
    }
    if let Ok(done) = tokio::time::timeout(GRACE, waiting).await {
        done?;
    }
    Ok(())
}

/// Standard input and output of this process. Nothing else may write to standard output.
#[must_use]
pub fn standard_streams() -> (
    impl AsyncRead + Send + Unpin + 'static,
    impl AsyncWrite + Send + Unpin + 'static,
) {
    rmcp::transport::io::stdio_pipes()
}

/// Tells when there is nothing more to read.
struct Watched<R> {
    read: R,
    ended: Arc<Notify>,
}

impl<R: AsyncRead + Unpin> AsyncRead for Watched<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = ready!(Pin::new(&mut self.read).poll_read(context, buffer));
        if read.is_err() || (buffer.filled().len() == before && buffer.remaining() > 0) {
            self.ended.notify_one();
        }
        Poll::Ready(read)
    }
}
