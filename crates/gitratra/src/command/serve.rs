//! `serve`: collects for ever, and answers how it is.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use gitratra_core::Rules;
use gitratra_core::alarm::Bounds;
use gitratra_github::Clock;
use gitratra_store::Store;
use gitratra_sync::{Asker, Collector, CollectorError, Copier, House, Status, Terms, Watch};
use gitratra_web::access::Access;
use gitratra_web::{Server, Site, Watched};
use secrecy::ExposeSecret as _;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::Exit;
use crate::args;
use crate::askers::Credentials;
use crate::clock::machine_time;
use crate::connect;
use crate::output::Voice;
use crate::serve::{Picture, Post, Signal, Signals, myself, systemd, watch_clocks};
use crate::settings::Settings;

/// `serve` leaves half of the hourly limit to the other tools of its user.
const RATE_SHARE: f64 = 0.5;

/// So long a store may take to tidy up; without that nothing is lost.
const TO_CLOSE: Duration = Duration::from_millis(500);

pub(super) async fn run(args: args::Serve, settings: &Settings, voice: Voice) -> Result<Exit> {
    let mut signals = Signals::new()?;
    let settings = &settings.clone().at_speed(args.speed);
    let clock = settings.clock();
    let store = tokio::select! {
        store = connect::store(settings) => store?,
        () = stopped(&mut signals) => return Ok(Exit::Done),
    };
    let copy = connect::copy(settings)?;
    let drain = Drain::new(settings.drain(args.drain)?);
    let status = Status::default();
    let stop = CancellationToken::new();
    let picture: Arc<dyn Watched> = Arc::new(Picture {
        status: status.clone(),
        clock: Arc::clone(&clock),
        store: store.clone(),
        shows_private: settings.metrics_show_private(),
        settings: settings.clone(),
        simulated_now: None,
        collects: !args.no_collect,
    });
    let web = match args.no_web {
        true => None,
        false => {
            let stores = (&store, copy);
            let ends = (drain.begun.clone(), stop.clone());
            Some(listen(&args, settings, voice, &picture, stores, ends).await?)
        }
    };
    let doubt_time = Arc::new(Notify::new());
    let pulse = tokio::spawn(watch_clocks(Arc::clone(&doubt_time)));
    let watchdog = tokio::spawn(watch(Arc::clone(&picture), status.clone(), args.no_collect));
    let terms = myself::terms().at_speed(args.speed);
    let service = Service {
        args,
        store,
        status,
        clock,
        terms,
        doubt_time,
        drain: drain.begun.clone(),
    };
    let outcome = service.run(settings.clone(), &mut signals, voice).await;
    systemd::stopping();
    if web.is_some() {
        drain.end(&mut signals).await;
    }
    pulse.abort();
    watchdog.abort();
    stop.cancel();
    let close = tokio::time::timeout(TO_CLOSE, service.store.close());
    match web {
        Some(web) => tokio::join!(web, close).0.context("the web server broke")?,
        None => drop(close.await),
    }
    outcome
}

/// What is between being told to end and going away: whoever shares requests out is to notice.
struct Drain {
    begun: CancellationToken,
    /// Ends when the time is over since it began.
    waiting: tokio::task::JoinHandle<()>,
}

impl Drain {
    fn new(time: Duration) -> Self {
        let begun = CancellationToken::new();
        let beginning = begun.clone();
        let waiting = tokio::spawn(async move {
            beginning.cancelled().await;
            tokio::time::sleep(time).await;
        });
        Self { begun, waiting }
    }

    /// Goes on answering until the time is over, or until somebody is in a hurry.
    async fn end(self, signals: &mut Signals) {
        if self.begun.is_cancelled() {
            tokio::select! {
                _ = self.waiting => {}
                () = stopped(signals) => {}
            }
        }
    }
}

/// Returns when somebody wants the program to end.
async fn stopped(signals: &mut Signals) {
    while signals.next().await != Signal::Stop {}
}

/// Starts to answer HTTP.
async fn listen(
    args: &args::Serve,
    settings: &Settings,
    voice: Voice,
    picture: &Arc<dyn Watched>,
    (store, copy): (&Store, Option<Store>),
    (drain, stop): (CancellationToken, CancellationToken),
) -> Result<tokio::task::JoinHandle<()>> {
    let address = settings.listen(args.listen.as_deref());
    let server = Server::bind(&address).await.with_context(
        || "cannot answer HTTP: choose another address with --listen, or none with --no-web",
    )?;
    let server = server.with_drain(drain);
    let address = server.local_addr()?;
    voice.say(&format!("listening on http://{address}"));
    let door = settings.door();
    let rules = door.rules(address.ip().is_loopback(), args.public)?;
    let access = Access::new(store.clone(), rules, machine_time, door.elsewhere()?);
    if let Some(path) = access.first_admin_path().await? {
        // Told here and nowhere else; the log of a service is for its operator alone.
        voice.say(&format!(
            "nobody can log in yet: the first administrator sets a password at {}{}",
            door.public_url.as_deref().map_or_else(
                || format!("http://{address}"),
                |url| url.trim_end_matches('/').to_owned()
            ),
            path.expose_secret()
        ));
    }
    let rules = settings.platform_rules()?;
    let site = Site::new(store.clone(), Arc::clone(picture), rules, access)
        .with_api_origins(settings.api_origins()?);
    let site = match copy {
        Some(copy) => site.with_copy(copy),
        None => site,
    };
    let running = server.run(Arc::clone(picture), Some(site), stop);
    Ok(tokio::spawn(running))
}

/// Tells the service manager when the program is ready, and then that it is alive, as long as the
/// collector moves.
async fn watch(picture: Arc<dyn Watched>, status: Status, is_ready: bool) {
    const LOOK: Duration = Duration::from_millis(200);
    systemd::status("the self-test has not passed yet");
    while !is_ready && !status.is_ready() {
        tokio::time::sleep(LOOK).await;
    }
    systemd::ready();
    systemd::status("at work");
    let Some(every) = systemd::watchdog_every() else {
        return;
    };
    loop {
        if picture.health().is_well() {
            systemd::alive();
        }
        tokio::time::sleep(every).await;
    }
}

/// What stays the same when the configuration is read again.
struct Service {
    args: args::Serve,
    store: Store,
    status: Status,
    clock: Arc<dyn Clock>,
    /// How the store is shared with other collectors.
    terms: Terms,
    doubt_time: Arc<Notify>,
    /// From when on nobody is to come any more.
    drain: CancellationToken,
}

impl Service {
    /// Collects until somebody wants it to end.
    async fn run(
        &self,
        mut settings: Settings,
        signals: &mut Signals,
        voice: Voice,
    ) -> Result<Exit> {
        let mut plan = self.plan(&settings)?;
        let mut askers = Vec::new();
        loop {
            let stop = CancellationToken::new();
            let mut collecting = Box::pin(self.collect(&plan, askers, &stop));
            let (new, new_plan) = loop {
                let signal = tokio::select! {
                    ended = &mut collecting => return ended.map(|_| Exit::Done),
                    signal = signals.next() => signal,
                };
                let again = match signal {
                    Signal::Stop => None,
                    Signal::Reload => {
                        systemd::reloading();
                        tokio::select! {
                            again = self.again(&settings) => Some(again),
                            () = stopped(signals) => None,
                        }
                    }
                };
                match again {
                    Some(Ok(new)) => break new,
                    Some(Err(error)) => {
                        voice.warn(&format!(
                            "{error:#}\n  going on with the settings there were"
                        ));
                        self.ready();
                    }
                    None => {
                        self.drain.cancel();
                        voice.say("stopping: what was read is kept");
                        stop.cancel();
                        return collecting.await.map(|_| Exit::Done);
                    }
                }
            };
            stop.cancel();
            let used = (&mut collecting).await?;
            drop(collecting);
            // A client keeps the limits that it was made with.
            let has_same_limits = new_plan.limits == plan.limits;
            askers = if has_same_limits { used } else { Vec::new() };
            self.warn_of_restart(&settings, &new, voice);
            voice.say("the configuration was read again");
            (settings, plan) = (new, new_plan);
            self.ready();
        }
    }

    /// The settings as they are now, if somebody can ask with them.
    async fn again(&self, settings: &Settings) -> Result<(Settings, Plan)> {
        const PATIENCE: Duration = Duration::from_secs(3);
        let new = settings.again()?;
        let plan = self.plan(&new)?;
        if self.args.no_collect {
            return Ok((new, plan));
        }
        // Tried by others, since those of the plan remember what they were.
        let tried = self.plan(&new)?;
        if let Ok(found) = tokio::time::timeout(PATIENCE, tried.source.look(&[])).await
            && !found.missing.iter().any(|one| one.is_passing)
        {
            found.some()?;
        }
        Ok((new, plan))
    }

    /// Names what has changed and is used from the next start on.
    fn warn_of_restart(&self, old: &Settings, new: &Settings, voice: Voice) {
        let place = |settings: &Settings| settings.location().ok().map(|at| at.to_string());
        let read_place = |settings: &Settings| {
            let location = settings.read_location().ok().flatten();
            location.map(|at| at.to_string())
        };
        let address = |settings: &Settings| settings.listen(self.args.listen.as_deref());
        let changed = [
            ("another database is", place(new) != place(old)),
            ("another read_db is", read_place(new) != read_place(old)),
            (
                "another drain is",
                new.drain(self.args.drain).ok() != old.drain(self.args.drain).ok(),
            ),
            (
                "another address to listen on is",
                address(new) != address(old),
            ),
            (
                "another value of metrics_show_private is",
                new.metrics_show_private() != old.metrics_show_private(),
            ),
            (
                "another public_url, behind_proxy or [oidc] is",
                new.door() != old.door(),
            ),
            (
                "other api_origins are",
                new.api_origins().ok() != old.api_origins().ok(),
            ),
            (
                "other platform_rules for the dashboard are",
                new.platform_rules().ok() != old.platform_rules().ok(),
            ),
        ];
        for (what, _) in changed.into_iter().filter(|(_, has_changed)| *has_changed) {
            voice.warn(&format!("{what} configured now: that needs a restart"));
        }
    }

    /// Tells the service manager that reading the configuration again is over.
    fn ready(&self) {
        if self.args.no_collect || self.status.is_ready() {
            systemd::ready();
        }
    }

    /// What the settings say about collecting.
    fn plan(&self, settings: &Settings) -> Result<Plan> {
        let jobs = settings.jobs(self.args.jobs)?;
        let points = settings.points_per_minute(self.args.points_per_minute)?;
        let share = settings.rate_share(self.args.rate_share, RATE_SHARE)?;
        Ok(Plan {
            limits: (points, jobs, share),
            source: Credentials::new(settings, points, jobs, share)
                .sharing(self.store.clone(), self.terms.clone()),
            post: Post::new(settings.channels()?),
            bounds: settings.alarm_bounds()?,
            copier: settings
                .scheduled()?
                .map(|made| Arc::new(made) as Arc<dyn Copier>),
            warehouse: settings
                .scheduled_warehouse()?
                .map(|made| Arc::new(made) as Arc<dyn Copier>),
            jobs,
            runs_of: settings.workflow_runs(&self.args.workflow_runs)?,
        })
    }

    /// Collects until it is stopped, and gives the credentials to go on with.
    async fn collect(
        &self,
        plan: &Plan,
        askers: Vec<Asker>,
        stop: &CancellationToken,
    ) -> Result<Vec<Asker>> {
        if self.args.no_collect {
            stop.cancelled().await;
            return Ok(Vec::new());
        }
        let mut collector = Collector::new(House {
            store: &self.store,
            source: &plan.source,
            clock: Arc::clone(&self.clock),
            watch: Watch {
                bounds: plan.bounds,
                receivers: plan.post.receivers(),
                messenger: &plan.post,
            },
            copier: plan.copier.clone(),
            warehouse: plan.warehouse.clone(),
            status: self.status.clone(),
            jobs: plan.jobs,
            runs_of: plan.runs_of.clone(),
            terms: &self.terms,
            stop: stop.clone(),
            doubt_time: Arc::clone(&self.doubt_time),
        })
        .going_on(askers);
        match collector.run().await {
            Ok(()) => Ok(collector.into_askers()),
            Err(CollectorError::Unauthorized(failure)) => {
                bail!("{failure}: {}", failure.action())
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// What the settings say about collecting.
struct Plan {
    /// Points a minute, requests at once and the part of each hour.
    limits: (u32, usize, f64),
    source: Credentials,
    post: Post,
    bounds: Bounds,
    copier: Option<Arc<dyn Copier>>,
    warehouse: Option<Arc<dyn Copier>>,
    jobs: usize,
    runs_of: Rules,
}
