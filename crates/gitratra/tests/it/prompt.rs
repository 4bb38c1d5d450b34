//! `username:NAME` on a terminal: the prompt asks for a token, and what is typed is never shown.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::process::Child;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use gitratra_sim::Sim;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use crate::house::{House, TOKEN, github};

/// A program on a terminal of its own.
struct Session {
    program: Child,
    terminal: File,
    shown: Receiver<Vec<u8>>,
    /// Everything that was shown so far.
    text: String,
}

impl Session {
    fn start(house: &House, args: &[&str]) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let size = Winsize {
            ws_row: 24,
            ws_col: 80,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&master, size).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let side = OpenOptions::new()
            .read(true)
            .write(true)
            .open(name.to_str().unwrap())
            .unwrap();
        let begins_with = tcgetattr(&side).unwrap().local_modes;
        assert!(begins_with.contains(LocalModes::ECHO));
        let program = house
            .command(args)
            .env("TERM", "xterm")
            .stdin(side.try_clone().unwrap())
            .stdout(side.try_clone().unwrap())
            .stderr(side)
            .spawn()
            .unwrap();
        let terminal = File::from(master);
        let (send, shown) = channel();
        let mut reader = terminal.try_clone().unwrap();
        std::thread::spawn(move || {
            let mut bytes = [0; 256];
            // Reading fails when the program has ended and closed its side.
            while let Ok(number @ 1..) = reader.read(&mut bytes) {
                if send.send(bytes[..number].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            program,
            terminal,
            shown,
            text: String::new(),
        }
    }

    /// Waits for something to be shown; nothing where the program has ended.
    fn look(&mut self) -> Option<()> {
        let bytes = self.shown.recv_timeout(Duration::from_secs(60)).ok()?;
        self.text.push_str(&String::from_utf8_lossy(&bytes));
        Some(())
    }

    fn has_echo(&self) -> bool {
        let modes = tcgetattr(&self.terminal).unwrap().local_modes;
        modes.contains(LocalModes::ECHO)
    }

    /// Waits for the prompt. Echo must be off when its first letter is seen.
    fn wait_for_prompt(&mut self) {
        while !self.text.to_lowercase().contains("token") {
            self.look().expect("the program ended without a prompt");
            assert!(
                !self.has_echo(),
                "echo is on while the prompt shows: {}",
                self.text
            );
        }
    }

    fn write(&mut self, text: &str) {
        self.terminal.write_all(text.as_bytes()).unwrap();
    }

    /// Waits for the end; the exit code.
    fn end(&mut self) -> i32 {
        while self.look().is_some() {}
        self.program.wait().unwrap().code().unwrap_or(-1)
    }
}

fn prepared() -> (Sim, House) {
    let sim = github().repo("octo/alpha").start_on_thread();
    let house = House::with(&sim);
    house.write("list.txt", "octo/alpha\n");
    (sim, house)
}

const CALL: [&str; 3] = ["username:octo", "list.txt", "out.txt"];

#[test]
fn the_secret_is_asked_for_without_echo_and_never_shown() {
    let (_sim, house) = prepared();
    for _ in 0..5 {
        let mut session = Session::start(&house, &CALL);
        session.wait_for_prompt();
        session.write(&format!("{TOKEN}\r"));
        assert_eq!(session.end(), 0, "{}", session.text);
        assert!(!session.text.contains(TOKEN), "{}", session.text);
        assert!(!session.text.contains(&TOKEN[..8]), "{}", session.text);
        assert!(session.has_echo(), "the terminal is left as it was");
        assert!(
            house
                .read("out.txt")
                .contains(">octo/alpha\n#clones\n2026-02-24 ")
        );
    }
}

#[test]
fn a_password_is_refused_with_the_word_for_what_is_wanted() {
    let (_sim, house) = prepared();
    let mut session = Session::start(&house, &CALL);
    session.wait_for_prompt();
    session.write("correct-horse-battery\r");
    assert_eq!(session.end(), 2, "{}", session.text);
    let text = session
        .text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(text.contains("personal access token"), "{text}");
    assert!(text.contains("Bad credentials"), "{text}");
    assert!(!text.contains("correct-horse"), "{text}");
    assert!(!house.path("out.txt").exists());
}

#[test]
fn an_interrupt_at_the_prompt_ends_it_and_leaves_the_terminal_in_order() {
    let (sim, house) = prepared();
    let mut session = Session::start(&house, &CALL);
    session.wait_for_prompt();
    session.write("half a sec\u{3}");
    assert_eq!(session.end(), 2, "{}", session.text);
    assert!(session.has_echo(), "the terminal is left as it was");
    assert!(!session.text.contains("half"), "{}", session.text);
    assert_eq!(sim.counters().total, 0);
    assert!(!house.path("out.txt").exists());
    assert_eq!(house.files(), [house.path("list.txt")]);
}
