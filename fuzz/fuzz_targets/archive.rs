//! An archive: what is read is written, and comes back the same.
//!
//! A NUL divides the bytes into `house.txt`, `repository.txt` and the file of a year.

#![no_main]

use std::fs;

use gitratra_core::RepoId;
use gitratra_formats::archive::Archive;
use libfuzzer_sys::fuzz_target;

const REPO: RepoId = RepoId(7);

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    let archive = Archive::begin(&first).unwrap();
    fs::create_dir(first.join("7")).unwrap();
    let names = ["house.txt", "7/repository.txt", "7/2026.txt"];
    for (name, part) in names.iter().zip(bytes.splitn(3, |byte| *byte == 0)) {
        fs::write(first.join(name), part).unwrap();
    }
    let again = Archive::begin(&second).unwrap();
    if let Ok(house) = archive.read_house() {
        again.write_house(&house).unwrap();
        assert_eq!(again.read_house().unwrap(), house);
    }
    if let Ok(history) = archive.read_repo(REPO) {
        again.write_repo(&history).unwrap();
        let back = again.read_repo(REPO).unwrap();
        assert_eq!(back, history);
        assert_eq!(again.write_repo(&back).unwrap().written, 0);
    }
});
