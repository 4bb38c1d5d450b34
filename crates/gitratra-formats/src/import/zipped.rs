//! The files of a zip, one after another and within bounds. Nothing is written anywhere, so that
//! no name in it can lead out of a folder.

use std::io::{BufRead, BufReader, Cursor, Read, Seek};

use zip::ZipArchive;
use zip::result::ZipError;

use super::{ImportError, whole};
use crate::lines::quoted;

/// How large a zip may be, in bytes.
const LARGEST: u64 = 16 << 20;
/// How large all that is in it may be, in bytes.
const LARGEST_INSIDE: u64 = 64 << 20;

/// How many files may be in it.
const MOST: usize = 1000;

/// What is done with a file of a zip: its name, its label in errors, its bytes.
type Each<'a> = &'a mut dyn FnMut(&str, &str, &mut dyn BufRead) -> Result<(), ImportError>;

/// Reads a zip whole, since its list of files stands at its end.
pub(super) fn read(
    input: &mut dyn BufRead,
    label: &str,
    each: Each<'_>,
) -> Result<(), ImportError> {
    let mut bytes = Vec::new();
    input
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(ImportError::io(label))?;
    if bytes.len() as u64 > LARGEST {
        let expected = "at most 16 MiB; unpack it and import the folder";
        return Err(whole(label, "the zip is larger than that", expected).into());
    }
    files(Cursor::new(bytes), label, each)
}

fn files(zip: impl Read + Seek, label: &str, each: Each<'_>) -> Result<(), ImportError> {
    let broken = |error: ZipError| whole(label, error.to_string(), "a whole zip");
    let mut zip = ZipArchive::new(zip).map_err(broken)?;
    if zip.len() > MOST {
        let found = format!("{} files are in it", zip.len());
        return Err(whole(label, found, format!("at most {MOST}")).into());
    }
    let mut names: Vec<(String, usize)> = Vec::new();
    for at in 0..zip.len() {
        let file = zip.by_index(at).map_err(broken)?;
        let name = file.name();
        let leads_out = name.split(['/', '\\']).any(|part| part == "..");
        if leads_out || file.enclosed_name().is_none() {
            let found = format!("{} leads out of it", quoted(name));
            return Err(whole(label, found, "names of files inside").into());
        }
        if file.is_file() {
            names.push((name.to_owned(), at));
        }
    }
    names.sort();
    let mut left = LARGEST_INSIDE;
    for (name, at) in names {
        let inner = format!("{label}: {name}");
        let file = zip.by_index(at).map_err(broken)?;
        let mut bounded = BufReader::new(file.take(left));
        each(&name, &inner, &mut bounded)?;
        // To its end, where its checksum is looked at.
        let rest = std::io::copy(&mut bounded, &mut std::io::sink());
        rest.map_err(|error| whole(&inner, error.to_string(), "a file that was not changed"))?;
        let unread = bounded.into_inner().limit();
        if unread == 0 {
            let expected = "at most 64 MiB when it is unpacked";
            return Err(whole(label, "what is in the zip is larger than that", expected).into());
        }
        left = unread;
    }
    Ok(())
}
