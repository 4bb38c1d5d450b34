//! The line itself: what is listed, how it ends, and what it bears.

use gitratra_mcp::{LineError, Server, serve};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::assistant::{Assistant, PATIENCE, on_both, options};
use crate::place::{Kind, Place};
use crate::world;

#[tokio::test]
async fn every_tool_says_that_it_only_reads() {
    on_both(false, async |assistant| {
        let listed = assistant.ask("tools/list", json!({})).await;
        let tools = listed["result"]["tools"].as_array().unwrap();
        let names: Vec<&str> = tools
            .iter()
            .map(|tool| tool["name"].as_str().unwrap())
            .collect();
        let expected = [
            "list_repositories",
            "series",
            "top",
            "compare",
            "list_spikes",
            "explain_spike",
            "sources",
            "gaps",
        ];
        assert_eq!(names, expected);
        for tool in tools {
            let hints = &tool["annotations"];
            assert_eq!(hints["readOnlyHint"], true, "{tool}");
            assert_eq!(hints["idempotentHint"], true, "{tool}");
            assert_eq!(hints["destructiveHint"], false, "{tool}");
            assert_eq!(hints["openWorldHint"], false, "{tool}");
            assert_eq!(tool["inputSchema"]["type"], "object");
            assert_eq!(tool["inputSchema"]["additionalProperties"], false);
            assert_eq!(tool["outputSchema"]["type"], "object");
            let fields = tool["inputSchema"]["properties"].as_object().unwrap();
            for (name, field) in fields {
                assert!(field["description"].is_string(), "{}: {name}", tool["name"]);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn nothing_is_written_by_any_tool() {
    // A store that cannot be written answers just the same.
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("store.db");
    let location = gitratra_store::Location::file(&place);
    let store = gitratra_store::Store::open(&location).await.unwrap();
    world::fill(&store, true).await;
    let before = store.latest_time().await.unwrap();
    let mut assistant = Assistant::of(store.clone(), options(true)).await;
    let stamp = |path: &std::path::Path| std::fs::metadata(path).unwrap().modified().unwrap();
    let files = || {
        let files = std::fs::read_dir(folder.path()).unwrap();
        let mut files: Vec<_> = files
            .map(|entry| entry.unwrap().path())
            .filter(|path| !path.to_string_lossy().ends_with("-shm"))
            .map(|path| (path.clone(), stamp(&path), std::fs::read(&path).unwrap()))
            .collect();
        files.sort();
        files
    };
    let kept = files();
    for (tool, arguments) in [
        ("list_repositories", json!({})),
        ("series", json!({"repo": "octo/hello"})),
        ("top", json!({})),
        ("compare", json!({"repos": ["octo/hello", "octo/quiet"]})),
        ("list_spikes", json!({})),
        (
            "explain_spike",
            json!({"repo": "octo/hello", "day": "2026-02-24"}),
        ),
        ("sources", json!({"repo": "octo/hello"})),
        ("gaps", json!({})),
    ] {
        assert!(assistant.call(tool, arguments).await.data().is_object());
    }
    assert!(kept == files(), "a tool wrote");
    assert_eq!(store.latest_time().await.unwrap(), before);
    drop(assistant.write);
    assistant.server.await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn a_line_that_ends_ends_the_server() {
    let place = Place::new(Kind::Sqlite).await;
    let store = place.open().await;
    world::fill(&store, true).await;
    let mut assistant = Assistant::of(store.clone(), options(false)).await;
    // Also with an answer in hand.
    let request = json!({
        "jsonrpc": "2.0", "id": 99, "method": "tools/call",
        "params": {"name": "list_spikes", "arguments": {"range": "all"}}
    });
    assistant.send(&request.to_string()).await;
    drop(assistant.write);
    timeout(PATIENCE, assistant.server).await.unwrap().unwrap();
    place.end(store).await;
}

#[tokio::test]
async fn whoever_stops_the_program_ends_the_server() {
    let place = Place::new(Kind::Sqlite).await;
    let store = place.open().await;
    for greets in [false, true] {
        let (mut ours, theirs) = tokio::io::duplex(1 << 16);
        let (_read, write) = tokio::io::duplex(1 << 16);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let server = Server::new(store.clone(), options(false));
        let stopped = async {
            let _ = stopped.await;
        };
        let server = tokio::spawn(serve(server, theirs, write, stopped));
        if greets {
            let hello = json!({
                "jsonrpc": "2.0", "id": 1, "method": "initialize",
                "params": {
                    "protocolVersion": "2025-06-18", "capabilities": {},
                    "clientInfo": {"name": "a test", "version": "1"}
                }
            });
            ours.write_all(format!("{hello}\n").as_bytes())
                .await
                .unwrap();
        }
        tokio::task::yield_now().await;
        stop.send(()).unwrap();
        timeout(PATIENCE, server).await.unwrap().unwrap().unwrap();
    }
    place.end(store).await;
}

#[tokio::test]
async fn a_line_on_which_nobody_speaks_the_protocol_is_no_crash() {
    let place = Place::new(Kind::Sqlite).await;
    let store = place.open().await;
    let run = async |input: &'static str| {
        let (mut ours, theirs) = tokio::io::duplex(1 << 22);
        let (mut read, write) = tokio::io::duplex(1 << 22);
        let server = Server::new(store.clone(), options(false));
        ours.write_all(input.as_bytes()).await.unwrap();
        drop(ours);
        let served = serve(server, theirs, write, std::future::pending());
        let ended = timeout(PATIENCE, served).await.unwrap();
        let mut written = String::new();
        read.read_to_string(&mut written).await.unwrap();
        for line in written.lines() {
            let message: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(message["jsonrpc"], "2.0", "{line}");
        }
        ended
    };
    for nothing in ["", "\n", "hello?\n", "{}\n", "[1]\n"] {
        let ended = run(nothing).await;
        let is_told = matches!(ended, Ok(()) | Err(LineError::Greeting(_)));
        assert!(is_told, "{nothing:?}: {ended:?}");
    }
    place.end(store).await;
}

#[tokio::test]
async fn broken_lines_and_long_ones_do_not_end_a_conversation() {
    let place = Place::new(Kind::Sqlite).await;
    let store = place.open().await;
    world::fill(&store, false).await;
    let mut assistant = Assistant::of(store.clone(), options(false)).await;
    // What cannot be read names no question that could be answered.
    assistant.send("{\"jsonrpc\": \"2.0\", broken").await;
    assistant.send("").await;
    let long = "x".repeat(3 << 20);
    let long = json!({
        "jsonrpc": "2.0", "id": 7, "method": "tools/call",
        "params": {"name": "series", "arguments": {"repo": long}}
    });
    let (mut write, long) = (assistant.write, long.to_string());
    let sending = tokio::spawn(async move {
        write.write_all(long.as_bytes()).await.unwrap();
        write.write_all(b"\n").await.unwrap();
        write
    });
    assistant.write = sending.await.unwrap();
    // It is let go unread, and what comes after it is answered.
    let told = assistant.call("list_repositories", json!({})).await;
    assert_eq!(told.data()["repositories"], 3);
    drop(assistant.write);
    place.end(store).await;
}

#[tokio::test]
async fn many_questions_at_once_are_all_answered() {
    let place = Place::new(Kind::Sqlite).await;
    let store = place.open().await;
    world::fill(&store, false).await;
    let mut assistant = Assistant::of(store.clone(), options(false)).await;
    for id in 100..140 {
        let request = json!({
            "jsonrpc": "2.0", "id": id, "method": "tools/call",
            "params": {"name": "series", "arguments": {"repo": "octo/hello"}}
        });
        assistant.send(&request.to_string()).await;
    }
    let mut answered = Vec::new();
    for _ in 100..140 {
        let answer = assistant.receive().await;
        assert_eq!(answer["result"]["isError"], false, "{answer}");
        answered.push(answer["id"].as_u64().unwrap());
    }
    answered.sort_unstable();
    assert_eq!(answered, (100..140).collect::<Vec<_>>());
    drop(assistant.write);
    place.end(store).await;
}
