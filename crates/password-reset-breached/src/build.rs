//! Building a list: one pass, little memory, and either all of it or none.

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

/// After so many lines it is said how far one is.
const LINES_A_REPORT: u64 = 1 << 20;

/// How far one is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Lines that were read.
    pub lines: u64,
    /// Bytes that were read.
    pub bytes: u64,
}

/// A list that was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Built {
    /// Lines that were read.
    pub lines: u64,
    /// Passwords that are in the list.
    pub entries: u64,
    /// How long the file is.
    pub file_bytes: u64,
}

/// Builds a list from sorted lines.
///
/// Writes a temporary file beside the list, and puts it in the list's place when all is well: whoever reads the list sees
/// the old one or the new one, whole. Whatever has the old one open keeps it. Takes one pass and some hundred kilobytes of
/// memory, however long the download is.
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
    /// When no file can be made in its folder.
    pub fn new(kind: HashKind, target: impl Into<PathBuf>) -> Result<Self, BuildError> {
        let target = target.into();
        let write = |source| BuildError::Write { source };
        // Nothing in it is secret, and the application often runs as somebody else.
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

    /// Leaves out passwords that were seen less often; 1 unless set, and 0 counts as 1: lines with that count only pad.
    #[must_use]
    pub fn seen_at_least(mut self, times: u64) -> Self {
        self.seen_at_least = times.max(1);
        self
    }

    /// Reads lines, which go on where the last ones ended. `range` is what their hashes begin with, or empty.
    ///
    /// # Errors
    /// Names the line that is damaged or out of order. The builder is gone then, and what it wrote: there is no half a list.
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

    /// Puts the list in its place, on disk.
    ///
    /// # Errors
    /// When it is empty, or cannot be written.
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
