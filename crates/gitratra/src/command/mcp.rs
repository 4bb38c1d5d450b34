//! `mcp`: the history for assistants, over standard input and output. Nothing but the protocol is
//! written to standard output.

use std::io::IsTerminal as _;
use std::time::Duration;

use anyhow::Result;
use gitratra_mcp::{Options, Server, serve, standard_streams};

use crate::Exit;
use crate::args::Mcp;
use crate::clock;
use crate::connect;
use crate::interrupt;
use crate::output::Voice;
use crate::settings::Settings;

/// How long the store may take to close, so that the program ends within a second.
const CLOSING: Duration = Duration::from_millis(300);

pub(super) async fn run(args: &Mcp, settings: &Settings, voice: Voice) -> Result<Exit> {
    connect::existing(settings)?;
    let options = Options {
        include_private: args.include_private,
        rules: settings.platform_rules()?,
        machine_time: clock::machine_time,
    };
    let store = connect::store(settings).await?;
    if std::io::stdin().is_terminal() {
        voice.say("waiting for an assistant, which starts this by itself: docs/mcp.md tells how");
    }
    let stop = interrupt::listen(voice)?;
    let (read, write) = standard_streams();
    let server = Server::new(store.clone(), options);
    let served = serve(server, read, write, stop.cancelled()).await;
    // Nothing was written, so that nothing is lost where it takes longer.
    let _ = tokio::time::timeout(CLOSING, store.close()).await;
    served?;
    Ok(Exit::Done)
}
