//! What is no store of ours, or not one this program may touch, is left as it is, byte for byte.

use std::fs;
use std::path::Path;

use gitratra_store::{Location, Store, StoreError};

use crate::place::{Kind, Place, on_both_engines, with_place};

on_both_engines![a_store_of_a_newer_program_is_refused];

/// Name and content of every file in the folder.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut contents: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect();
    contents.sort();
    contents
}

/// Opening must fail and change nothing.
async fn refused(place: &Place) -> StoreError {
    let folder = place.folder.path();
    let before = contents(folder);
    let error = Store::open(&place.location()).await.unwrap_err();
    let after = contents(folder);
    let names = |contents: &[(String, Vec<u8>)]| {
        let names = contents.iter().map(|(name, _)| name.clone());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(&before), names(&after));
    assert!(before == after, "the bytes changed");
    assert!(error.to_string().contains(place.text.as_str()));
    error
}

async fn a_store_of_a_newer_program_is_refused(place: Place) {
    place.open().await.close().await;
    let history = "insert into gitratra_schema_history (version, name, applied_on, checksum) \
                   values (99, 'future', '2030-01-01T00:00:00Z', '1'); \
                   update mark set number = 99 where mark = 'oldest_program';";
    place.execute(history).await;
    if place.kind == Kind::Sqlite {
        place
            .execute("pragma user_version = 99; pragma journal_mode = delete")
            .await;
        let error = refused(&place).await;
        assert!(
            matches!(error, StoreError::Newer { found: 99, .. }),
            "{error}"
        );
        place.execute("pragma journal_mode = wal").await;
        let error = refused(&place).await;
        assert!(
            matches!(error, StoreError::Newer { found: 99, .. }),
            "{error}"
        );
    } else {
        let error = Store::open(&place.location()).await.unwrap_err();
        assert!(
            matches!(error, StoreError::Newer { found: 99, .. }),
            "{error}"
        );
    }
}

/// A file at the place, made by `make`.
async fn with_file<F>(make: impl FnOnce(&Path), check: impl FnOnce(Place) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    with_place(Kind::Sqlite, |place| {
        make(Path::new(&place.text));
        check(place)
    })
    .await;
}

#[tokio::test]
async fn a_text_file_is_no_store() {
    let texts = [
        "x",
        "gitratra_v1\n>octo/alpha\n#clones\n",
        &"text\n".repeat(4000),
    ];
    for text in texts {
        let make = |path: &Path| fs::write(path, text).unwrap();
        with_file(make, async |place: Place| {
            let error = refused(&place).await;
            assert!(matches!(error, StoreError::NotAStore { .. }), "{error}");
        })
        .await;
    }
}

#[tokio::test]
async fn a_database_of_another_program_is_no_store() {
    let schemas = [
        "create table repo (id integer primary key); pragma user_version = 7;",
        "create table bookmark (url text); pragma application_id = 42;",
        "pragma journal_mode = wal; create table repo (id integer primary key);",
        // Even without tables it is somebody's.
        "pragma user_version = 7;",
    ];
    for schema in schemas {
        let make = |path: &Path| {
            let other = rusqlite::Connection::open(path).unwrap();
            other.execute_batch(schema).unwrap();
        };
        with_file(make, async |place: Place| {
            let error = refused(&place).await;
            assert!(matches!(error, StoreError::NotAStore { .. }), "{error}");
        })
        .await;
    }
}

#[tokio::test]
async fn a_newer_version_that_stands_only_in_the_log_is_seen() {
    with_place(Kind::Sqlite, async |place: Place| {
        place.open().await.close().await;
        let newer = place.sqlite();
        let newest = "pragma user_version = 99; \
                      update mark set number = 99 where mark = 'oldest_program'";
        newer.execute_batch(newest).unwrap();
        // A copy taken while the newer program runs, as after a power cut.
        let copy = place.folder.path().join("copy.db");
        for end in ["", "-wal"] {
            let from = format!("{}{end}", place.text);
            fs::copy(from, format!("{}{end}", copy.display())).unwrap();
        }
        let bytes = |end: &str| fs::read(format!("{}{end}", copy.display())).unwrap();
        let before = (bytes(""), bytes("-wal"));
        let error = Store::open(&Location::file(&copy)).await.unwrap_err();
        assert!(
            matches!(error, StoreError::Newer { found: 99, .. }),
            "{error}"
        );
        assert!(before == (bytes(""), bytes("-wal")), "the bytes changed");
    })
    .await;
}

#[tokio::test]
async fn an_empty_file_becomes_a_store() {
    let make = |path: &Path| fs::write(path, "").unwrap();
    with_file(make, async |place: Place| {
        place.open().await.check_writable().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn names_that_mean_something_to_sqlite_are_only_names() {
    for name in [
        ":memory:",
        "file:x?mode=memory",
        "100%.db",
        "a b#c?d.db",
        "größe.db",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        for _ in 0..2 {
            let store = Store::open(&Location::file(&path)).await.unwrap();
            store.check_writable().await.unwrap();
            store.close().await;
        }
        let names = contents(folder.path());
        let names: Vec<_> = names.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, [name]);
    }
}

#[tokio::test]
async fn a_folder_is_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let error = Store::open(&Location::file(folder.path()))
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::CannotOpen { .. }), "{error}");
    let below = folder.path().join("file");
    fs::write(&below, "x").unwrap();
    let error = Store::open(&Location::file(below.join("store.db")))
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::CannotOpen { .. }), "{error}");
}

#[tokio::test]
async fn damage_is_told_and_not_believed() {
    with_place(Kind::Sqlite, async |place: Place| {
        place.open().await.close().await;
        let mut bytes = fs::read(&place.text).unwrap();
        bytes[4096..].fill(0xa5);
        fs::write(&place.text, bytes).unwrap();
        let error = match Store::open(&place.location()).await {
            Ok(store) => store.repositories().await.unwrap_err(),
            Err(error) => error,
        };
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    })
    .await;
}

#[tokio::test]
async fn a_value_that_cannot_be_is_damage() {
    with_place(Kind::Sqlite, async |place: Place| {
        let store = place.open().await;
        let rule = "insert into rule (pattern_key, pattern) values ('x', 'no/pat/tern')";
        place.execute(rule).await;
        let error = store.rules().await.unwrap_err();
        assert!(error.to_string().contains("no/pat/tern"), "{error}");
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    })
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_user_can_read_a_new_store() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/folder/store.db");
    let store = Store::open(&Location::file(&path)).await.unwrap();
    store.check_writable().await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path().join("new")), 0o700);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    for (name, _) in contents(path.parent().unwrap()) {
        assert_eq!(mode(&path.with_file_name(&name)), 0o600, "{name}");
    }
}

/// Root may write everything, so that there is nothing to see for root.
#[cfg(unix)]
#[tokio::test]
async fn a_file_that_may_only_be_read_is_read() {
    use std::os::unix::fs::PermissionsExt;

    with_place(Kind::Sqlite, async |place: Place| {
        place.open().await.close().await;
        let path = Path::new(&place.text);
        fs::set_permissions(path, fs::Permissions::from_mode(0o400)).unwrap();
        if fs::OpenOptions::new().append(true).open(path).is_ok() {
            return;
        }
        let store = place.open().await;
        assert_eq!(store.rules().await.unwrap(), []);
        let error = store.check_writable().await.unwrap_err();
        assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");
        store.close().await;
        // Nor can a new one be made where nothing may be.
        let folder = place.folder.path();
        fs::set_permissions(folder, fs::Permissions::from_mode(0o500)).unwrap();
        let unseen = Store::open(&Location::file(folder.join("new.db"))).await;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
        let unseen = unseen.unwrap_err();
        assert!(
            matches!(unseen, StoreError::CannotOpen { .. }),
            "{unseen:?}"
        );
    })
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_no_file_is_not_opened() {
    for (path, word) in [("/dev/null", "device"), ("/", "folder")] {
        let error = Store::open(&Location::file(path)).await.unwrap_err();
        assert!(matches!(error, StoreError::CannotOpen { .. }), "{error:?}");
        assert!(error.to_string().contains(word), "{error}");
    }
}
