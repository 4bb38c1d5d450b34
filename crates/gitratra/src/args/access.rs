//! The arguments of the commands that say who may look: users, groups, share links.

use clap::{Args, Subcommand};

use super::Json;

#[derive(Debug, Args)]
pub(crate) struct Users {
    #[command(subcommand)]
    pub(crate) command: UsersCommand,
}

/// What is done about users.
#[derive(Debug, Subcommand)]
pub(crate) enum UsersCommand {
    /// Add somebody, who chooses a password by the link that is printed
    #[command(after_help = "\
Examples:
  gitratra users add ada --role admin
  gitratra users add bo --group web --group docs
  gitratra users add ci --role editor --password-stdin < password.txt")]
    Add {
        /// The name to log in with
        name: String,
        /// viewer sees groups, editor sees and changes, admin also decides who may
        #[arg(long, default_value = "viewer")]
        role: String,
        /// A group that a viewer sees; may be given several times
        #[arg(long, value_name = "GROUP")]
        group: Vec<String>,
        /// Read the password from the first line of standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// List users
    #[command(after_help = "\
Examples:
  gitratra users list")]
    List {
        #[command(flatten)]
        json: Json,
    },
    /// Remove somebody, with sessions and tokens
    #[command(after_help = "\
Examples:
  gitratra users remove bo")]
    Remove {
        /// The name
        name: String,
    },
    /// Print a link by which somebody sets a new password
    #[command(after_help = "\
Examples:
  gitratra users password ada
  gitratra users password ada --password-stdin < password.txt")]
    Password {
        /// The name
        name: String,
        /// Read the password from the first line of standard input
        #[arg(long)]
        password_stdin: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Group {
    #[command(subcommand)]
    pub(crate) command: GroupCommand,
}

/// What is done about groups.
#[derive(Debug, Subcommand)]
pub(crate) enum GroupCommand {
    /// Make a group, or add to one
    #[command(after_help = "\
Examples:
  gitratra group add web 'octo/*' '!octo/secret'

An exact name means the repository that bears it now, and follows it through renames.")]
    Add {
        /// The group's name
        name: String,
        /// owner/name, owner/*, *, !owner/name or !owner/*
        #[arg(value_name = "PATTERN", required = true)]
        patterns: Vec<String>,
    },
    /// List groups
    #[command(after_help = "\
Examples:
  gitratra group list")]
    List {
        #[command(flatten)]
        json: Json,
    },
    /// Take patterns out of a group, or remove all of it
    #[command(after_help = "\
Examples:
  gitratra group remove web 'octo/*'
  gitratra group remove web")]
    Remove {
        /// The group's name
        name: String,
        /// Patterns; without any the group itself is removed, and its share links end
        #[arg(value_name = "PATTERN")]
        patterns: Vec<String>,
    },
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub(crate) struct Share {
    #[command(subcommand)]
    pub(crate) command: Option<ShareCommand>,
    /// The repository that the link shows
    #[arg(value_name = "OWNER/NAME")]
    pub(crate) repo: Option<String>,
    /// The group that the link shows
    #[arg(long, value_name = "GROUP", conflicts_with = "repo")]
    pub(crate) group: Option<String>,
    /// Days until the link ends
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=3650))]
    pub(crate) days: u16,
    /// Whom it is for
    #[arg(long, default_value = "")]
    pub(crate) label: String,
}

/// What is done about share links that there are.
#[derive(Debug, Subcommand)]
pub(crate) enum ShareCommand {
    /// List share links
    #[command(after_help = "\
Examples:
  gitratra share list")]
    List {
        #[command(flatten)]
        json: Json,
    },
    /// End a share link by its number, which list tells, or all signed addresses of pictures
    #[command(after_help = "\
Examples:
  gitratra share revoke 3
  gitratra share revoke --signed")]
    Revoke {
        /// The link's number
        #[arg(value_name = "NUMBER")]
        id: Option<u64>,
        /// End every signed address of a badge or chart
        #[arg(long, conflicts_with = "id")]
        signed: bool,
    },
}
