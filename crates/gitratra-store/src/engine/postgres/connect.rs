//! Reaching a server, and bringing its schema up to date.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::LOCKS;
use super::servers::{self, Servers};
use crate::engine::migrate::{self, Dialect};
use crate::error::Fault;

/// The oldest server whose behaviour is tested.
const OLDEST: i32 = 150_000;

/// Connections at most, far below the hundred that a server takes by default.
pub(super) const CONNECTIONS: usize = 16;

/// How long a question waits for a free connection.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is asked of every connection. Nobody waits for long for a lock that another process holds;
/// what hangs is ended by the server, also where the process itself was put to sleep in the middle
/// and keeps a lock.
const MANNERS: &str = "set lock_timeout = '5s'; \
                       set statement_timeout = '60s'; \
                       set idle_in_transaction_session_timeout = '60s'";

/// How long nothing may come back from a server before the connection counts as dead. Without it
/// that takes the system a quarter of an hour.
const SILENCE: Duration = Duration::from_secs(30);

/// The lock under which a schema is updated.
const UPDATE: i64 = LOCKS ^ -1;

pub(super) async fn open(config: &Config) -> Result<Pool, Fault> {
    let pool = pool(config)?;
    let mut client = pool.get().await?;
    check_server(&client).await?;
    let found = version(&client).await?;
    if found > migrate::known() {
        return Err(Fault::Newer {
            found,
            known: migrate::known(),
        });
    }
    if found < migrate::known() {
        update(&mut client).await?;
        // With it goes whatever was set for the update.
        drop(Object::take(client));
    }
    Ok(pool)
}

fn pool(config: &Config) -> Result<Pool, Fault> {
    let config = &watched(config);
    let recycling = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    let manager = match config.get_ssl_mode() {
        SslMode::Disable | SslMode::Prefer => {
            if config.get_ssl_mode() == SslMode::Prefer && !is_local(config) {
                tracing::warn!(
                    "the connection to the database is not encrypted, add sslmode=require to its address"
                );
            }
            // "Prefer" would take TLS where the server offers it, and then refuse the
            // certificates that servers make for themselves.
            let mut plain = config.clone();
            plain.ssl_mode(SslMode::Disable);
            let servers = Servers::new(&plain, NoTls, MANNERS);
            Manager::from_connect(plain, servers, recycling)
        }
        _ => {
            let servers = Servers::new(config, tls()?, MANNERS);
            Manager::from_connect(config.clone(), servers, recycling)
        }
    };
    let pool = Pool::builder(manager)
        .max_size(CONNECTIONS)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(PATIENCE))
        .create_timeout(Some(servers::longest(config)))
        .build();
    pool.map_err(|error| Fault::Engine(Arc::new(error)))
}

/// Sees to it that a server that has vanished without a word is noticed, unless the address says
/// how.
fn watched(config: &Config) -> Config {
    let mut config = config.clone();
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(SILENCE);
    }
    if config.get_keepalives_interval().is_none() && config.get_keepalives_retries().is_none() {
        config.keepalives_idle(SILENCE);
        config.keepalives_interval(Duration::from_secs(10));
        config.keepalives_retries(3);
    }
    config
}

fn is_local(config: &Config) -> bool {
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse()
                    .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    })
}

/// TLS that trusts what the operating system trusts.
fn tls() -> Result<MakeRustlsConnect, Fault> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(|error| Fault::Engine(Arc::new(error)))?
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

async fn check_server(client: &Client) -> Result<(), Fault> {
    let text =
        "select current_setting('server_version_num')::int, current_setting('server_version')";
    let row = client.query_one(text, &[]).await?;
    let number: i32 = row.try_get(0)?;
    if number < OLDEST {
        let version: String = row.try_get(1)?;
        let why = format!("the server is PostgreSQL {version}, 15 or newer is needed");
        return Err(Fault::CannotOpen(why, None));
    }
    Ok(())
}

/// The newest version that was applied to the schema in use; 0 where there is none yet.
async fn version(client: &Client) -> Result<i64, Fault> {
    let is_there = client
        .query_one("select to_regclass($1) is not null", &[&migrate::HISTORY])
        .await?;
    if !is_there.try_get::<_, bool>(0)? {
        return Ok(0);
    }
    let text = format!(
        "select coalesce(max(version), 0)::int8 from {}",
        migrate::HISTORY
    );
    Ok(client.query_one(&text, &[]).await?.try_get(0)?)
}

/// Brings the schema up to date, one process at a time.
async fn update(client: &mut Client) -> Result<(), Fault> {
    // A version may have much to change.
    client.batch_execute("set statement_timeout = 0").await?;
    client
        .execute("select pg_advisory_lock($1)", &[&UPDATE])
        .await?;
    let outcome = migrate::runner(Dialect::Postgres).run_async(client).await;
    client
        .execute("select pg_advisory_unlock($1)", &[&UPDATE])
        .await?;
    outcome?;
    Ok(())
}
