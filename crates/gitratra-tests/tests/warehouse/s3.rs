//! A warehouse in a bucket, against a server of others that speaks S3 with its conditions.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use gitratra_backup::BucketOptions;
use gitratra_warehouse::{BucketPlace, Place as _, What};
use serde_json::{Value, json};

use crate::house::{House, contents, is_whole, python, quick};

/// A server, which ends with its input.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start() -> Self {
        let mut child = Command::new(python())
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/warehouse/s3_server.py"
            ))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines
            .map(Result::unwrap)
            .find(|line| line.parse::<u16>().is_ok());
        Self {
            child,
            address: format!("127.0.0.1:{}", port.expect("the server tells its port")),
        }
    }

    fn place(&self) -> BucketPlace {
        let options = BucketOptions {
            endpoint: Some(format!("http://{}", self.address)),
            region: Some("us-east-1".into()),
            allow_http: true,
        };
        let variable = |name: &str| match name {
            "AWS_ACCESS_KEY_ID" => Some("key-of-the-test".to_owned()),
            "AWS_SECRET_ACCESS_KEY" => Some("secret-of-the-test".to_owned()),
            _ => None,
        };
        BucketPlace::open("bucket/some/where", &options, &variable).unwrap()
    }

    /// What pyarrow and Sail read out of it.
    fn read(&self) -> Value {
        let ran = Command::new(python())
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/warehouse/read_s3.py"
            ))
            .args([&self.address, "bucket/some/where"])
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{told}");
        serde_json::from_slice(&ran.stdout).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_is_kept_up_to_date_and_read_by_others() {
    let house = House::small().await;
    let server = Server::start();
    let place = server.place();
    let tables = [What::Repos, What::Daily];
    let first = house.run_of(&place, &tables, quick()).await.unwrap();
    assert_eq!(first.written.len(), 14);
    is_whole(&place).await;
    let before = place.list().await.unwrap();
    let second = house.run_of(&place, &tables, quick()).await.unwrap();
    assert_eq!(second.written, Vec::<String>::new());
    // Not even the manifest was put again.
    assert_eq!(place.list().await.unwrap(), before);

    house.change("update traffic_day set views = views + 1 where day = 20489");
    let third = house.run_of(&place, &tables, quick()).await.unwrap();
    assert_eq!(third.written, ["daily/year=2026/month=02/part-0.parquet"]);
    is_whole(&place).await;

    // What somebody has put there in the meantime is noticed and replaced.
    let path = "daily/year=2026/month=03/part-0.parquet";
    let there = place.list().await.unwrap();
    let expected = gitratra_warehouse::Expected::Version(&there[path]);
    let body = gitratra_warehouse::Body::Bytes(b"torn");
    place.put(path, body, expected).await.unwrap();
    let refused = place.put(path, body, expected).await.unwrap_err();
    assert_eq!(refused, gitratra_warehouse::PlaceError::Moved);
    let fourth = house.run_of(&place, &tables, quick()).await.unwrap();
    assert_eq!(fourth.written, [path]);
    is_whole(&place).await;
    assert_eq!(contents(&place).await.len(), first.files);

    let sql = house.sql();
    let asked = "select max(day) - min(day) + 1, sum(views), count(views) from traffic_day
                 group by repo_id";
    let mut asked = sql.prepare(asked).unwrap();
    let rows = asked.query_map([], |row| {
        Ok([row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?])
    });
    let sums = rows.unwrap().map(Result::unwrap);
    let sums: [i64; 3] = sums.fold([0; 3], |sum, row| [0, 1, 2].map(|at| sum[at] + row[at]));
    let told = server.read();
    assert_eq!(told, json!({ "pyarrow": sums, "sail": sums }));
}
