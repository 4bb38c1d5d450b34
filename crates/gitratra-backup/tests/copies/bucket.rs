//! Copies in a bucket, against a small server that speaks as much of S3 as is needed, and checks
//! what it is sent.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use gitratra_backup::{BackupError, BucketOptions, Keep, Target, keep};

use crate::samples::{at, count, fill};

#[derive(Default)]
struct Inside {
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    uploads: Mutex<HashMap<String, BTreeMap<u32, Vec<u8>>>>,
    /// Turns a bit of whatever is read.
    is_rotten: AtomicBool,
}

async fn answer(
    State(inside): State<Arc<Inside>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let signature = header("authorization").unwrap_or_default();
    let is_signed = signature.starts_with("AWS4-HMAC-SHA256 Credential=key-of-the-test/")
        && signature.contains("/eu-test-1/s3/aws4_request")
        && signature.contains("Signature=");
    if !is_signed || header("x-amz-content-sha256").is_none_or(|hash| hash.len() < 16) {
        // Buckets repeat what they were shown.
        let shown = format!("{headers:?}");
        let body = format!(
            "<Error><Code>InvalidToken</Code><Token-0>{}</Token-0></Error>",
            shown.replace('<', "")
        );
        return (StatusCode::FORBIDDEN, body).into_response();
    }
    let query: HashMap<&str, &str> = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect();
    let Some(key) = uri.path().strip_prefix("/bucket") else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let key = key.trim_start_matches('/').to_owned();
    let mut objects = inside.objects.lock().unwrap();
    let mut uploads = inside.uploads.lock().unwrap();
    let ok = |text: String| ([("etag", "\"x\"")], text).into_response();
    match (method.as_str(), query.get("uploadId")) {
        ("GET", _) if query.contains_key("list-type") => {
            let prefix = query.get("prefix").map(|text| text.replace("%2F", "/"));
            let prefix = prefix.unwrap_or_default();
            let found = objects.iter().filter(|(key, _)| key.starts_with(&prefix));
            let found = found.map(|(key, bytes)| {
                let size = bytes.len();
                format!(
                    "<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>\
                     <ETag>\"x\"</ETag><Size>{size}</Size></Contents>"
                )
            });
            let found: String = found.collect();
            ok(format!("<ListBucketResult>{found}</ListBucketResult>"))
        }
        ("POST", None) if query.contains_key("uploads") => {
            let id = format!("u{}", uploads.len());
            uploads.insert(id.clone(), BTreeMap::new());
            ok(format!(
                "<InitiateMultipartUploadResult><UploadId>{id}</UploadId>\
                 </InitiateMultipartUploadResult>"
            ))
        }
        ("PUT", Some(id)) => {
            let part = query["partNumber"].parse().unwrap();
            uploads.get_mut(*id).unwrap().insert(part, body.to_vec());
            ok(String::new())
        }
        ("POST", Some(id)) => {
            let parts = uploads.remove(*id).unwrap();
            objects.insert(key, parts.into_values().flatten().collect());
            ok(
                "<CompleteMultipartUploadResult><ETag>\"x\"</ETag></CompleteMultipartUploadResult>"
                    .into(),
            )
        }
        ("PUT", None) => {
            objects.insert(key, body.to_vec());
            ok(String::new())
        }
        ("DELETE", None) => {
            objects.remove(&key);
            StatusCode::NO_CONTENT.into_response()
        }
        ("GET" | "HEAD", None) => {
            let Some(mut bytes) = objects.get(&key).cloned() else {
                return StatusCode::NOT_FOUND.into_response();
            };
            if inside.is_rotten.load(Ordering::Relaxed) {
                bytes[5000] ^= 1;
            }
            let when = "Thu, 01 Jan 2026 00:00:00 GMT";
            ([("etag", "\"x\""), ("last-modified", when)], bytes).into_response()
        }
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

/// Starts a server with a bucket and says where it is.
async fn start() -> (Arc<Inside>, BucketOptions) {
    let inside = Arc::<Inside>::default();
    let router = Router::new()
        .fallback(answer)
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::clone(&inside));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let options = BucketOptions {
        endpoint: Some(format!("http://{address}/")),
        region: Some("eu-test-1".into()),
        allow_http: true,
    };
    (inside, options)
}

fn variable(name: &str) -> Option<String> {
    match name {
        "AWS_ACCESS_KEY_ID" => Some("key-of-the-test".into()),
        "AWS_SECRET_ACCESS_KEY" => Some("s3cret-of-the-test".into()),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_go_to_a_bucket_are_read_back_and_let_go() {
    let folder = tempfile::tempdir().unwrap();
    let store = fill(&folder.path().join("store.db"), 1).await;
    let (inside, options) = start().await;
    let target = Target::parse("s3://bucket/some/where", &options, &variable).unwrap();
    assert!(!format!("{target:?}").contains("s3cret"), "{target:?}");
    let wanted = Keep {
        last: 2,
        daily: 0,
        weekly: 0,
        monthly: 0,
    };
    let strange = "some/where/deeper/gitratra-2026-05-01T0300Z.db";
    let put = |key: &str| {
        inside
            .objects
            .lock()
            .unwrap()
            .insert(key.to_owned(), vec![1])
    };
    put(strange);
    put("some/where/notes.txt");
    for day in 1..=3 {
        let at = at(&format!("2026-05-{day:02}T03:00:00Z"));
        let kept = keep(&store, &target, at, Some(wanted)).await.unwrap();
        assert!(kept.checked.is_sound());
    }
    let keys: Vec<String> = inside.objects.lock().unwrap().keys().cloned().collect();
    let left = "some/where/gitratra-2026-05-03T0300Z.db";
    assert_eq!(
        keys,
        [
            strange,
            "some/where/gitratra-2026-05-02T0300Z.db",
            left,
            "some/where/notes.txt"
        ]
    );
    let back = folder.path().join("back.db");
    std::fs::write(&back, &inside.objects.lock().unwrap()[left]).unwrap();
    assert_eq!(count(&back).await, 1);

    // What comes back otherwise than it went is no copy, and costs no old one.
    inside.is_rotten.store(true, Ordering::Relaxed);
    let later = at("2026-05-04T03:00:00Z");
    let error = keep(&store, &target, later, Some(wanted))
        .await
        .unwrap_err();
    assert!(matches!(error, BackupError::Differs { .. }), "{error}");
    assert_eq!(inside.objects.lock().unwrap().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_copy_goes_in_parts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = fill(&path, 1).await;
    let large =
        "insert into profile (repo_id, seen_at, description, topics, is_archived, visibility)
                 values (1, 1, printf('%.20000000c', 'x'), '', false, 'public')";
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch(large).unwrap();
    let (inside, options) = start().await;
    let target = Target::parse("s3://bucket", &options, &variable).unwrap();
    let at = at("2026-05-01T03:00:00Z");
    let kept = keep(&store, &target, at, None).await.unwrap();
    assert!(kept.bytes > 20_000_000);
    let objects = inside.objects.lock().unwrap();
    assert_eq!(objects[&kept.name].len() as u64, kept.bytes);
    assert!(inside.uploads.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_refuses_us_says_which_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let store = fill(&folder.path().join("store.db"), 1).await;
    let (_, options) = start().await;
    let other = |name: &str| variable(name).map(|_| "s3cret".to_owned());
    let target = Target::parse("s3://bucket/x", &options, &other).unwrap();
    let at = at("2026-05-01T03:00:00Z");
    let error = keep(&store, &target, at, None).await.unwrap_err();
    let mut text = format!("{error} {error:?}");
    let mut next = std::error::Error::source(&error);
    while let Some(error) = next {
        text += &error.to_string();
        next = error.source();
    }
    assert!(
        text.contains("s3://bucket/x") && text.contains("InvalidToken") && !text.contains("s3cret"),
        "{text}"
    );
    for bad in ["ftp://host/x", "s3://", ""] {
        let error = Target::parse(bad, &options, &variable).unwrap_err();
        assert!(matches!(error, BackupError::Setting(_)), "{error}");
    }
}
