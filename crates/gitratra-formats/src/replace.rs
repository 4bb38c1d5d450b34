//! Puts a file in the place of another as a whole: a reader, or a machine that loses power, finds
//! the old file or the new one and never a part.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::FileError;

/// How many symbolic links are followed before they are taken for a circle; Linux allows as many.
const LINKS: usize = 40;

/// A file that is written piece by piece and takes the place of another at the end, or not at all.
///
/// The bytes go to a new file in the same folder, are flushed to disk and renamed over the old
/// file, whose mode is kept. Where the path is a symbolic link, the file it points to is replaced.
/// What is no regular file, such as `/dev/stdout`, has no place to be renamed to and is written to
/// as it is. Dropped without [`NewFile::put_in_place`], nothing was changed.
#[derive(Debug)]
pub struct NewFile {
    path: PathBuf,
    target: PathBuf,
    old: Option<fs::Permissions>,
    to: To,
}

#[derive(Debug)]
enum To {
    Beside(tempfile::NamedTempFile),
    Itself(File),
}

impl NewFile {
    /// Begins a file that is to lie at `path`.
    ///
    /// # Errors
    /// [`FileError::Write`] where the folder or the old file may not be written to.
    pub fn create(path: &Path) -> Result<Self, FileError> {
        create(path).map_err(FileError::write(path))
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// [`FileError::Write`]; the old file is then as it was.
    pub fn put_in_place(self) -> Result<(), FileError> {
        let path = self.path.clone();
        put_in_place(self).map_err(FileError::write(&path))
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.to {
            To::Beside(new) => new.write(bytes),
            To::Itself(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            To::Beside(new) => new.flush(),
            To::Itself(file) => file.flush(),
        }
    }
}

/// Writes `bytes` as the file at `path`, as a whole.
///
/// # Errors
/// [`FileError::Write`]; the old file is then as it was, also where the disk is full.
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let mut new = NewFile::create(path)?;
    new.write_all(bytes).map_err(FileError::write(path))?;
    new.put_in_place()
}

fn create(path: &Path) -> io::Result<NewFile> {
    let target = target_of(path)?;
    let old = match fs::metadata(&target) {
        Ok(old) => Some(old),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let mut to = None;
    if let Some(old) = &old {
        // A rename asks only whether the folder may be changed; the file has a say too.
        let file = OpenOptions::new().write(true).open(&target)?;
        to = (!old.is_file()).then_some(To::Itself(file));
    }
    let to = match to {
        Some(to) => to,
        None => To::Beside(new_file(&target, folder_of(&target))?),
    };
    Ok(NewFile {
        path: path.to_owned(),
        target,
        old: old.map(|old| old.permissions()),
        to,
    })
}

fn put_in_place(file: NewFile) -> io::Result<()> {
    let new = match file.to {
        To::Beside(new) => new,
        To::Itself(mut file) => return file.flush(),
    };
    if let Some(old) = file.old {
        new.as_file().set_permissions(old)?;
    }
    new.as_file().sync_all()?;
    new.persist(&file.target).map_err(|error| error.error)?;
    sync_folder(folder_of(&file.target))
}

/// The file that `path` means: the end of its symbolic links, which need not exist yet.
pub(crate) fn target_of(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_owned();
    // `/dev/stdout` ends in a link that names a pipe, not a file.
    if !is_regular_or_new(path).unwrap_or(true) {
        return Ok(target);
    }
    for _ in 0..LINKS {
        match fs::read_link(&target) {
            // A relative link is meant from where it lies.
            Ok(next) => target = folder_of(&target).join(next),
            Err(_) => return Ok(target),
        }
    }
    Err(io::Error::other("its symbolic links run in a circle"))
}

/// Whether the file can be replaced by a rename.
pub(crate) fn is_regular_or_new(target: &Path) -> io::Result<bool> {
    match fs::metadata(target) {
        Ok(found) => Ok(found.is_file()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// The folder a file lies in.
pub(crate) fn folder_of(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// A file beside `target` that is removed unless it is put in its place.
fn new_file(target: &Path, folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let name = target
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it names no file"))?;
    let mut prefix = std::ffi::OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".new");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // The umask takes its part off, as with every new file.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// Makes the rename itself last; only Unix can open a folder to say so.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_written_anew_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.txt");
        replace_file(&path, b"one").unwrap();
        replace_file(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(names(folder.path()), ["out.txt"]);
    }

    #[test]
    fn a_missing_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("no/out.txt");
        let error = replace_file(&path, b"one").unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("cannot write \"{}\"", path.display())
        );
        assert!(std::error::Error::source(&error).is_some());
    }

    #[test]
    fn a_folder_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        assert!(replace_file(folder.path(), b"one").is_err());
        assert!(folder.path().is_dir());
    }

    #[cfg(unix)]
    #[test]
    fn the_mode_of_the_old_file_is_kept() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.txt");
        fs::write(&path, "old").unwrap();
        for mode in [0o600, 0o640, 0o664] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            replace_file(&path, b"new").unwrap();
            let found = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(found & 0o777, mode);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_has_the_mode_of_any_new_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (ours, plain) = (folder.path().join("ours"), folder.path().join("plain"));
        replace_file(&ours, b"").unwrap();
        fs::write(&plain, b"").unwrap();
        let mode = |path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(ours), mode(plain));
    }

    #[cfg(unix)]
    #[test]
    fn the_file_behind_a_link_is_replaced_and_the_link_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (near, far) = (folder.path().join("near"), folder.path().join("far"));
        fs::create_dir(&near).unwrap();
        fs::create_dir(&far).unwrap();
        let link = near.join("out.txt");
        std::os::unix::fs::symlink("../far/again", &link).unwrap();
        std::os::unix::fs::symlink("real.txt", far.join("again")).unwrap();
        for text in ["one", "two"] {
            replace_file(&link, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(far.join("real.txt")).unwrap(), text);
        }
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(names(&near), ["out.txt"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_in_a_circle_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("out.txt");
        std::os::unix::fs::symlink("out.txt", &link).unwrap();
        assert!(replace_file(&link, b"one").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_to_and_stays_one() {
        replace_file(Path::new("/dev/null"), b"one").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
