//! The description of a simulation before it starts.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, OnceLock, RwLock, mpsc};
use std::thread;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::answer::{Ledger, Lockout, Shared};
use crate::app::AppSpec;
use crate::clock::{Clock, Time};
use crate::device::OauthApp;
use crate::fault::FaultPlans;
use crate::fault_mix::FaultMix;
use crate::fleet;
use crate::identity::TokenSpec;
use crate::limit::Limits;
use crate::lock;
use crate::log::Log;
use crate::noise::Noise;
use crate::publication::StaleAnswers;
use crate::register;
use crate::repo::RepoSpec;
use crate::server;
use crate::sim::Sim;
use crate::socket::Entrance;
use crate::window::Regime;
use crate::world::World;

/// Why a simulation did not start.
#[derive(Debug)]
pub enum StartError {
    /// The description contradicts itself.
    Described(String),
    /// The address cannot be listened on.
    Listen(SocketAddr, io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Described(problem) => f.write_str(problem),
            Self::Listen(address, _) => write!(f, "cannot listen on \"{address}\""),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Described(_) => None,
            Self::Listen(_, source) => Some(source),
        }
    }
}

/// A simulation to be; see [`Sim::builder`].
#[derive(Clone, Debug)]
pub struct SimBuilder {
    seed: u64,
    at: Time,
    speed: f64,
    regime: Regime,
    limits: Limits,
    lockout: Option<Lockout>,
    latency_ms: u64,
    listen: SocketAddr,
    log_capacity: usize,
    has_graphql: bool,
    has_star_history: bool,
    repos: Vec<RepoSpec>,
    tokens: Vec<TokenSpec>,
    /// Each with whether it demands single sign-on.
    organizations: Vec<(String, bool)>,
    apps: Vec<AppSpec>,
    oauth_apps: Vec<OauthApp>,
    mix: Option<FaultMix>,
    stale: Vec<StaleAnswers>,
}

impl Default for SimBuilder {
    fn default() -> Self {
        Self {
            seed: 1,
            at: "2026-03-10T12:00:00Z".into(),
            speed: 0.0,
            regime: Regime::New,
            limits: Limits::default(),
            lockout: None,
            latency_ms: 0,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            log_capacity: 100_000,
            has_graphql: true,
            has_star_history: true,
            repos: Vec::new(),
            tokens: Vec::new(),
            organizations: Vec::new(),
            apps: Vec::new(),
            oauth_apps: Vec::new(),
            mix: None,
            stale: Vec::new(),
        }
    }
}

impl SimBuilder {
    /// All chance follows from this number. Default: 1.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// What the clock shows at the start. Default: 2026-03-10T12:00:00Z.
    #[must_use]
    pub fn at(mut self, at: impl Into<Time>) -> Self {
        self.at = at.into();
        self
    }

    /// How many times faster than real time the clock runs. Default: 0, it stands still.
    #[must_use]
    pub fn speed(mut self, speed: f64) -> Self {
        self.speed = speed;
        self
    }

    /// How windows are answered. Default: [`Regime::New`].
    #[must_use]
    pub fn regime(mut self, regime: Regime) -> Self {
        self.regime = regime;
        self
    }

    /// How much may be asked. Default: GitHub's limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// After that many bad credentials everybody is refused for `secs` simulated seconds.
    /// Default: never.
    #[must_use]
    pub fn lockout(mut self, after: u64, secs: i64) -> Self {
        self.lockout = Some(Lockout { after, secs });
        self
    }

    /// How long each answer takes, in real milliseconds. Default: 0.
    #[must_use]
    pub fn latency_ms(mut self, ms: u64) -> Self {
        self.latency_ms = ms;
        self
    }

    /// Where to listen. Default: a free port on 127.0.0.1.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// How many requests the log keeps; 0 keeps counters only. Default: 100,000.
    #[must_use]
    pub fn log_capacity(mut self, entries: usize) -> Self {
        self.log_capacity = entries;
        self
    }

    /// Without GraphQL, so that everything must be asked of the REST interface.
    #[must_use]
    pub fn without_graphql(mut self) -> Self {
        self.has_graphql = false;
        self
    }

    /// Without the addresses that tell the number and the history of stars, as an older server
    /// of one's own.
    #[must_use]
    pub fn without_star_history(mut self) -> Self {
        self.has_star_history = false;
        self
    }

    /// Adds a repository.
    #[must_use]
    pub fn repo(mut self, spec: impl Into<RepoSpec>) -> Self {
        self.repos.push(spec.into());
        self
    }

    /// Adds `count` repositories of `owner` with plausible names; every 17th is a fork, every
    /// 23rd archived, every 29th private.
    #[must_use]
    pub fn fleet(mut self, owner: &str, count: usize) -> Self {
        self.repos.extend(fleet::repositories(owner, count));
        self
    }

    /// Adds a token; a text alone is a token with every right.
    #[must_use]
    pub fn token(mut self, spec: impl Into<TokenSpec>) -> Self {
        self.tokens.push(spec.into());
        self
    }

    /// Makes an account an organization.
    #[must_use]
    pub fn organization(mut self, login: impl Into<String>) -> Self {
        self.organizations.push((login.into(), false));
        self
    }

    /// Makes an account an organization that demands single sign-on of classic tokens.
    #[must_use]
    pub fn organization_with_sso(mut self, login: impl Into<String>) -> Self {
        self.organizations.push((login.into(), true));
        self
    }

    /// Adds a GitHub App.
    #[must_use]
    pub fn app(mut self, spec: AppSpec) -> Self {
        self.apps.push(spec);
        self
    }

    /// Adds an OAuth app whose device flow is allowed.
    #[must_use]
    pub fn oauth_app(mut self, client_id: impl Into<String>) -> Self {
        self.oauth_apps.push(OauthApp {
            client_id: client_id.into(),
            has_device_flow: true,
        });
        self
    }

    /// Adds an OAuth app whose owner did not allow the device flow.
    #[must_use]
    pub fn oauth_app_without_device_flow(mut self, client_id: impl Into<String>) -> Self {
        self.oauth_apps.push(OauthApp {
            client_id: client_id.into(),
            has_device_flow: false,
        });
        self
    }

    /// From the start a part of all answers goes wrong. Default: none.
    #[must_use]
    pub fn fault_mix(mut self, mix: FaultMix) -> Self {
        self.mix = Some(mix);
        self
    }

    /// From the start old windows come back now and then.
    #[must_use]
    pub fn stale(mut self, stale: StaleAnswers) -> Self {
        self.stale.push(stale);
        self
    }

    /// Starts on the present runtime; panics where [`Self::try_start`] gives an error.
    pub async fn start(self) -> Sim {
        self.try_start()
            .await
            .unwrap_or_else(|error| panic!("cannot start the simulation: {error}"))
    }

    /// Starts on the present runtime.
    ///
    /// *Errors*: what the description gets wrong, and an address that cannot be listened on.
    pub async fn try_start(self) -> Result<Sim, StartError> {
        let address = self.listen;
        let shared = Arc::new(self.build().map_err(StartError::Described)?);
        let failed = |error| StartError::Listen(address, error);
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let url = format!("http://{}", listener.local_addr().map_err(failed)?);
        shared.base.get_or_init(|| url);
        let entrance = Entrance {
            listener,
            accepted: Arc::clone(&shared.connections),
        };
        let (close, closing) = watch::channel(false);
        tokio::spawn(server::serve(Arc::clone(&shared), entrance, closing));
        Ok(Sim::new(shared, close))
    }

    /// Starts on a thread of its own, for callers that are not async; panics as
    /// [`Self::start`] does.
    pub fn start_on_thread(self) -> Sim {
        let (give, take) = mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap_or_else(|error| panic!("cannot start a runtime: {error}"));
            runtime.block_on(async move {
                let sim = self.start().await;
                let mut closing = sim.closing();
                if give.send(sim).is_ok() {
                    let _ = closing.wait_for(|is_closing| *is_closing).await;
                }
            });
        });
        take.recv()
            .unwrap_or_else(|_| panic!("the simulation did not start"))
    }

    fn build(self) -> Result<Shared, String> {
        let noise = Noise::new(self.seed);
        let mut world = World::new(noise, self.regime);
        world.has_graphql = self.has_graphql;
        world.has_star_history = self.has_star_history;
        for spec in &self.repos {
            world.create(spec, self.at)?;
        }
        for (login, demands_sso) in &self.organizations {
            world.add_owner(login.clone(), true);
            if *demands_sso {
                world.demand_sso(login);
            }
        }
        lock(&world.device).apps = self.oauth_apps;
        let mut pools = register::first_pools(&self.limits);
        for spec in self.tokens {
            register::token(&mut world, &mut pools, &self.limits, spec)?;
        }
        for spec in self.apps {
            register::app(&mut world, &mut pools, &self.limits, spec, self.at)?;
        }
        for mut stale in self.stale {
            world.fix_scope(&mut stale.scope)?;
            world.publication.stale.push(stale);
        }
        let ledger = Ledger::new(
            self.limits,
            pools,
            Log::new(self.log_capacity),
            self.lockout,
        );
        Ok(Shared {
            base: OnceLock::new(),
            clock: Clock::new(self.at, self.speed),
            started: Instant::now(),
            world: RwLock::new(world),
            ledger: Mutex::new(ledger),
            has_faults: AtomicBool::new(self.mix.is_some()),
            faults: Mutex::new(FaultPlans::with_mix(self.mix)),
            latency_ms: AtomicU64::new(self.latency_ms),
            connections: Arc::new(AtomicU64::new(0)),
        })
    }
}
