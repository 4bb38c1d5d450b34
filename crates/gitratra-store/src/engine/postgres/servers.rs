//! Which of the servers that an address names a connection goes to.
//!
//! The driver knows how to try one after the other, but once a server has taken the connection it
//! waits for its first word without end, and of all failures it tells only the last. A server that
//! stands still would so keep us from the one that took over.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use deadpool_postgres::Connect;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::config::Host;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Client, Config, Error, Socket};

use crate::error::is_standby;

/// How long one server may take once it is connected until it can be asked.
const PATIENCE: Duration = Duration::from_secs(5);

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The servers of an address, in its order.
pub(super) struct Servers<T> {
    tls: T,
    each: Vec<Config>,
    /// What every connection is told first.
    manners: String,
    /// The one that took the last connection, which is tried first.
    last: Arc<AtomicUsize>,
}

impl<T> Servers<T> {
    pub(super) fn new(config: &Config, tls: T, manners: String) -> Self {
        Self {
            tls,
            each: each(config),
            manners,
            last: Arc::default(),
        }
    }
}

/// How long it takes at most until all servers of an address have been tried.
pub(super) fn longest(config: &Config) -> Duration {
    let each = each(config);
    each.iter()
        .map(patience)
        .fold(PATIENCE, Duration::saturating_add)
}

impl<T> Connect for Servers<T>
where
    T: MakeTlsConnect<Socket> + Clone + Sync + Send + 'static,
    T::Stream: Sync + Send,
    T::TlsConnect: Sync + Send,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    fn connect(&self, _: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), Error>> {
        Box::pin(async move {
            let first = self.last.load(Ordering::Relaxed);
            let mut told: Option<Error> = None;
            for place in (0..self.each.len()).map(|step| (first + step) % self.each.len()) {
                let trying = reach(&self.each[place], self.tls.clone(), &self.manners);
                match timeout(patience(&self.each[place]), trying).await {
                    Ok(Ok(made)) => {
                        self.last.store(place, Ordering::Relaxed);
                        return Ok(made);
                    }
                    // That a standby takes no writes says least of why the other cannot be used.
                    Ok(Err(error)) if told.as_ref().is_none_or(is_standby) => told = Some(error),
                    Ok(Err(_)) | Err(_) => {}
                }
            }
            match told {
                Some(error) => Err(error),
                // None has said a word: whoever waits for the connection knows how long.
                None => std::future::pending().await,
            }
        })
    }
}

/// How long one server may take.
fn patience(config: &Config) -> Duration {
    let connecting = config.get_connect_timeout().copied();
    connecting.unwrap_or_default().saturating_add(PATIENCE)
}

async fn reach<T>(config: &Config, tls: T, manners: &str) -> Result<(Client, JoinHandle<()>), Error>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
{
    let (client, connection) = config.connect(tls).await?;
    let running = tokio::spawn(async move {
        // Whoever asks over it is told.
        if let Err(error) = connection.await {
            tracing::debug!("a connection to the database ended: {error}");
        }
    });
    let guard = Running(Some(running));
    client.batch_execute(manners).await?;
    Ok((client, guard.keep()))
}

/// A connection's task, ended with the value unless it is kept.
struct Running(Option<JoinHandle<()>>);

impl Running {
    fn keep(mut self) -> JoinHandle<()> {
        self.0.take().expect("it is taken only here")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(running) = &self.0 {
            running.abort();
        }
    }
}

/// The same address with one server each. What does not fit together is left to the driver, which
/// says what is wrong.
fn each(config: &Config) -> Vec<Config> {
    let (hosts, addresses) = (config.get_hosts(), config.get_hostaddrs());
    let number = hosts.len().max(addresses.len());
    let fits = |length: usize| length == number || length == 0;
    let ports = config.get_ports().len();
    if number < 2 || !fits(hosts.len()) || !fits(addresses.len()) || !(fits(ports) || ports == 1) {
        return vec![config.clone()];
    }
    (0..number).map(|place| alone(config, place)).collect()
}

/// The driver's settings can be added to and not taken from, so that they are put together anew.
fn alone(config: &Config, place: usize) -> Config {
    let mut alone = Config::new();
    match config.get_hosts().get(place) {
        Some(Host::Tcp(name)) => drop(alone.host(name)),
        #[cfg(unix)]
        Some(Host::Unix(path)) => drop(alone.host_path(path)),
        None => {}
    }
    if let Some(address) = config.get_hostaddrs().get(place) {
        alone.hostaddr(*address);
    }
    let ports = config.get_ports();
    if let Some(port) = ports.get(place).or(ports.first()) {
        alone.port(*port);
    }
    if let Some(user) = config.get_user() {
        alone.user(user);
    }
    if let Some(password) = config.get_password() {
        alone.password(password);
    }
    if let Some(name) = config.get_dbname() {
        alone.dbname(name);
    }
    if let Some(options) = config.get_options() {
        alone.options(options);
    }
    if let Some(name) = config.get_application_name() {
        alone.application_name(name);
    }
    if let Some(wait) = config.get_connect_timeout() {
        alone.connect_timeout(*wait);
    }
    if let Some(wait) = config.get_tcp_user_timeout() {
        alone.tcp_user_timeout(*wait);
    }
    if let Some(interval) = config.get_keepalives_interval() {
        alone.keepalives_interval(interval);
    }
    if let Some(retries) = config.get_keepalives_retries() {
        alone.keepalives_retries(retries);
    }
    alone
        .keepalives(config.get_keepalives())
        .keepalives_idle(config.get_keepalives_idle())
        .ssl_mode(config.get_ssl_mode())
        .ssl_negotiation(config.get_ssl_negotiation())
        .channel_binding(config.get_channel_binding())
        .target_session_attrs(config.get_target_session_attrs())
        .load_balance_hosts(config.get_load_balance_hosts());
    alone
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, expected: &[&str]) {
        let config: Config = address.parse().unwrap();
        let shown = |config: &Config| {
            let host = match &config.get_hosts()[0] {
                Host::Tcp(name) => name.clone(),
                #[cfg(unix)]
                Host::Unix(path) => path.display().to_string(),
            };
            format!("{host}:{:?}", config.get_ports())
        };
        let found: Vec<String> = each(&config).iter().map(shown).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn each_server_has_its_own_port_or_the_one_of_all() {
        check("postgres://me@a:1,b:2/x", &["a:[1]", "b:[2]"]);
        check("postgres://me@a,b/x?port=7", &["a:[5432, 5432, 7]"]);
        check("postgres://me@a:9/x", &["a:[9]"]);
        check("host=a,b port=7 user=me", &["a:[7]", "b:[7]"]);
    }

    #[test]
    fn nothing_of_an_address_is_lost_on_the_way() {
        let address = "postgres://me:pass@a:1,b:2/x?application_name=n&options=-c%20a%3Db\
            &sslmode=require&target_session_attrs=read-write&connect_timeout=3\
            &tcp_user_timeout=4&keepalives_idle=5&keepalives_interval=6&keepalives_retries=7\
            &channel_binding=disable&load_balance_hosts=random&sslnegotiation=direct&keepalives=0";
        let all: Config = address.parse().unwrap();
        let alone = each(&all);
        // What is shown has everything but the password.
        let expected = format!("{all:?}")
            .replace("[Tcp(\"a\"), Tcp(\"b\")]", "[Tcp(\"b\")]")
            .replace("[1, 2]", "[2]");
        assert_eq!(format!("{:?}", alone[1]), expected);
        assert_eq!(alone[1].get_password(), Some(&b"pass"[..]));
    }
}
