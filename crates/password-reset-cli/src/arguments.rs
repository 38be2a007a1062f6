//! The arguments.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Operates the password resets of an application.
///
/// Exit codes: 0 all is well, 1 something is wrong, 2 the arguments or settings cannot be used.
#[derive(Debug, Parser)]
#[command(name = "password-reset", version)]
pub(crate) struct Arguments {
    /// The settings of the application
    #[arg(long, global = true, env = "PASSWORD_RESET_CONFIG", default_value = "password-reset.toml")]
    pub(crate) config: PathBuf,
    /// Print JSON, one object a line
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make, rotate and check keys
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Show what happened to an account's resets, newest first
    History {
        /// The account's id or email address
        account: String,
        /// How many rows
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Show what became of the last message to each contact of an account
    Deliveries {
        /// The account's id or email address
        account: String,
    },
    /// Have a link sent to the owner of an account; the application's worker sends it
    SendLink {
        /// The account's id or email address
        account: String,
        /// Who asks for it, for the audit trail
        #[arg(long)]
        actor: String,
        /// Why, for the audit trail: a ticket or a few words
        #[arg(long)]
        reason: String,
    },
    /// Disable an account and end its sessions; links that were sent stop working
    Lock {
        /// The account's id or email address
        account: String,
        /// Do it without a question
        #[arg(long)]
        yes: bool,
    },
    /// Delete all that is kept about an account's resets
    Erase {
        /// The account's id or email address
        account: String,
        /// Do it without a question
        #[arg(long)]
        yes: bool,
    },
    /// Print all that is kept about an account's resets, as JSON
    Export {
        /// The account's id or email address
        account: String,
    },
    /// Delete what is past its retention, as workers do by themselves
    Purge {
        /// Do it without a question
        #[arg(long)]
        yes: bool,
    },
    /// Create or update the tables of resets
    Migrate,
    /// Find the cost of hashing for a time
    Calibrate {
        /// How long one hash may take
        #[arg(long, default_value = "100ms", value_parser = milliseconds)]
        target: Duration,
        /// The most memory for one hash
        #[arg(long, default_value_t = 128)]
        max_memory_mib: u32,
    },
    /// Build and check lists of breached passwords
    Breached {
        #[command(subcommand)]
        command: BreachedCommand,
    },
    /// Reset the canary's password from end to end, and name what is wrong
    Doctor,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Print a new key ring
    New {
        /// The name of the key that issues; `--only` prints one key with this name, for a ring that there is
        #[arg(long, default_value = "a")]
        name: String,
        /// Print one key alone
        #[arg(long)]
        only: bool,
    },
    /// Take the next step of a rotation in the file of `keys_file`, or say which it is
    Rotate(Rotate),
    /// Check the ring against the resets in the database
    Check,
}

#[derive(Args, Debug)]
#[group(multiple = false)]
pub(crate) struct Rotate {
    /// Step 1: add a new key with this name, which verifies and does not issue yet
    #[arg(long, value_name = "NAME")]
    pub(crate) add: Option<String>,
    /// Step 2: let this key issue
    #[arg(long, value_name = "NAME")]
    pub(crate) issue: Option<String>,
    /// Step 3: remove this key
    #[arg(long, value_name = "NAME")]
    pub(crate) retire: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BreachedCommand {
    /// Build a list from a download of HASH:COUNT lines, sorted by hash
    Build(Build),
    /// Read a whole list and check its checksum
    Verify {
        /// The list
        list: PathBuf,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Build {
    /// A file, or a folder with one file for each range of five hexadecimal digits
    pub(crate) download: PathBuf,
    /// The list; an old one is replaced when the new one is complete
    #[arg(short, long)]
    pub(crate) output: PathBuf,
    /// The kind of hashes in the download
    #[arg(short, long, value_enum)]
    pub(crate) kind: Kind,
    /// Leave out passwords with a lower count
    #[arg(long, default_value_t = 1)]
    pub(crate) seen_at_least: u64,
    /// Build from a folder with missing ranges; their passwords will pass as not breached
    #[arg(long)]
    pub(crate) allow_missing_ranges: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Kind {
    Sha1,
    Ntlm,
}

fn milliseconds(text: &str) -> Result<Duration, String> {
    let number = text.strip_suffix("ms").and_then(|number| number.parse().ok());
    number.map(Duration::from_millis).ok_or_else(|| "write milliseconds, as in 100ms".to_owned())
}
