//! The command line: names, help and what clap checks of it. Names are a contract with scripts.

#![expect(
    clippy::doc_markdown,
    reason = "these comments are the help texts, and a terminal shows backticks as they are"
)]

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

mod access;
mod admin;
mod archive;
mod assistant;
mod copies;
mod import;
mod report;
mod shown;
mod warehouse;

pub(crate) use access::{Group, GroupCommand, Share, ShareCommand, Users, UsersCommand};
pub(crate) use admin::{Admin, AdminCommand, Distribute};
pub(crate) use archive::{Archive, Merge, Migrate};
pub(crate) use assistant::Mcp;
pub(crate) use copies::{Backup, Restore, Verify};
pub(crate) use import::Import;
pub(crate) use report::{Paper, Report};
pub(crate) use shown::{
    By, Compare, Export, ExportFormat, ExportWhat, Gaps, Note, NoteCommand, Order, Show,
    ShownMetric, Spikes, Top, TrafficMetric, Why,
};
pub(crate) use warehouse::Warehouse;

/// Keeps the traffic of GitHub repositories for good.
///
/// GitHub forgets views, clones, referrers and popular paths after 14 days. gitratra asks for them,
/// keeps every day, and shows numbers that can be believed.
#[derive(Debug, Parser)]
#[command(
    name = "gitratra",
    version,
    propagate_version = false,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "\
Examples:
  gitratra demo                      try it out: no token, no network
  gitratra sync octo/hello           read the last 14 days and keep them
  gitratra show octo/hello           look at them
  gitratra token:- list.txt out.txt  the original tool's call, token on stdin

The token comes from --token-file, GITRATRA_TOKEN, GITHUB_TOKEN, GH_TOKEN, token_file in the
configuration, `gitratra login` or `gh auth token`. Several credentials at once: [[credential]]
tables in the configuration.
Exit codes: 0 all done, 1 done but some repositories failed, 2 could not start."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Say only what went wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more; repeat for still more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Use colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
    /// Read settings from this TOML file [default: config.toml in the platform's config folder]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Database: a path, sqlite:PATH or postgres://… [env: GITRATRA_DB]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) db: Option<String>,
    /// Copy that the database's server makes of itself, to read pages and exports from: postgres://… [env: GITRATRA_READ_DB]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) read_db: Option<String>,
    /// Address of GitHub's API [env: GITRATRA_API_URL, GITHUB_API_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) api_url: Option<String>,
    /// Read the token from this file, `-` for standard input [env: GITRATRA_TOKEN, GITHUB_TOKEN, GH_TOKEN]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Number or client id of a GitHub App to ask as [env: GITRATRA_APP_ID]
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) app_id: Option<String>,
    /// Private key of that App, a PEM file [env: GITRATRA_APP_KEY_FILE]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) app_key: Option<PathBuf>,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Also into files and pipes
    Always,
    /// Not at all
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Track repositories: owner/name, owner/*, *, @FILE; exclude with !owner/name, !fork, !archived, !private
    #[command(after_help = "\
Examples:
  gitratra track octo/hello
  gitratra track 'octo/*' '!fork' '!octo/playground'
  gitratra track @repositories.txt")]
    Track(Patterns),
    /// Stop tracking; what was collected stays
    #[command(after_help = "\
Examples:
  gitratra untrack octo/hello
  gitratra untrack '!fork'")]
    Untrack(Patterns),
    /// List what is tracked: name, id, newest day held, days safe, last error
    #[command(after_help = "\
Examples:
  gitratra repos
  gitratra repos --json")]
    Repos(Json),
    /// Tell why a repository is tracked or not
    #[command(after_help = "\
Examples:
  gitratra explain octo/hello")]
    Explain(Explain),
    /// Ask GitHub for everything that is due and keep it
    #[command(after_help = "\
Examples:
  gitratra sync                 everything tracked that may have a new day
  gitratra sync octo/hello      track this repository and read it now
  gitratra sync --all --json    everything, with an account for scripts
  gitratra sync octo/hello --archive data --push
                                keep everything in a git repository")]
    Sync(Sync),
    /// Collect for ever: ask each repository at its moment, and tell how things are over HTTP
    #[command(after_help = "\
Examples:
  gitratra serve                         collect; /healthz, /readyz and /metrics on 127.0.0.1:8080
  gitratra serve --rate-share 0.25       leave three quarters of the rate limit to others
  gitratra serve --no-web                collect only

SIGHUP reads the configuration again, SIGTERM ends it within five seconds.")]
    Serve(Serve),
    /// Check token, permissions, rate limit, clock, store and disk, and say what to change
    #[command(after_help = "\
Examples:
  gitratra doctor
  gitratra doctor octo/hello --json

Exit codes: 0 all is well, 1 something needs doing, 2 it cannot tell.")]
    Doctor(Doctor),
    /// Log in to GitHub in the browser, or keep a pasted token, in this system's keychain
    #[command(after_help = "\
Examples:
  gitratra login --with-token < token.txt
  gitratra login --client-id Iv1.0123456789abcdef

A kept token is used where no other credential is configured. Without a keychain use --token-file.")]
    Login(Login),
    /// Forget the token that `login` kept
    #[command(after_help = "\
Examples:
  gitratra logout")]
    Logout,
    /// Try the channels through which trouble is told
    #[command(after_help = "\
Examples:
  gitratra alerts test")]
    Alerts(Alerts),
    /// Show traffic, stars, downloads, referrers and paths in the terminal
    #[command(after_help = "\
Examples:
  gitratra show                                  all repositories, one line each
  gitratra show octo/hello --range 90d --by week
  gitratra show octo/hello --range 2026-01-01..2026-03-31 --metric clones
  gitratra show octo/hello --metric downloads --range 1y")]
    Show(Show),
    /// Show the same range of several repositories side by side
    #[command(after_help = "\
Examples:
  gitratra compare octo/hello octo/world
  gitratra compare octo/hello octo/world --range 1y --by month --json")]
    Compare(Compare),
    /// Rank repositories: by total, by day, by gain or loss, or those that went quiet
    #[command(after_help = "\
Examples:
  gitratra top
  gitratra top --order rising --range 7d
  gitratra top --order quiet --metric clones")]
    Top(Top),
    /// Find days far above the usual, and what moved with them
    #[command(after_help = "\
Examples:
  gitratra spikes octo/hello
  gitratra spikes --range 30d --json")]
    Spikes(Spikes),
    /// Write down what happened on a day, so that it explains a spike later
    #[command(after_help = "\
Examples:
  gitratra note add octo/hello 2026-01-15 \"on the front page of a news site\"
  gitratra note list")]
    Note(Note),
    /// Say who may log in to the dashboard
    #[command(after_help = "\
Examples:
  gitratra users add ada --role admin
  gitratra users list")]
    Users(Users),
    /// Name sets of repositories, which viewers and share links are shown
    #[command(after_help = "\
Examples:
  gitratra group add web 'octo/*' '!octo/secret'
  gitratra group list")]
    Group(Group),
    /// Make a link that shows one repository or one group to whoever has it
    #[command(after_help = "\
Examples:
  gitratra share octo/hello --days 7 --label press
  gitratra share --group web
  gitratra share list")]
    Share(Share),
    /// Tell every value GitHub ever gave for a day, when, and which one counts
    #[command(after_help = "\
Examples:
  gitratra why octo/hello 2026-01-15")]
    Why(Why),
    /// List days that were never seen, and when the next day would be lost
    #[command(after_help = "\
Examples:
  gitratra gaps
  gitratra gaps octo/hello --json")]
    Gaps(Gaps),
    /// Write what is kept to a file or to standard output
    #[command(after_help = "\
Examples:
  gitratra export daily > daily.csv
  gitratra export all --format jsonl -o folder
  gitratra export daily --format jsonl --repo 'octo/*' --range 1y -o octo.jsonl")]
    Export(Export),
    /// Keep everything as partitioned Parquet in a folder or a bucket, for DuckDB, Spark and the like
    #[command(after_help = "\
Examples:
  gitratra warehouse /srv/traffic
  gitratra warehouse s3://bucket/traffic --repo '!private'   AWS_ACCESS_KEY_ID and its like
  gitratra warehouse                                         as [warehouse] in config.toml says

Only months in which anything changed are written anew; a run with nothing new writes nothing.")]
    Warehouse(Warehouse),
    /// Take over the history that another tool has kept
    #[command(after_help = "\
Examples:
  gitratra import ghrs-data --repo octo/hello --dry-run   what would a data branch bring?
  gitratra import ghstats.db traffic.json                 databases and files of other tools
  gitratra import views.csv --columns day=date,views=count,views_uniques=people --repo octo/hello

Every file is read to its end before anything is written, and importing twice changes nothing.
Nothing is asked of GitHub.")]
    Import(Import),
    /// Answer assistants over standard input and output (Model Context Protocol), reading only
    #[command(after_help = "\
Examples:
  gitratra mcp                     in an assistant's configuration: docs/mcp.md
  gitratra mcp --include-private   also tells of private repositories

It asks GitHub nothing and writes nothing. Ends when its input does.")]
    Mcp(Mcp),
    /// Copy the store, while it is in use, into a file, a folder or a bucket, and look at the copy
    #[command(after_help = "\
Examples:
  gitratra backup gitratra-copy.db
  gitratra backup --to /mnt/backups
  gitratra backup --to s3://bucket/gitratra    AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION
  gitratra backup                              as [backup] in the configuration says

The copy is a SQLite file, also of a PostgreSQL store. It holds the hashes of passwords and tokens.")]
    Backup(Backup),
    /// Put a copy that `backup` made in the place of the store
    #[command(after_help = "\
Examples:
  gitratra restore gitratra-copy.db
  gitratra --db postgres://… restore gitratra-copy.db --overwrite")]
    Restore(Restore),
    /// Check everything that is kept, and name what was damaged or changed
    #[command(after_help = "\
Examples:
  gitratra verify
  gitratra verify --head 3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA

Exit codes: 0 all is well, 1 something was found, 2 it cannot tell.")]
    Verify(Verify),
    /// Write a report of one repository, a group or all as HTML, Markdown or PDF
    #[command(after_help = "\
Examples:
  gitratra report octo/hello -o hello.pdf
  gitratra report 'octo/*' '!fork' -o octo.html --range 1y
  gitratra report @web -o web.md --title \"Web team, third quarter\" --range 2026-07-01..2026-09-30")]
    Report(Report),
    /// Write everything into a folder of sorted text, which git keeps well
    #[command(after_help = "\
Examples:
  gitratra archive folder
  gitratra import --from archive folder   give it back without loss")]
    Archive(Archive),
    /// Join another database into this one
    #[command(after_help = "\
Examples:
  gitratra merge laptop.db
  gitratra --db all.db merge postgres://me@host/traffic --dry-run")]
    Merge(Merge),
    /// Move the whole database to another place, on either engine
    #[command(after_help = "\
Examples:
  gitratra migrate --from gitratra.db --to postgres://me@host/traffic
  gitratra migrate --from postgres://me@host/traffic --to sqlite:traffic.db

A move that was cut off goes on when the same command is run again. It ends when both
places were read whole and have the same hash.")]
    Migrate(Migrate),
    /// Look after a database that is large: cut its tables up, or spread them over several machines
    #[command(after_help = "\
Examples:
  gitratra admin distribute --dry-run")]
    Admin(Admin),
    /// Collect two simulated years from a simulated GitHub and show the dashboard: no token, no network
    #[command(after_help = "\
Examples:
  gitratra demo")]
    Demo(Demo),
    /// Print completions for a shell
    #[command(after_help = "\
Examples:
  gitratra completions bash > /etc/bash_completion.d/gitratra")]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    #[command(after_help = "\
Examples:
  gitratra man > /usr/local/share/man/man1/gitratra.1")]
    Man,
    /// The original tool's call
    #[command(hide = true)]
    Original(Original),
}

#[derive(Debug, Args)]
pub(crate) struct Patterns {
    /// owner/name, owner/*, *, @FILE, !owner/name, !owner/*, !fork, !archived, !private
    #[arg(required = true, value_name = "PATTERN", allow_hyphen_values = false)]
    pub(crate) patterns: Vec<String>,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Args, Clone, Copy)]
pub(crate) struct Json {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The repository
    #[arg(value_name = "OWNER/NAME")]
    pub(crate) repo: String,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Args)]
pub(crate) struct Sync {
    /// Track these and ask them now; nothing asks everything that is due
    #[arg(value_name = "PATTERN")]
    pub(crate) patterns: Vec<String>,
    /// Ask everything tracked, due or not
    #[arg(long)]
    pub(crate) all: bool,
    /// Repositories asked at the same time, at most 50 [default: 8] [env: GITRATRA_JOBS]
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    /// Requests in any minute, 0 for no limit of our own [default: 900, GitHub's limit] [env: GITRATRA_POINTS_PER_MINUTE]
    #[arg(long, value_name = "N")]
    pub(crate) points_per_minute: Option<u32>,
    /// Part of the hourly rate limit to use, above 0 and up to 1 [default: 1] [env: GITRATRA_RATE_SHARE]
    #[arg(long, value_name = "PART")]
    pub(crate) rate_share: Option<f64>,
    /// Count workflow runs of these repositories, one request a day each, for the estimate of clones by machines [env: GITRATRA_WORKFLOW_RUNS]
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    pub(crate) workflow_runs: Vec<String>,
    /// Wait when the rate limit is used up, instead of stopping
    #[arg(long)]
    pub(crate) wait: bool,
    /// Only say what would be asked
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Read this archive before, and write it afterwards; without --db nothing else is kept
    #[arg(long, value_name = "DIR")]
    pub(crate) archive: Option<PathBuf>,
    /// Commit the archive and push it, by the branch and remote of the git checkout it lies in
    #[arg(long, requires = "archive", conflicts_with = "dry_run")]
    pub(crate) push: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Where to show the dashboard [default: 127.0.0.1:8080, or any free port]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// Collect, say what to look at, and end
    #[arg(long, conflicts_with = "listen")]
    pub(crate) no_web: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where to answer HTTP [default: 127.0.0.1:8080] [env: GITRATRA_LISTEN]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// Ask GitHub nothing
    #[arg(long, conflicts_with = "no_web")]
    pub(crate) no_collect: bool,
    /// Answer no HTTP
    #[arg(long)]
    pub(crate) no_web: bool,
    /// Show public repositories to whoever asks, and nothing else
    #[arg(long, conflicts_with = "no_web")]
    pub(crate) public: bool,
    /// Seconds to go on answering after SIGTERM, while /readyz says 503, at most 600 [default: 2 with behind_proxy, else 0] [env: GITRATRA_DRAIN]
    #[arg(long, conflicts_with = "no_web", value_name = "SECONDS")]
    pub(crate) drain: Option<u32>,
    /// Wait so many times faster, as a simulated GitHub's clock may run
    #[arg(long, hide = true, value_name = "FACTOR", default_value_t = 1.0)]
    pub(crate) speed: f64,
    /// Part of each credential's hourly rate limit to use, above 0 and up to 1 [default: 0.5] [env: GITRATRA_RATE_SHARE]
    #[arg(long, value_name = "PART")]
    pub(crate) rate_share: Option<f64>,
    /// Repositories asked at the same time, at most 50 [default: 8] [env: GITRATRA_JOBS]
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    /// Requests in any minute, 0 for no limit of our own [default: 900, GitHub's limit] [env: GITRATRA_POINTS_PER_MINUTE]
    #[arg(long, value_name = "N")]
    pub(crate) points_per_minute: Option<u32>,
    /// Count workflow runs of these repositories, one request a day each, for the estimate of clones by machines [env: GITRATRA_WORKFLOW_RUNS]
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    pub(crate) workflow_runs: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Only these repositories; nothing checks all that are tracked
    #[arg(value_name = "OWNER/NAME")]
    pub(crate) repos: Vec<String>,
    /// Ask GitHub about each repository, also where there are many or the store knows the last answer
    #[arg(long)]
    pub(crate) live: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Args)]
pub(crate) struct Login {
    /// Read a token from standard input instead of logging in with the browser
    #[arg(long)]
    pub(crate) with_token: bool,
    /// Client id of the OAuth or GitHub App to log in through [env: GITRATRA_CLIENT_ID]
    #[arg(long, value_name = "ID", conflicts_with = "with_token")]
    pub(crate) client_id: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Alerts {
    #[command(subcommand)]
    pub(crate) command: AlertsCommand,
}

/// What to do with the channels.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum AlertsCommand {
    /// Send one test message through every configured channel
    Test(Json),
}

#[derive(Debug, Args)]
pub(crate) struct Original {
    /// `token:TOKEN`, `token:-`, `token:` or `username:NAME`
    pub(crate) credential: String,
    /// The list of repositories
    #[arg(value_name = "REPO_FILE")]
    pub(crate) repo_file: PathBuf,
    /// The file of days, read and written
    #[arg(value_name = "OUTPUT_FILE")]
    pub(crate) output_file: PathBuf,
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    #[arg(long, value_name = "N")]
    pub(crate) points_per_minute: Option<u32>,
}

/// Puts the original tool's call (`token:…` or `username:…` as the first word) into a form that the
/// parser knows.
pub(crate) fn with_original_call(
    args: impl IntoIterator<Item = std::ffi::OsString>,
) -> Vec<std::ffi::OsString> {
    let mut args: Vec<_> = args.into_iter().collect();
    let is_credential = |arg: &std::ffi::OsString| {
        let text = arg.to_string_lossy().to_ascii_lowercase();
        text.starts_with("token:") || text.starts_with("username:")
    };
    if let Some(at) = args.iter().position(is_credential) {
        use clap::CommandFactory as _;
        let command = Cli::command();
        let is_command = |arg: &std::ffi::OsString| {
            arg.to_str()
                .is_some_and(|text| command.find_subcommand(text).is_some())
        };
        if !args[1..at.max(1)].iter().any(is_command) {
            args.insert(at, "original".into());
        }
    }
    args
}

/// A parser's complaint about arguments, without what in them may be a token.
pub(crate) fn without_tokens(text: &str, args: &[std::ffi::OsString]) -> String {
    const MARKS: [&str; 2] = ["token:", "token="];
    const TOKENS: [&str; 6] = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"];
    let mut text = text.to_owned();
    for arg in args {
        let arg = arg.to_string_lossy();
        let folded = arg.to_ascii_lowercase();
        let marked = MARKS
            .iter()
            .filter_map(|mark| Some(folded.find(mark)? + mark.len()));
        let begins = TOKENS.iter().filter_map(|begin| folded.find(begin));
        if let Some(at) = marked.chain(begins).min()
            && at < arg.len()
        {
            text = text.replace(&arg[at..], "[hidden]");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    fn check(args: &str, expected: &str) {
        let words = args.split(' ').map(std::ffi::OsString::from);
        let words = with_original_call(words);
        let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
        assert_eq!(words.join(" "), expected);
    }

    #[test]
    fn the_original_call_is_recognised() {
        check("gitratra token:x a b", "gitratra original token:x a b");
        check(
            "gitratra -q username:x a b",
            "gitratra -q original username:x a b",
        );
        check(
            "gitratra --api-url http://x token: a b",
            "gitratra --api-url http://x original token: a b",
        );
        check("gitratra Token:x a b", "gitratra original Token:x a b");
        check("gitratra track token:x", "gitratra track token:x");
        check("gitratra sync", "gitratra sync");
    }
}
