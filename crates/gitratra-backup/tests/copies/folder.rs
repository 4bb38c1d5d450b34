//! Copies as files, and putting them back.

use gitratra_backup::{BackupError, BucketOptions, Keep, Restore, Target, keep, make, put_back};
use gitratra_store::{Location, StoreError};

use crate::samples::{add, at, count, fill, open};

fn target(path: &std::path::Path) -> Target {
    let text = path.to_str().unwrap();
    Target::parse(text, &BucketOptions::default(), &|_| None).unwrap()
}

fn names(path: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(path).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_copy_is_put_back_as_it_was_and_nothing_is_left_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = fill(&path, 2).await;
    let file = folder.path().join("copy.db");
    let copied = make(&store, &file, false).await.unwrap();
    assert!(copied.checked.is_sound());
    assert_eq!(copied.checked.verified.repos, 2);
    assert_eq!(copied.bytes, std::fs::metadata(&file).unwrap().len());
    let again = make(&store, &file, false).await.unwrap_err();
    assert!(matches!(again, BackupError::Exists { .. }), "{again}");
    add(&store, 3).await;
    make(&store, &file, true).await.unwrap();
    store.close().await;
    assert_eq!(names(folder.path()), ["copy.db", "store.db"]);

    let location = Location::file(folder.path().join("new/store.db"));
    put_back(&file, &location, Restore::default())
        .await
        .unwrap();
    let new = folder.path().join("new");
    assert_eq!(count(&new.join("store.db")).await, 3);
    assert_eq!(names(&new), ["store.db"]);
    let refused = put_back(&file, &location, Restore::default()).await;
    let refused = refused.unwrap_err();
    assert!(matches!(refused, BackupError::NotEmpty { .. }), "{refused}");
    let how = Restore {
        may_replace: true,
        ..Restore::default()
    };
    put_back(&file, &location, how).await.unwrap();
    assert_eq!(count(&new.join("store.db")).await, 3);
}

#[tokio::test]
async fn a_copy_that_is_damaged_or_newer_is_not_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = fill(&folder.path().join("store.db"), 1).await;
    let file = folder.path().join("copy.db");
    make(&store, &file, false).await.unwrap();
    store.close().await;
    let location = Location::file(folder.path().join("store.db"));
    let how = Restore {
        may_replace: true,
        ..Restore::default()
    };
    let sql = |text: &str| {
        let connection = rusqlite::Connection::open(&file).unwrap();
        connection.execute_batch(text).unwrap();
    };
    sql("update traffic_day set views = views + 1 where day = 20480");
    let error = put_back(&file, &location, how).await.unwrap_err();
    let text = error.to_string();
    assert!(
        matches!(error, BackupError::Unsound { wrong: 1, .. }),
        "{text}"
    );
    assert!(text.contains("octo/r1, 2026-01-27"), "{text}");
    assert_eq!(count(location.path().unwrap()).await, 1);
    let all = Restore {
        accepts_unsound: true,
        ..how
    };
    put_back(&file, &location, all).await.unwrap();
    sql("pragma user_version = 99; update mark set number = 99 where mark = 'oldest_program'");
    let error = put_back(&file, &location, all).await.unwrap_err();
    let is_newer = matches!(error, BackupError::Store(StoreError::Newer { .. }));
    assert!(is_newer, "{error}");
    std::fs::write(&file, "a text").unwrap();
    let error = put_back(&file, &location, all).await.unwrap_err();
    let is_none = matches!(error, BackupError::Store(StoreError::NotAStore { .. }));
    assert!(is_none, "{error}");
}

#[tokio::test]
async fn old_copies_go_only_once_a_new_one_is_good() {
    let folder = tempfile::tempdir().unwrap();
    let store = fill(&folder.path().join("store.db"), 1).await;
    let copies = folder.path().join("copies");
    let target = target(&copies);
    let wanted = Keep {
        last: 1,
        daily: 2,
        weekly: 1,
        monthly: 1,
    };
    for day in 1..=4 {
        let at = at(&format!("2026-05-{day:02}T03:00:00Z"));
        let kept = keep(&store, &target, at, Some(wanted)).await.unwrap();
        assert!(kept.checked.is_sound());
        let again = keep(&store, &target, at, Some(wanted)).await.unwrap_err();
        assert!(matches!(again, BackupError::Exists { .. }), "{again}");
        std::fs::write(copies.join("mine.txt"), "x").unwrap();
    }
    let left = [
        "gitratra-2026-05-03T0300Z.db",
        "gitratra-2026-05-04T0300Z.db",
        "mine.txt",
    ];
    assert_eq!(names(&copies), left);
    assert_eq!(count(&copies.join(left[1])).await, 1);
    let connection = rusqlite::Connection::open(folder.path().join("store.db")).unwrap();
    let change = "update traffic_day set views = views + 1 where day = 20480";
    connection.execute_batch(change).unwrap();
    let later = at("2026-05-05T03:00:00Z");
    let kept = keep(&store, &target, later, Some(wanted)).await.unwrap();
    assert_eq!((kept.checked.verified.wrong, kept.removed.len()), (1, 0));
    assert_eq!(names(&copies).len(), 4);
    store.close().await;
    drop(open(&copies.join(left[0])).await);
}
