//! `serve` in the background: its log, its pages, its signals and its end.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use gitratra_sim::{Day, Metric};
use rustix::process::{Pid, Signal, kill_process};

use crate::house::{House, Ran, until};

/// The program promises to end within five seconds; a busy machine is given the same again.
const TO_END: Duration = Duration::from_secs(10);

/// A day in twelve seconds.
pub(crate) const SPEED: f64 = 7200.0;

/// A running `serve`, killed where a test forgets it.
pub(crate) struct Serving {
    child: Child,
    log: Arc<Mutex<String>>,
    reader: Option<thread::JoinHandle<()>>,
}

impl Serving {
    /// Starts it at the simulations' usual pace, with HTTP on a free port.
    pub(crate) fn start(house: &House, args: &[&str]) -> Self {
        Self::start_with(house, &[&["--listen", "127.0.0.1:0"], args].concat(), &[])
    }

    /// Starts it with these arguments alone, and with more variables.
    pub(crate) fn start_with(house: &House, args: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = Self::command(house, args);
        command.envs(variables.iter().copied());
        Self::run(command)
    }

    /// How it is started.
    pub(crate) fn command(house: &House, args: &[&str]) -> Command {
        let mut command = house.command(&["serve", "--speed", &SPEED.to_string()]);
        command.args(args);
        command
    }

    /// Starts it by a command.
    pub(crate) fn run(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let kept = Arc::clone(&log);
        let reader = thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut log = kept.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        Self {
            child,
            log,
            reader: Some(reader),
        }
    }

    /// What it said so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits until it says something so often.
    #[track_caller]
    pub(crate) fn says(&mut self, words: &str) {
        until(|| {
            let is_said = self.log().contains(words);
            let is_over = !is_said && self.child.try_wait().unwrap().is_some();
            // What it said last may still be on its way.
            assert!(
                !is_over || self.rest().contains(words),
                "no {words:?} in:\n{}",
                self.log()
            );
            is_said || is_over
        });
    }

    fn rest(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.log()
    }

    /// How many lines hold these words.
    pub(crate) fn count(&self, words: &str) -> usize {
        self.log()
            .lines()
            .filter(|line| line.contains(words))
            .count()
    }

    /// Where it answers HTTP.
    #[track_caller]
    pub(crate) fn address(&mut self) -> SocketAddr {
        self.says("listening on http://");
        let log = self.log();
        let (_, rest) = log.split_once("listening on http://").unwrap();
        let text = rest.lines().next().unwrap();
        text.parse().unwrap_or_else(|_| panic!("{text:?}"))
    }

    /// Status and body of a page.
    #[track_caller]
    pub(crate) fn get(&mut self, path: &str) -> (u16, String) {
        let address = self.address();
        let mut stream = TcpStream::connect(address)
            .unwrap_or_else(|error| panic!("{path}: {error}\n{}", self.log()));
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body.to_owned())
    }

    /// Waits until a page has a status.
    #[track_caller]
    pub(crate) fn answers(&mut self, path: &str, status: u16) {
        until(|| {
            assert!(
                self.child.try_wait().unwrap().is_none(),
                "it ended:\n{}",
                self.log()
            );
            thread::sleep(LOOK);
            self.get(path).0 == status
        });
    }

    /// A number of `/metrics` with its labels, as the page spells them.
    #[track_caller]
    pub(crate) fn metric(&mut self, sample: &str) -> Option<i64> {
        let (status, page) = self.get("/metrics");
        assert_eq!(status, 200, "{page}");
        let mut lines = page.lines();
        lines.find_map(|line| line.strip_prefix(sample)?.trim().parse().ok())
    }

    /// Waits until `/metrics` shows a day of a repository as held in both metrics.
    #[track_caller]
    pub(crate) fn holds(&mut self, repo: &str, day: Day) {
        let midnight = i64::from(day.number()) * 86_400;
        for metric in [Metric::Views, Metric::Clones] {
            let metric = match metric {
                Metric::Views => "views",
                Metric::Clones => "clones",
            };
            let sample = format!(
                "gitratra_newest_day_timestamp_seconds{{repo=\"{repo}\",metric=\"{metric}\"}}"
            );
            until(|| {
                assert!(
                    self.child.try_wait().unwrap().is_none(),
                    "it ended:\n{}",
                    self.log()
                );
                thread::sleep(LOOK);
                self.metric(&sample).is_some_and(|held| held >= midnight)
            });
        }
    }

    /// The number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Pulls the plug.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for an end that comes by itself.
    #[track_caller]
    pub(crate) fn end(mut self) -> Ran {
        let status = self.child.wait().unwrap();
        self.ran(status)
    }

    /// Ends it as a service manager does, and demands that it ends well and soon.
    #[track_caller]
    pub(crate) fn stop(mut self) -> Ran {
        self.signal(Signal::TERM);
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(began.elapsed() < TO_END, "it goes on:\n{}", self.log());
            thread::sleep(LOOK);
        };
        self.ran(status).exits(0)
    }

    fn ran(&mut self, status: ExitStatus) -> Ran {
        Ran {
            exit: status.code().unwrap_or(-1),
            out: String::new(),
            err: self.rest(),
        }
    }
}

/// Who asks a service how it is does not ask without a pause.
const LOOK: Duration = Duration::from_millis(20);

impl Drop for Serving {
    fn drop(&mut self) {
        if thread::panicking() {
            let _ = std::io::stderr().write_all(self.log().as_bytes());
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
