//! Reaching a server, and bringing its schema up to date.

use std::sync::Arc;
use std::time::{Duration, Instant};

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::servers::{self, Servers};
use super::{LOCKS, layout};
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
///
/// Every question finds its rows by keys, so that one plan serves for all values of its parameters.
/// Left to itself a server takes seeks for dear, as they are on a turning disk, and reads all of a
/// table where it would have to seek a thousand times.
const MANNERS: &str = "set lock_timeout = '5s'; \
                       set statement_timeout = '60s'; \
                       set idle_in_transaction_session_timeout = '60s'; \
                       set plan_cache_mode = force_generic_plan; \
                       set random_page_cost = 1.1; \
                       set jit = off";

/// How long nothing may come back from a server before the connection counts as dead. Without it
/// that takes the system a quarter of an hour.
const SILENCE: Duration = Duration::from_secs(30);

/// The lock under which a schema is updated.
pub(super) const UPDATE: i64 = LOCKS ^ -1;

/// How long another process may take to bring the schema up to date.
const UPDATING: Duration = Duration::from_mins(10);

/// How long the locks of an update are waited for at once. Whoever else wants the same tables waits
/// behind it for no longer.
const LOCK_PATIENCE: &str = "set lock_timeout = '1s'";

/// How often the locks of an update are tried for, with a pause in between in which others go on.
const TRIES: u32 = 60;
const PAUSE: Duration = Duration::from_millis(500);

/// A server to read from. Nothing of ours may ever change it, whatever it is.
pub(super) fn follow(config: &Config) -> Result<Pool, Fault> {
    pool(config, "; set default_transaction_read_only = on")
}

pub(super) async fn open(config: &Config) -> Result<Pool, Fault> {
    let pool = pool(config, "")?;
    let mut client = pool.get().await?;
    check_server(&client).await?;
    let found = version(&client).await?;
    if found > migrate::known() {
        let oldest = oldest_program(&client).await?;
        migrate::may_go_on(found, oldest)?;
    }
    if found < migrate::known() {
        update(&mut client).await?;
        // With it goes whatever was set for the update.
        drop(Object::take(client));
    }
    Ok(pool)
}

fn pool(config: &Config, more: &str) -> Result<Pool, Fault> {
    let config = &watched(config);
    let manners = format!("{MANNERS}{more}");
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
            let servers = Servers::new(&plain, NoTls, manners);
            Manager::from_connect(plain, servers, recycling)
        }
        _ => {
            let servers = Servers::new(config, tls()?, manners);
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

/// The oldest program that may go on with a schema that is newer than it knows; nothing where the
/// schema does not say so.
async fn oldest_program(client: &Client) -> Result<Option<i64>, Fault> {
    let is_there = client
        .query_one("select to_regclass('mark') is not null", &[])
        .await?;
    if !is_there.try_get::<_, bool>(0)? {
        return Ok(None);
    }
    let found = client.query_opt(migrate::OLDEST_PROGRAM, &[]).await?;
    Ok(found.map(|row| row.try_get(0)).transpose()?)
}

/// Refuses what touches every table where a newer program has brought some that are not known here.
pub(super) async fn all_is_known(client: &Client) -> Result<(), Fault> {
    migrate::all_is_known(version(client).await?)
}

/// Brings the schema up to date, one process at a time, and without keeping the others for long from
/// tables that they use meanwhile.
async fn update(client: &mut Client) -> Result<(), Fault> {
    // A version may have much to change.
    let manners = format!("set statement_timeout = 0; {LOCK_PATIENCE}");
    client.batch_execute(&manners).await?;
    let began = Instant::now();
    let own = "select pg_try_advisory_lock($1)";
    while !client
        .query_one(own, &[&UPDATE])
        .await?
        .try_get::<_, bool>(0)?
    {
        if began.elapsed() > UPDATING {
            let why = "another process has been bringing its schema up to date for ten minutes";
            return Err(Fault::CannotOpen(why.into(), None));
        }
        tokio::time::sleep(PAUSE).await;
    }
    let mut tries = 1..TRIES;
    let outcome = loop {
        // All versions go in one transaction, so that a try that fails has changed nothing.
        match migrate::runner(Dialect::Postgres).run_async(client).await {
            Err(error) if is_locked_out(&error) && tries.next().is_some() => {
                tokio::time::sleep(PAUSE).await;
            }
            outcome => break outcome,
        }
    };
    let outcome = match outcome {
        Ok(_) => layout::follow(client).await,
        Err(error) => Err(error.into()),
    };
    client
        .execute("select pg_advisory_unlock($1)", &[&UPDATE])
        .await?;
    outcome
}

/// Whether others held what the update needs.
fn is_locked_out(error: &refinery::Error) -> bool {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        let error_of_server = error.downcast_ref::<tokio_postgres::Error>();
        if error_of_server.is_some_and(|error| error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE))
        {
            return true;
        }
        next = error.source();
    }
    false
}
