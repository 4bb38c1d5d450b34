//! The simulation as a program, for trying things by hand and for load runs.
//!
//! Prints its address and its credentials, then serves until it is interrupted.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use gitratra_sim::{
    AppKey, AppSpec, FaultMix, Limits, Regime, Scope, Sim, SimBuilder, StaleAnswers, Time,
};

const HELP: &str = "\
gitratra-sim: a simulated GitHub on loopback

gitratra-sim [options]

Prints its address and its credentials, one a line, and serves until it is interrupted.

What there is:
  --repos N              how many repositories (10)
  --owner NAME           who owns them (octo)
  --token T              a token with every right (ghp_simulated); may be repeated
  --app ID               a GitHub App, installed on everything the owner has
  --app-key FILE         where to write the App's private key, for its holder to sign with
  --oauth-app CLIENT_ID  an OAuth app whose users may log in by the device flow

Time and chance:
  --at TIME              what the clock shows at first (2026-03-10T12:00:00Z)
  --since TIME           what there is was there at that time already (--at): the same to go on
                         after a restart with a later --at
  --speed X              how many times faster than real time it runs (1)
  --seed N               all chance follows from it (1)
  --as-it-was            answer days before 2025-12-31 in the old way

What goes wrong:
  --fault-rate P         this part of all answers, 0 to 1, is bad in some way (0): cut, empty,
                         late, refused, an error of the server's, or not what was asked for
  --stale P:DAYS         this part of the answers about views and clones is up to DAYS old

How it serves:
  --listen ADDRESS:PORT  where to listen (127.0.0.1:0, a free port)
  --no-limits            count requests, refuse none
  --latency-ms N         how long each answer takes (0)
  --log N                how many requests the log keeps (0)
  --threads N            how many threads serve (as many as there are cores)

A collector to watch for two hours that are two months, in bad weather:
  gitratra-sim --listen 127.0.0.1:8081 --repos 50 --speed 720 --fault-rate 0.05 --stale 0.02:4
  GITRATRA_TOKEN=ghp_simulated gitratra serve --api-url http://127.0.0.1:8081

While it runs, it takes orders under /_sim/ (URL is the address it printed):
  curl URL/_sim/clock                                   what the clock shows
  curl URL/_sim/counters                                what was asked and answered
  curl URL/_sim/requests_by_repo                        the same by repository
  curl -X POST 'URL/_sim/advance?secs=86400'            move the clock on
  curl -X POST 'URL/_sim/fault_mix?probability=0.2'     another --fault-rate
  curl -X POST URL/_sim/stall -d '{\"scope\":\"all\",\"from\":\"2026-03-12\"}'
  curl -X DELETE URL/_sim/stall                         publish what was held back
  curl -X POST 'URL/_sim/rename?repo=octo/amber-api&to=octo/new'
  curl -X POST 'URL/_sim/revoke?token=ghp_simulated'    answer it 401
  curl -X POST 'URL/_sim/suspend?installation=5000001&is=true'
  curl URL/_sim/device_codes                            codes that wait for a person
  curl -X POST 'URL/_sim/device_approve?user_code=CODE&token=gho_any'
";

struct Options {
    builder: SimBuilder,
    tokens: Vec<String>,
    owner: String,
    repos: usize,
    app: Option<u64>,
    app_key: Option<PathBuf>,
    threads: Option<usize>,
    at: Option<Time>,
    since: Option<Time>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments
        .iter()
        .any(|argument| argument == "-h" || argument == "--help")
    {
        return written(io::stdout().write_all(HELP.as_bytes()));
    }
    match read(&arguments).and_then(|options| run(options).map_err(|error| error.to_string())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            let _ = writeln!(io::stderr(), "gitratra-sim: {problem}");
            ExitCode::from(2)
        }
    }
}

fn written(outcome: io::Result<()>) -> ExitCode {
    outcome.map_or(ExitCode::from(2), |()| ExitCode::SUCCESS)
}

fn read(arguments: &[String]) -> Result<Options, String> {
    let mut options = Options {
        builder: Sim::builder().speed(1.0).log_capacity(0),
        tokens: Vec::new(),
        owner: "octo".into(),
        repos: 10,
        app: None,
        app_key: None,
        threads: None,
        at: None,
        since: None,
    };
    let mut rest = arguments.iter();
    while let Some(name) = rest.next() {
        if name == "--no-limits" {
            options.builder = options.builder.limits(Limits::none());
        } else if name == "--as-it-was" {
            options.builder = options.builder.regime(Regime::as_it_was());
        } else {
            let value = rest.next().map_or("", String::as_str);
            options = set(options, name, value)?;
        }
    }
    Ok(options)
}

fn set(mut options: Options, name: &str, value: &str) -> Result<Options, String> {
    let builder = options.builder.clone();
    match name {
        "--listen" => options.builder = builder.listen(parse(name, value)?),
        "--seed" => options.builder = builder.seed(parse(name, value)?),
        "--at" => {
            let at: Time = parse(name, value)?;
            options.at = Some(at);
            options.builder = builder.at(at);
        }
        "--since" => options.since = Some(parse(name, value)?),
        "--speed" => options.builder = builder.speed(parse(name, value)?),
        "--latency-ms" => options.builder = builder.latency_ms(parse(name, value)?),
        "--log" => options.builder = builder.log_capacity(parse(name, value)?),
        "--repos" => options.repos = parse(name, value)?,
        "--owner" => options.owner = value.into(),
        "--token" => options.tokens.push(value.into()),
        "--app" => options.app = Some(parse(name, value)?),
        "--app-key" => options.app_key = Some(value.into()),
        "--oauth-app" => options.builder = builder.oauth_app(value),
        "--fault-rate" => {
            let rate = parse_part(name, value)?;
            options.builder = builder.fault_mix(FaultMix::new(rate));
        }
        "--stale" => {
            let (part, days) = value.split_once(':').unwrap_or((value, ""));
            let stale = StaleAnswers::new(Scope::All, parse_part(name, part)?, parse(name, days)?);
            options.builder = builder.stale(stale);
        }
        "--threads" => options.threads = Some(parse(name, value)?),
        _ => return Err(format!("no option \"{name}\"; see --help")),
    }
    Ok(options)
}

fn parse<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, String> {
    value
        .parse()
        .map_err(|_| format!("cannot read \"{value}\" as the value of {name}"))
}

/// A number of at least 0 and at most 1.
fn parse_part(name: &str, value: &str) -> Result<f64, String> {
    let part: f64 = parse(name, value)?;
    match (0.0..=1.0).contains(&part) {
        true => Ok(part),
        false => Err(format!(
            "{name} wants a number from 0 to 1, not \"{value}\""
        )),
    }
}

fn run(mut options: Options) -> Result<(), Box<dyn std::error::Error>> {
    if options.tokens.is_empty() {
        options.tokens.push("ghp_simulated".into());
    }
    if let Some(since) = options.since {
        options.builder = options.builder.at(since);
    }
    let mut builder = options.builder.fleet(&options.owner, options.repos);
    for token in &options.tokens {
        builder = builder.token(token.as_str());
    }
    if let Some(id) = options.app {
        builder = builder.app(AppSpec::new(id).installed(options.owner.as_str()));
    }
    if let Some(file) = &options.app_key {
        std::fs::write(file, AppKey::usual().pkcs1())
            .map_err(|error| format!("cannot write \"{}\": {error}", file.display()))?;
    }
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    if let Some(threads) = options.threads {
        runtime.worker_threads(threads.max(1));
    }
    runtime.enable_all().build()?.block_on(async move {
        let sim = builder.try_start().await?;
        if let (Some(_), Some(at)) = (options.since, options.at) {
            sim.set_clock(at);
        }
        let mut stdout = io::stdout();
        writeln!(stdout, "url {}", sim.url())?;
        for token in &options.tokens {
            writeln!(stdout, "token {token}")?;
        }
        if let Some(id) = options.app {
            writeln!(stdout, "app {id}")?;
        }
        stdout.flush()?;
        tokio::signal::ctrl_c().await?;
        Ok(())
    })
}
