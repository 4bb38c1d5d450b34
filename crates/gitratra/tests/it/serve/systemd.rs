//! The service manager hears when it is ready, reloads, lives and stops.

use std::os::unix::net::UnixDatagram;
use std::sync::{Arc, Mutex};
use std::thread;

use gitratra_sim::Limits;
use rustix::process::Signal;

use crate::house::{House, github, until};

use super::line::{Line, Way};
use super::service::{SPEED, Serving};

/// What was said so far, a line for each word.
fn listen(house: &House) -> (String, Arc<Mutex<Vec<String>>>) {
    let path = house.path("notify.sock");
    let socket = UnixDatagram::bind(&path).unwrap();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heard);
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length) = socket.recv(&mut buffer) {
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            let mut kept = kept.lock().unwrap();
            kept.extend(text.lines().map(str::to_owned));
        }
    });
    (path.display().to_string(), heard)
}

fn count(heard: &Mutex<Vec<String>>, word: &str) -> usize {
    let heard = heard.lock().unwrap();
    heard.iter().filter(|said| *said == word).count()
}

#[test]
fn serve_tells_the_service_manager_how_it_is() {
    let sim = github().speed(SPEED).limits(Limits::none());
    let sim = sim.repo("octo/alpha").start_on_thread();
    let line = Line::to(&sim.url(), Way::Cut);
    let house = House::with(&sim).set("GITRATRA_API_URL", line.url());
    house.go("track octo/alpha").exits(0);
    let (path, heard) = listen(&house);
    let variables = [
        ("NOTIFY_SOCKET", path.as_str()),
        ("WATCHDOG_USEC", "200000"),
    ];
    let mut serving = Serving::start_with(&house, &["--listen", "127.0.0.1:0"], &variables);
    serving.says("GitHub does not answer");
    serving.answers("/healthz", 200);
    assert_eq!(count(&heard, "READY=1"), 0, "not before the self-test");
    line.set(Way::Open);
    until(|| count(&heard, "READY=1") == 1);
    until(|| count(&heard, "WATCHDOG=1") >= 3);
    serving.signal(Signal::HUP);
    until(|| count(&heard, "RELOADING=1") == 1);
    until(|| count(&heard, "READY=1") == 2);
    assert!(
        heard
            .lock()
            .unwrap()
            .iter()
            .any(|said| said.starts_with("MONOTONIC_USEC="))
    );
    let living = count(&heard, "WATCHDOG=1");
    until(|| count(&heard, "WATCHDOG=1") > living + 2);
    assert_eq!(count(&heard, "STOPPING=1"), 0);
    serving.stop();
    until(|| count(&heard, "STOPPING=1") == 1);
}
