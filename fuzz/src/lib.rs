//! What every fuzzer does: reads bytes as a kind of file, under each of the names that tell the
//! reader something, twice.
//!
//! Nothing may panic, hang or eat memory. What is read twice is told twice in the same way, since
//! an import reads a file once to check it and once more to store it.

pub mod databases;

use std::fs;
use std::path::Path;

use gitratra_core::import::{Enough, Fact, Kind, LeftOut, Listener, Subject};
use gitratra_formats::import::{Options, read_bytes};

/// Remembers what is told, up to a bound.
#[derive(Default, PartialEq, Debug)]
pub struct Told {
    facts: Vec<(Subject, Fact)>,
    left_out: Vec<LeftOut>,
}

/// How many facts are heard at most.
const PATIENCE: usize = 10_000;

impl Listener for Told {
    fn tell(&mut self, about: &Subject, fact: Fact) -> Result<(), Enough> {
        if self.facts.len() == PATIENCE {
            return Err(Enough);
        }
        self.facts.push((about.clone(), fact));
        Ok(())
    }

    fn leave_out(&mut self, what: LeftOut) {
        if !self.left_out.contains(&what) {
            self.left_out.push(what);
        }
    }
}

/// Reads the bytes.
pub fn run(kind: Kind, names: &[&str], bytes: &[u8]) {
    let columns = "day=1,views=2,views_uniques=3,clones=4,clones_uniques=none";
    let options = Options {
        columns: columns.parse().ok(),
    };
    for name in names {
        let read = || {
            let mut told = Told::default();
            let read = read_bytes(kind, bytes, name, &options, &mut told);
            (told, read.map_err(|error| error.to_string()))
        };
        assert_eq!(read(), read(), "{name}");
    }
}

/// Shows the bytes as a file that is no more afterwards.
pub fn whole(bytes: &[u8], show: impl FnOnce(&Path)) {
    let folder = tempfile::tempdir().expect("a folder for what is fuzzed");
    let path = folder.path().join("file");
    fs::write(&path, bytes).expect("a file of what is fuzzed");
    show(&path);
}
