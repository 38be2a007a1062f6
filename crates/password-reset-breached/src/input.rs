//! Downloads: one file, or a folder of ranges.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use crate::build::{Built, ListBuilder, Progress};
use crate::error::BuildError;

/// The number of ranges: all numbers of five hexadecimal digits.
const RANGES: u32 = 0x10_0000;

/// A download on disk.
///
/// One file of `HASH:COUNT` lines, sorted by hash; or a folder with a file for each of the 1,048,576 ranges, named by the
/// first five hexadecimal digits of its hashes (`0A1B2` or `0A1B2.txt`), with the rest of each hash in its lines.
#[derive(Debug)]
pub struct Input(Kind);

#[derive(Debug)]
enum Kind {
    File { path: PathBuf, bytes: u64 },
    Ranges { files: BTreeMap<String, PathBuf>, bytes: u64 },
}

impl Input {
    /// Opens a file or a folder.
    ///
    /// # Errors
    /// When it cannot be read, or the folder contains a file that is not a range.
    pub fn find(path: &Path) -> Result<Self, BuildError> {
        let read = |at: &Path| {
            let file = at.display().to_string();
            move |source| BuildError::Read { file, source }
        };
        let found = fs::metadata(path).map_err(read(path))?;
        if !found.is_dir() {
            return Ok(Self(Kind::File { path: path.to_owned(), bytes: found.len() }));
        }
        let (mut files, mut bytes) = (BTreeMap::new(), 0_u64);
        for entry in fs::read_dir(path).map_err(read(path))? {
            let entry = entry.map_err(read(path))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let range = name.strip_suffix(".txt").unwrap_or(&name).to_ascii_uppercase();
            let is_range = range.len() == 5 && range.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !is_range || files.insert(range, entry.path()).is_some() {
                return Err(BuildError::NoRange { name });
            }
            bytes = bytes.saturating_add(entry.metadata().map_err(read(&entry.path()))?.len());
        }
        Ok(Self(Kind::Ranges { files, bytes }))
    }

    /// The size of the download, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match &self.0 {
            Kind::File { bytes, .. } | Kind::Ranges { bytes, .. } => *bytes,
        }
    }

    /// Checks that no range is missing: its passwords would pass as not breached.
    ///
    /// # Errors
    /// Names the first missing range.
    pub fn whole(&self) -> Result<(), BuildError> {
        let Kind::Ranges { files, .. } = &self.0 else { return Ok(()) };
        let mut missing = (0..RANGES).map(|range| format!("{range:05X}")).filter(|range| !files.contains_key(range));
        match missing.next() {
            Some(first) => Err(BuildError::MissingRanges { first, more: missing.count() }),
            None => Ok(()),
        }
    }

    /// Builds a list from the whole download.
    ///
    /// # Errors
    /// As [`ListBuilder::add`] and [`ListBuilder::finish`].
    pub fn build(&self, mut list: ListBuilder, mut progress: impl FnMut(Progress)) -> Result<Built, BuildError> {
        let mut add = |list: ListBuilder, range: &str, path: &Path| {
            let name = path.display().to_string();
            match File::open(path) {
                Ok(file) => list.add(&name, range, BufReader::with_capacity(1 << 20, file), &mut progress),
                Err(source) => Err(BuildError::Read { file: name, source }),
            }
        };
        match &self.0 {
            Kind::File { path, .. } => list = add(list, "", path)?,
            Kind::Ranges { files, .. } => {
                for (range, path) in files {
                    list = add(list, range, path)?;
                }
            }
        }
        list.finish()
    }
}
