//! Connections that can be cut: closed or reset at the moment an answer would be written.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

const OPEN: u8 = 0;
const CLOSE: u8 = 1;
const RESET: u8 = 2;

/// Cuts one connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wire(Arc<AtomicU8>);

impl Wire {
    /// Nothing more is written; the connection ends in order.
    pub(crate) fn close(&self) {
        self.0.store(CLOSE, Ordering::Release);
    }

    /// Nothing more is written; the connection ends with a reset.
    pub(crate) fn reset(&self) {
        self.0.store(RESET, Ordering::Release);
    }

    fn state(&self) -> u8 {
        self.0.load(Ordering::Acquire)
    }
}

/// Accepts connections that can be cut, and counts them.
#[derive(Debug)]
pub(crate) struct Entrance {
    pub(crate) listener: TcpListener,
    pub(crate) accepted: Arc<AtomicU64>,
}

impl Listener for Entrance {
    type Io = Socket;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Socket, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok((stream, address)) => {
                    self.accepted.fetch_add(1, Ordering::Relaxed);
                    // Without this a small answer waits for the client's delayed ACK.
                    let _ = stream.set_nodelay(true);
                    let wire = Wire::default();
                    return (Socket { stream, wire }, address);
                }
                // Out of file handles, most likely: some will be given back.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: TcpStream,
    wire: Wire,
}

impl Socket {
    fn check(&self) -> io::Result<()> {
        match self.wire.state() {
            OPEN => Ok(()),
            _ => Err(io::ErrorKind::ConnectionAborted.into()),
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.wire.state() == RESET {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl Connected<IncomingStream<'_, Entrance>> for Wire {
    fn connect_info(stream: IncomingStream<'_, Entrance>) -> Self {
        stream.io().wire.clone()
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(context, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
