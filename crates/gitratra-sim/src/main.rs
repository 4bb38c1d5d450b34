//! The simulation as a program, for trying things by hand and for load runs.
//!
//! Prints its address and its token, then serves until it is interrupted.

use std::io::{self, Write as _};
use std::process::ExitCode;

use gitratra_sim::{Limits, Regime, Sim, SimBuilder, Time};

const HELP: &str = "\
gitratra-sim: a simulated GitHub on loopback

gitratra-sim [options]
  --listen ADDRESS:PORT  where to listen (127.0.0.1:0, a free port)
  --seed N               all chance follows from it (1)
  --repos N              how many repositories (10)
  --owner NAME           who owns them (octo)
  --at TIME              what the clock shows at first (2026-03-10T12:00:00Z)
  --speed X              how many times faster than real time it runs (1)
  --latency-ms N         how long each answer takes (0)
  --token T              a token with every right (ghp_simulated); may be repeated
  --no-limits            count requests, refuse none
  --log N                how many requests the log keeps (0)
  --as-it-was            answer days before 2025-12-31 in the old way
  --threads N            how many threads serve (as many as there are cores)
";

struct Options {
    builder: SimBuilder,
    tokens: Vec<String>,
    owner: String,
    repos: usize,
    threads: Option<usize>,
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
        threads: None,
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
        "--at" => options.builder = builder.at(parse::<Time>(name, value)?),
        "--speed" => options.builder = builder.speed(parse(name, value)?),
        "--latency-ms" => options.builder = builder.latency_ms(parse(name, value)?),
        "--log" => options.builder = builder.log_capacity(parse(name, value)?),
        "--repos" => options.repos = parse(name, value)?,
        "--owner" => options.owner = value.into(),
        "--token" => options.tokens.push(value.into()),
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

fn run(mut options: Options) -> Result<(), Box<dyn std::error::Error>> {
    if options.tokens.is_empty() {
        options.tokens.push("ghp_simulated".into());
    }
    let mut builder = options.builder.fleet(&options.owner, options.repos);
    for token in &options.tokens {
        builder = builder.token(token.as_str());
    }
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    if let Some(threads) = options.threads {
        runtime.worker_threads(threads.max(1));
    }
    runtime.enable_all().build()?.block_on(async move {
        let sim = builder.try_start().await?;
        let mut stdout = io::stdout();
        writeln!(stdout, "url {}", sim.url())?;
        for token in &options.tokens {
            writeln!(stdout, "token {token}")?;
        }
        stdout.flush()?;
        tokio::signal::ctrl_c().await?;
        Ok(())
    })
}
