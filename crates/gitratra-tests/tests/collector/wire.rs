//! A wire to somebody on this machine that can be cut and mended.

use std::sync::{Arc, Mutex};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// Carries connections to another port of this machine, as long as it is whole.
pub(crate) struct Wire {
    /// Host and port of this end.
    pub(crate) address: String,
    /// Cancelled while the wire is cut.
    cut: Arc<Mutex<CancellationToken>>,
}

impl Wire {
    /// A wire to a host and port.
    pub(crate) async fn to(far: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let cut: Arc<Mutex<CancellationToken>> = Arc::default();
        let (far, state) = (far.to_owned(), Arc::clone(&cut));
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let cut = state.lock().unwrap().clone();
                let far = far.clone();
                tokio::spawn(carry(near, far, cut));
            }
        });
        Self { address, cut }
    }

    /// Breaks every connection, and those to come.
    pub(crate) fn cut(&self) {
        self.cut.lock().unwrap().cancel();
    }

    pub(crate) fn mend(&self) {
        *self.cut.lock().unwrap() = CancellationToken::new();
    }
}

async fn carry(mut near: TcpStream, far: String, cut: CancellationToken) {
    if cut.is_cancelled() {
        return;
    }
    let Ok(mut far) = TcpStream::connect(far).await else {
        return;
    };
    tokio::select! {
        () = cut.cancelled() => {}
        _ = copy_bidirectional(&mut near, &mut far) => {}
    }
}
