//! Looking a password up in an offline list, relative to the bare SHA-1 of the password; and building the list.
//!
//! The list has 20 million made-up entries; `BREACHED_ENTRIES` sets another number; the real download has
//! a billion. The file is in the system's temporary folder, with 8 bytes an entry.
#![allow(clippy::disallowed_methods, reason = "benches measure real time")]

use std::cell::Cell;
use std::hint::black_box;
use std::io::{BufReader, Read, Result};
use std::time::Instant;

use benches::ratio;
use criterion::{Criterion, Throughput};
use password_reset_breached::{BreachedFile, HashKind, ListBuilder};
use sha1::{Digest, Sha1};

/// A download of evenly spread hashes, made while it is read.
struct Download {
    entries: u64,
    next: u64,
    line: Vec<u8>,
    at: usize,
}

impl Read for Download {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            if self.at == self.line.len() {
                if self.next == self.entries {
                    break;
                }
                // One at a random place in each of equal parts.
                let part = u64::MAX / self.entries;
                let within = (self.next ^ 0x5bd1_e995).wrapping_mul(0x9e37_79b9_7f4a_7c15) % part;
                let hash = self.next * part + within;
                self.line.clear();
                for shift in (0..16).rev() {
                    self.line.push(b"0123456789ABCDEF"[(hash >> (shift * 4) & 15) as usize]);
                }
                self.line.extend(b"000000000000000000000000:1\r\n");
                (self.at, self.next) = (0, self.next + 1);
            }
            let many = (self.line.len() - self.at).min(buffer.len() - filled);
            buffer[filled..filled + many].copy_from_slice(&self.line[self.at..self.at + many]);
            (self.at, filled) = (self.at + many, filled + many);
        }
        Ok(filled)
    }
}

/// Times each call by itself: other load on the machine slows some of them, but not the median.
fn one_by_one(what: &str, run: impl Fn()) {
    let mut times: Vec<_> = (0..50_000)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    let [half, most, nearly_all] = [50, 90, 99].map(|percent| times[times.len() * percent / 100]);
    println!("{what}: half take {half:.1?} or less, 90 % {most:.1?}, 99 % {nearly_all:.1?}");
}

fn main() {
    let measures = benches::measures();
    let asked = std::env::var("BREACHED_ENTRIES").ok().map(|entries| entries.parse().expect("a number"));
    let entries = asked.unwrap_or(if measures { 20_000_000 } else { 10_000 });
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("list");
    let start = Instant::now();
    let download = Download { entries, next: 0, line: Vec::new(), at: 0 };
    let list = ListBuilder::new(HashKind::Sha1, &path).expect("a list");
    let list = list.add("made up", "", BufReader::with_capacity(1 << 20, download), |_| {}).expect("sorted");
    let built = list.finish().expect("written");
    if measures {
        let took = start.elapsed();
        println!("built: {} entries, {} bytes, {took:.1?}", built.entries, built.file_bytes);
    }
    let list = BreachedFile::open(&path).expect("a list");
    if measures {
        let start = Instant::now();
        list.verify().expect("undamaged");
        println!("verified: {:.1?}", start.elapsed());
    }

    // Another password each time, so that each look-up reads another place.
    let number = Cell::new(0_u64);
    let password = || {
        number.set(number.get() + 1);
        format!("gajah payung kopi senja {}", number.get())
    };
    let bare = || {
        black_box(Sha1::digest(black_box(password())));
    };
    let look_up = || assert!(!black_box(list.contains(&password()).expect("read")));

    if measures {
        one_by_one("as they come", look_up);
        // Fills the cache of the operating system with the file, if it is large enough.
        list.verify().expect("undamaged");
        one_by_one("after reading it all", look_up);
    }

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("breached");
    group.throughput(Throughput::Elements(1));
    group.bench_function("bare SHA-1", |bencher| bencher.iter(bare));
    group.bench_function("look-up", |bencher| bencher.iter(look_up));
    group.finish();
    criterion.final_summary();

    ratio("look-up / bare SHA-1", bare, look_up);
}
