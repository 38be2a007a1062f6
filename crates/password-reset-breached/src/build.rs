//! Builds a list in one pass, with little memory, atomically.

use std::fs::{File, Permissions};
use std::io::{self, BufRead, BufWriter, Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::error::{BuildError, LineFault};
use crate::format::{ENTRY_BYTES, HEADER_BYTES, Header};
use crate::kind::{HashKind, LONGEST, first_eight};
use crate::lines;

/// Lines between two progress reports.
const LINES_A_REPORT: u64 = 1 << 20;

/// The progress of a build.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Lines read.
    pub lines: u64,
    /// Bytes read.
    pub bytes: u64,
}

/// The result of a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Built {
    /// Lines read.
    pub lines: u64,
    /// Passwords in the list.
    pub entries: u64,
    /// The size of the file.
    pub file_bytes: u64,
}

/// Builds a list from sorted lines.
///
/// Writes a temporary file beside the list, and renames it to the list's name when it is complete: a reader sees either the
/// old list or the new one, and a program that has the old one open keeps it. Takes one pass and some hundred kilobytes of
/// memory for any size of download.
#[derive(Debug)]
pub struct ListBuilder {
    kind: HashKind,
    target: PathBuf,
    file: BufWriter<NamedTempFile>,
    seen_at_least: u64,
    digest: Sha256,
    before: Option<[u8; LONGEST]>,
    entries: u64,
    progress: Progress,
}

impl ListBuilder {
    /// Starts a list at `target`.
    ///
    /// # Errors
    /// When it cannot create a file in the folder of `target`.
    pub fn new(kind: HashKind, target: impl Into<PathBuf>) -> Result<Self, BuildError> {
        let target = target.into();
        let write = |source| BuildError::Write { source };
        // The list is not secret, and the application often runs as another user.
        let mut options = tempfile::Builder::new();
        let file = options.permissions(Permissions::from_mode(0o644)).tempfile_in(folder(&target)).map_err(write)?;
        let mut file = BufWriter::with_capacity(1 << 18, file);
        file.write_all(&[0; HEADER_BYTES]).map_err(write)?;
        Ok(Self {
            kind,
            target,
            file,
            seen_at_least: 1,
            digest: Sha256::new(),
            before: None,
            entries: 0,
            progress: Progress::default(),
        })
    }

    /// Leaves out passwords with a lower count; the default is 1, and 0 counts as 1, because lines with count 0 are padding.
    #[must_use]
    pub fn seen_at_least(mut self, times: u64) -> Self {
        self.seen_at_least = times.max(1);
        self
    }

    /// Adds lines, whose hashes follow the ones added before. `range` is the common prefix of their hashes, or empty.
    ///
    /// # Errors
    /// For a line that is damaged or out of order; names it. The builder and its temporary file are gone then.
    pub fn add(
        mut self,
        name: &str,
        range: &str,
        mut from: impl BufRead,
        mut progress: impl FnMut(Progress),
    ) -> Result<Self, BuildError> {
        let mut buffer = Vec::new();
        for line in 1_u64.. {
            let at = |fault| BuildError::Line { file: name.to_owned(), line, fault };
            let read = lines::next(&mut from, &mut buffer)
                .map_err(|source| BuildError::Read { file: name.to_owned(), source })?
                .map_err(at)?;
            if read == 0 {
                break;
            }
            self.progress.bytes = self.progress.bytes.saturating_add(read as u64);
            self.progress.lines = self.progress.lines.saturating_add(1);
            if self.progress.lines.is_multiple_of(LINES_A_REPORT) {
                progress(self.progress);
            }
            let parsed = lines::parse(self.kind, range.as_bytes(), &buffer).map_err(at)?;
            match self.before {
                Some(before) if parsed.digest < before => return Err(at(LineFault::NotSorted)),
                Some(before) if parsed.digest == before => return Err(at(LineFault::Twice)),
                _ => self.before = Some(parsed.digest),
            }
            if parsed.count >= self.seen_at_least {
                self.write(parsed.digest).map_err(|source| BuildError::Write { source })?;
            }
        }
        Ok(self)
    }

    fn write(&mut self, digest: [u8; LONGEST]) -> io::Result<()> {
        let entry: [u8; ENTRY_BYTES] = first_eight(&digest).to_be_bytes();
        self.digest.update(entry);
        self.entries = self.entries.saturating_add(1);
        self.file.write_all(&entry)
    }

    /// Writes the list to disk under its name.
    ///
    /// # Errors
    /// When the list is empty, or cannot be written.
    pub fn finish(self) -> Result<Built, BuildError> {
        if self.entries == 0 {
            return Err(BuildError::Empty { seen_at_least: self.seen_at_least });
        }
        let header = Header { kind: self.kind, entries: self.entries, digest: self.digest.finalize().into() };
        let built = Built {
            lines: self.progress.lines,
            entries: self.entries,
            file_bytes: header.file_bytes().unwrap_or(u64::MAX),
        };
        let put = || -> io::Result<()> {
            let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.seek(SeekFrom::Start(0))?;
            file.write_all(&header.to_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&self.target)?;
            File::open(folder(&self.target))?.sync_all()
        };
        put().map_err(|source| BuildError::Write { source })?;
        Ok(built)
    }
}

fn folder(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}
