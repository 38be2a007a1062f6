//! The command that builds and verifies lists.

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use password_reset_breached::{BreachedFile, HashKind, Input, ListBuilder, Progress};

#[derive(Parser)]
#[command(name = "password-reset-breached", about = "Offline lists of breached passwords", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build a list from a download of HASH:COUNT lines, sorted by hash
    Build {
        /// A file, or a folder with one file for each range of five hexadecimal digits
        download: PathBuf,
        /// The list; an old one is replaced when the new one is complete
        #[arg(short, long)]
        output: PathBuf,
        /// The kind of hashes in the download
        #[arg(short, long, value_enum)]
        kind: Kind,
        /// Leave out passwords with a lower count
        #[arg(long, default_value_t = 1)]
        seen_at_least: u64,
        /// Build from a folder with missing ranges; their passwords will pass as not breached
        #[arg(long)]
        allow_missing_ranges: bool,
    },
    /// Read a whole list and check its checksum
    Verify {
        /// The list
        list: PathBuf,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Sha1,
    Ntlm,
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(result) => match writeln!(io::stdout(), "{result}") {
            Ok(()) => ExitCode::SUCCESS,
            Err(_closed) => ExitCode::FAILURE,
        },
        Err(error) => {
            let mut text = error.to_string();
            let mut cause = error.source();
            while let Some(because) = cause {
                text = format!("{text}: {because}");
                cause = because.source();
            }
            say(&format!("password-reset-breached: {text}\n"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<String, Box<dyn Error>> {
    match command {
        Command::Build { download, output, kind, seen_at_least, allow_missing_ranges } => {
            let kind = match kind {
                Kind::Sha1 => HashKind::Sha1,
                Kind::Ntlm => HashKind::Ntlm,
            };
            let download = Input::find(&download)?;
            if !allow_missing_ranges {
                download.whole()?;
            }
            let all = download.bytes();
            let list = ListBuilder::new(kind, output)?.seen_at_least(seen_at_least);
            let built = download.build(list, |progress| show(progress, all))?;
            Ok(format!("Built: {} passwords from {} lines, {} bytes", built.entries, built.lines, built.file_bytes))
        }
        Command::Verify { list } => {
            let list = BreachedFile::open(list)?;
            list.verify()?;
            Ok(format!("OK: {} passwords, {} hashes", list.entries(), list.kind().code()))
        }
    }
}

fn show(progress: Progress, all: u64) {
    let percent = u128::from(progress.bytes).saturating_mul(100).checked_div(u128::from(all)).unwrap_or(100);
    say(&format!("{percent:>3} %, {} lines\n", progress.lines));
}

/// Writes to standard error; ignores a closed one.
fn say(text: &str) {
    let _unseen = io::stderr().write_all(text.as_bytes());
}
