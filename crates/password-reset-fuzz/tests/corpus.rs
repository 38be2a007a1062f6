//! Each target with the bytes of its corpus, and with each of them cut, doubled and altered.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "test code")]
#![allow(clippy::print_stdout, reason = "the name of the input is shown where it fails")]

use std::path::Path;

use password_reset_fuzz::TARGETS;

#[test]
fn every_target_holds_for_its_corpus() {
    for (name, check) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
        let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(files.len() > 2, "{name} has hardly any corpus");
        check(b"");
        for file in files {
            println!("{}", file.display());
            let bytes = std::fs::read(&file).unwrap();
            check(&bytes);
            check(&[&bytes[..], &bytes].concat());
            // At every place of a short input, and at a hundred places of a long one.
            for at in (0..bytes.len()).step_by(bytes.len() / 100 + 1) {
                check(&bytes[..at]);
                for other in [0, b'%', b'"', b'\n', 0xE2, 0xFF, bytes[at] ^ 1] {
                    let mut altered = bytes.clone();
                    altered[at] = other;
                    check(&altered);
                }
            }
        }
    }
}
