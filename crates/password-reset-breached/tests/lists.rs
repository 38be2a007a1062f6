//! Lists, from the download to the look-up.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]
#![allow(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, reason = "test code")]

use std::fs;
use std::path::{Path, PathBuf};

use md4::Md4;
use password_reset_breached::{BreachedFile, BuildError, Built, HashKind, Input, LineFault, ListBuilder, OpenError};
use proptest::prelude::*;
use sha1::Sha1;
use sha2::Digest;
use tempfile::TempDir;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn hash(kind: HashKind, password: &str) -> String {
    match kind {
        HashKind::Ntlm => hex(&Md4::digest(password.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>())),
        _ => hex(&Sha1::digest(password)),
    }
}

/// A download of these passwords and counts.
fn download(kind: HashKind, passwords: &[(&str, u64)]) -> String {
    let mut lines: Vec<String> =
        passwords.iter().map(|(password, count)| format!("{}:{count}\n", hash(kind, password))).collect();
    lines.sort();
    lines.concat()
}

const LEAKED: [(&str, u64); 6] = [
    ("password", 9_659_365),
    ("rahasia", 12_000),
    ("gajah payung kopi", 3),
    ("kata sandi é", 2),
    ("", 1),
    ("padding", 0),
];

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(self.0.path()).unwrap().map(|it| it.unwrap().file_name().to_string_lossy().into()).collect();
        names.sort();
        names
    }
}

fn build(kind: HashKind, from: &Path, to: &Path, seen_at_least: u64) -> Result<Built, BuildError> {
    let list = ListBuilder::new(kind, to)?.seen_at_least(seen_at_least);
    Input::find(from)?.build(list, |_| {})
}

#[test]
fn only_passwords_of_the_download_are_found() {
    for &kind in HashKind::ALL {
        let folder = Folder::new();
        let from = folder.write("download.txt", download(kind, &LEAKED));
        let built = build(kind, &from, &folder.path("list"), 1).unwrap();
        assert_eq!((built.lines, built.entries, built.file_bytes), (6, 5, 64 + 5 * 8), "one line only pads");
        let list = BreachedFile::open(folder.path("list")).unwrap();
        assert_eq!((list.kind(), list.entries()), (kind, 5));
        list.verify().unwrap();
        for (password, count) in LEAKED {
            assert_eq!(list.contains(password).unwrap(), count > 0, "{password}");
        }
        for password in ["Password", "rahasia ", "gajah payung", "kata sandi e\u{301}", "\0"] {
            assert!(!list.contains(password).unwrap(), "{password}");
        }
    }
}

#[test]
fn rare_passwords_can_be_left_out() {
    let folder = Folder::new();
    let from = folder.write("download.txt", download(HashKind::Sha1, &LEAKED));
    for (least, entries) in [(0, 5), (1, 5), (2, 4), (3, 3), (4, 2), (9_659_365, 1)] {
        assert_eq!(build(HashKind::Sha1, &from, &folder.path("list"), least).unwrap().entries, entries, "{least}");
    }
    let nothing = build(HashKind::Sha1, &from, &folder.path("list"), 9_659_366).unwrap_err();
    assert!(matches!(nothing, BuildError::Empty { seen_at_least: 9_659_366 }));
}

#[test]
fn damaged_input_is_refused_and_the_line_is_named() {
    let good = download(HashKind::Sha1, &LEAKED);
    let lines: Vec<&str> = good.lines().collect();
    let with = |at: usize, line: &str| {
        let mut lines = lines.clone();
        lines[at] = line;
        lines.join("\n")
    };
    let short = lines[2].get(1..).unwrap();
    let cases = [
        (with(2, short), 3, LineFault::Length { digits: 39, wanted: 40 }),
        (with(4, "<html>504 Gateway Timeout</html>"), 5, LineFault::Form),
        (with(5, lines[5].split(':').next().unwrap()), 6, LineFault::Form),
        (with(1, &lines[1].replace(':', ":x")), 2, LineFault::Count),
        (with(1, ""), 2, LineFault::Form),
        (with(3, lines[0]), 4, LineFault::NotSorted),
        (with(3, lines[2]), 4, LineFault::Twice),
        (format!("\u{feff}{good}"), 1, LineFault::Length { digits: 43, wanted: 40 }),
        (format!("{good}\n"), 7, LineFault::Form),
        (format!("{good}{}", "A".repeat(5000)), 7, LineFault::TooLong),
        (download(HashKind::Ntlm, &LEAKED), 1, LineFault::Length { digits: 32, wanted: 40 }),
    ];
    for (text, wrong, why) in cases {
        let folder = Folder::new();
        let from = folder.write("download.txt", &text);
        folder.write("list", "the old list");
        let error = build(HashKind::Sha1, &from, &folder.path("list"), 1).unwrap_err();
        let BuildError::Line { line, fault, .. } = &error else { panic!("{error:?}") };
        assert_eq!((*line, *fault), (wrong, why), "{error}");
        assert!(error.to_string().contains(&format!("download.txt, line {wrong}: ")), "{error}");
        assert_eq!(fs::read(folder.path("list")).unwrap(), b"the old list");
        assert_eq!(folder.names(), ["download.txt", "list"], "nothing is left behind");
    }
}

#[test]
fn a_new_list_replaces_the_old_one_and_open_files_keep_it() {
    let folder = Folder::new();
    let (first, second) = ([("satu", 1)], [("dua", 1), ("tiga", 1)]);
    let from = folder.write("download.txt", download(HashKind::Sha1, &first));
    build(HashKind::Sha1, &from, &folder.path("list"), 1).unwrap();
    let old = BreachedFile::open(folder.path("list")).unwrap();
    let from = folder.write("download.txt", download(HashKind::Sha1, &second));

    let list = ListBuilder::new(HashKind::Sha1, folder.path("list")).unwrap();
    let list = list.add("download.txt", "", fs::read(&from).unwrap().as_slice(), |_| {}).unwrap();
    assert_eq!(BreachedFile::open(folder.path("list")).unwrap().entries(), 1, "before it is finished");
    list.finish().unwrap();
    let new = BreachedFile::open(folder.path("list")).unwrap();
    assert!(new.contains("tiga").unwrap() && !new.contains("satu").unwrap());
    assert!(old.contains("satu").unwrap() && !old.contains("tiga").unwrap());
    assert_eq!(folder.names(), ["download.txt", "list"]);

    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(folder.path("list")).unwrap().permissions().mode();
    assert_eq!(mode & 0o600, 0o600, "the owner can read and replace it");
    assert_eq!(mode & 0o022, 0, "only its owner can write it");
}

#[test]
fn a_folder_of_ranges_makes_the_same_list() {
    let folder = Folder::new();
    for (kind, ending) in [(HashKind::Sha1, ".txt"), (HashKind::Ntlm, "")] {
        let all = download(kind, &LEAKED);
        let ranges = format!("ranges-{}", kind.code());
        for line in all.lines() {
            let (range, rest) = line.split_at(5);
            // The service's answers end without a line break, and with padding.
            folder.write(&format!("{ranges}/{range}{ending}"), rest);
        }
        let missing = Input::find(&folder.path(&ranges)).unwrap().whole().unwrap_err();
        assert!(
            matches!(&missing, BuildError::MissingRanges { first, more } if first == "00000" && *more == (1 << 20) - 7),
            "{missing}"
        );
        let (one, many) = (folder.path("one"), folder.path("many"));
        let built = build(kind, &folder.path(&ranges), &many, 1).unwrap();
        assert_eq!(built, build(kind, &folder.write("all.txt", &all), &one, 1).unwrap());
        assert_eq!(fs::read(one).unwrap(), fs::read(many).unwrap());
    }
    folder.write("ranges-sha1/readme.md", "not a range");
    let error = Input::find(&folder.path("ranges-sha1")).unwrap_err();
    assert!(error.to_string().starts_with("readme.md is not a range"), "{error}");
}

#[test]
fn a_damaged_range_is_named() {
    let folder = Folder::new();
    folder.write("ranges/00000.txt", format!("{}:1\r\n{}:1", "0".repeat(35), "1".repeat(35)));
    folder.write("ranges/00001.txt", format!("{}:1\r\n{}:1", "5".repeat(35), "4".repeat(35)));
    let error = build(HashKind::Sha1, &folder.path("ranges"), &folder.path("list"), 1).unwrap_err();
    assert!(error.to_string().contains("00001.txt, line 2: hash is lower than the previous one"), "{error}");
    assert_eq!(folder.names(), ["ranges"]);
}

#[test]
fn other_files_are_not_opened() {
    let folder = Folder::new();
    let from = folder.write("download.txt", download(HashKind::Sha1, &LEAKED));
    build(HashKind::Sha1, &from, &folder.path("list"), 1).unwrap();
    let good = fs::read(folder.path("list")).unwrap();
    let open = |bytes: &[u8]| BreachedFile::open(folder.write("other", bytes)).unwrap_err();
    assert!(matches!(BreachedFile::open(folder.path("gone")).unwrap_err(), OpenError::Read(_)));
    assert!(matches!(open(b""), OpenError::NotAList));
    assert!(matches!(open(&good[..63]), OpenError::NotAList));
    assert!(matches!(open(download(HashKind::Sha1, &LEAKED).as_bytes()), OpenError::NotAList));
    for length in 64..good.len() {
        let error = open(&good[..length]);
        assert!(matches!(error, OpenError::Length { found, .. } if found == length as u64), "{length}: {error}");
    }
    assert!(matches!(open(&[good.as_slice(), b"\0"].concat()), OpenError::Length { .. }));
}

#[test]
fn a_file_that_is_truncated_while_open_is_an_error() {
    let folder = Folder::new();
    let from = folder.write("download.txt", download(HashKind::Sha1, &LEAKED));
    build(HashKind::Sha1, &from, &folder.path("list"), 1).unwrap();
    let list = BreachedFile::open(folder.path("list")).unwrap();
    fs::write(folder.path("list"), b"cut").unwrap();
    assert!(list.contains("password").is_err() && list.verify().is_err());
}

/// Several thousand passwords, so that a search reads more than one block.
fn large() -> (Folder, Vec<u8>) {
    let folder = Folder::new();
    let names: Vec<String> = (0..3000).map(|number| format!("sandi nomor {number}")).collect();
    let leaked: Vec<(&str, u64)> = names.iter().map(|name| (name.as_str(), 1)).collect();
    let from = folder.write("download.txt", download(HashKind::Sha1, &leaked));
    build(HashKind::Sha1, &from, &folder.path("list"), 1).unwrap();
    let bytes = fs::read(folder.path("list")).unwrap();
    (folder, bytes)
}

#[test]
fn opening_or_verifying_finds_every_changed_byte() {
    let (folder, good) = large();
    // The whole header, and some of the entries.
    for at in (0..64).chain((64..good.len()).step_by(97)) {
        let mut bytes = good.clone();
        bytes[at] ^= 1 << (at % 8);
        let opened = BreachedFile::open(folder.write("changed", &bytes));
        assert_eq!(opened.is_err(), at < 64, "byte {at}");
        let Ok(list) = opened else { continue };
        for number in (0..3000).step_by(171) {
            list.contains(&format!("sandi nomor {number}")).unwrap();
        }
        assert!(list.verify().is_err(), "byte {at}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_entries_do_not_panic(noise in prop::collection::vec(any::<u8>(), 8..9000), password in ".{0,30}") {
        let (folder, good) = large();
        let mut bytes = good;
        for (at, byte) in noise.into_iter().enumerate() {
            bytes[64 + at * 2] = byte;
        }
        let list = BreachedFile::open(folder.write("changed", &bytes)).unwrap();
        list.contains(&password).unwrap();
    }

    #[test]
    fn random_downloads_do_not_panic(text in "([0-9A-F]{38,41}:[0-9]{0,3}\r?\n?){0,5}.{0,20}") {
        let folder = Folder::new();
        let from = folder.write("download.txt", text);
        let _built = build(HashKind::Sha1, &from, &folder.path("list"), 1);
    }
}
