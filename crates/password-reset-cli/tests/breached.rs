//! Building and checking lists of breached passwords.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::fs;
use std::process::{Command, Output};

use password_reset_breached::BreachedFile;

fn run(arguments: &[&str]) -> (Output, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_password-reset")).arg("breached").args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (said, complained) = (text(&output.stdout), text(&output.stderr));
    (output, said, complained)
}

#[test]
fn it_builds_and_verifies_a_list_and_reports_errors() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (from, list) = (path("download.txt"), path("list"));
    // SHA-1 of "password", and an adjacent hash.
    let good = "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:9659365\n5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD9:1\n";
    fs::write(&from, good).unwrap();
    let (output, said, _) = run(&["build", "--kind", "sha1", "--output", &list, &from]);
    assert!(output.status.success());
    assert_eq!(said, "Built: 2 passwords from 2 lines, 80 bytes\n");
    assert!(BreachedFile::open(&list).unwrap().contains("password").unwrap());
    let (output, said, _) = run(&["build", "-k", "sha1", "-o", &list, "--seen-at-least", "2", &from]);
    assert!(output.status.success() && said == "Built: 1 passwords from 2 lines, 72 bytes\n", "{said}");
    let (output, said, _) = run(&["verify", &list]);
    assert!(output.status.success() && said == "OK: 1 passwords, sha1 hashes\n", "{said}");

    fs::write(&from, good.replace("9659365", "many")).unwrap();
    let (output, said, complained) = run(&["build", "-k", "sha1", "-o", &list, &from]);
    assert!(!output.status.success() && said.is_empty());
    assert_eq!(complained, format!("password-reset: {from}, line 1: count is not a number\n"));
    let (output, _, complained) = run(&["build", "-k", "ntlm", "-o", &list, &path("gone")]);
    assert!(
        !output.status.success() && complained.contains("gone: ") && complained.contains("cannot read "),
        "{complained}"
    );
    let (output, _, complained) = run(&["verify", &from]);
    assert!(!output.status.success() && complained.contains("not a breached-password list"), "{complained}");

    let mut bytes = fs::read(&list).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&list, bytes).unwrap();
    let (output, _, complained) = run(&["verify", &list]);
    assert!(!output.status.success() && complained.contains("is damaged: build the list again"), "{complained}");
}

#[test]
fn it_refuses_an_incomplete_folder_unless_allowed_and_reports_progress() {
    let folder = tempfile::tempdir().unwrap();
    let ranges = folder.path().join("ranges");
    fs::create_dir(&ranges).unwrap();
    // Enough lines for one report.
    let lines: String = (0..(1 << 20) + 1).map(|number: u64| format!("{number:035X}:1\n")).collect();
    fs::write(ranges.join("00000.txt"), lines).unwrap();
    let (ranges, list) = (ranges.display().to_string(), folder.path().join("list").display().to_string());
    let (output, _, complained) = run(&["build", "-k", "sha1", "-o", &list, &ranges]);
    assert!(!output.status.success());
    assert!(complained.contains("range 00001 and 1048574 more are missing"), "{complained}");
    let (output, _, complained) = run(&["build", "-k", "sha1", "-o", &list, "--allow-missing-ranges", &ranges]);
    assert!(output.status.success());
    assert_eq!(complained, " 99 %, 1048576 lines\n");
}
