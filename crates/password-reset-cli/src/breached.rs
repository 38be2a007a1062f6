//! Lists of breached passwords.

use std::path::PathBuf;

use password_reset_breached::{BreachedFile, HashKind, Input, ListBuilder, Progress};

use crate::arguments::{Build, Kind};
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn build(build: &Build, output: &Output) -> Result<(), Failure> {
    let kind = match build.kind {
        Kind::Sha1 => HashKind::Sha1,
        Kind::Ntlm => HashKind::Ntlm,
    };
    let download = Input::find(&build.download).map_err(Failure::of)?;
    if !build.allow_missing_ranges {
        download.whole().map_err(Failure::of)?;
    }
    let all = download.bytes();
    let list = ListBuilder::new(kind, &build.output).map_err(Failure::of)?.seen_at_least(build.seen_at_least);
    let built = download.build(list, |progress| show(output, progress, all)).map_err(Failure::of)?;
    output.done(&format!("Built: {} passwords from {} lines, {} bytes", built.entries, built.lines, built.file_bytes))
}

pub(crate) fn verify(list: PathBuf, output: &Output) -> Result<(), Failure> {
    let list = BreachedFile::open(list).map_err(Failure::of)?;
    list.verify().map_err(Failure::of)?;
    output.done(&format!("OK: {} passwords, {} hashes", list.entries(), list.kind().code()))
}

fn show(output: &Output, progress: Progress, all: u64) {
    let percent = u128::from(progress.bytes).saturating_mul(100).checked_div(u128::from(all)).unwrap_or(100);
    output.progress(&format!("{percent:>3} %, {} lines", progress.lines));
}
