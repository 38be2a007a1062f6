//! That the files for Docker say what this program reads.

use std::path::Path;

use clap::{CommandFactory, Parser};
use demo::keys;
use password_reset_smtp::SmtpNotifier;

use super::Options;

fn file(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The lines of a service, without their indent.
fn service(name: &str) -> Vec<String> {
    let compose = file("compose.yml");
    let lines = compose.lines().skip_while(|line| *line != format!("  {name}:")).skip(1);
    let service: Vec<_> =
        lines.take_while(|line| line.starts_with("    ")).map(|line| line.trim().to_owned()).collect();
    assert!(!service.is_empty(), "{name}");
    service
}

/// What stands behind the only line of a service with this key.
fn value(service: &[String], key: &str) -> String {
    let mut values = service.iter().filter_map(|line| line.strip_prefix(&format!("{key}: ")));
    let value = values.next().unwrap_or_else(|| panic!("{key} in {service:?}")).to_owned();
    assert_eq!(values.next(), None, "{key}");
    value
}

fn options(command: &str) -> Options {
    Options::try_parse_from(command.split(' ')).unwrap_or_else(|error| panic!("{command}: {error}"))
}

#[test]
fn the_command_of_the_compose_file_is_one_of_this_program_behind_the_proxy() {
    let (proxy, demo) = (service("proxy"), service("demo"));
    let options = options(&value(&demo, "command"));
    assert_eq!(value(&demo, "network_mode"), "service:proxy", "this program listens on loopback alone");
    let proxied = value(&proxy, "command");
    let (from, to) = proxied.split_once("--from :").unwrap().1.split_once(" --to ").unwrap();
    assert_eq!(to, format!("127.0.0.1:{}", options.port));
    assert_eq!(options.proxies, ["127.0.0.1"], "the proxy connects from there");
    let published: Vec<String> = serde_json::from_str(&value(&proxy, "ports")).unwrap();
    let published: Vec<&str> = published.iter().map(|port| port.strip_prefix("127.0.0.1:").unwrap()).collect();
    let (outside, inside) = published[0].split_once(':').unwrap();
    assert_eq!((from, inside), (inside, from));
    assert_eq!(value(&demo, "DEMO_ORIGIN"), format!("http://localhost:{outside}"));
    // The README sends readers to the address of the program without Docker, which is the same.
    assert_eq!(Options::parse_from(["demo"]).port.to_string(), outside);
    assert!(file("../../README.md").contains(&format!("Open http://localhost:{outside}, ")));
    // Mailpit shows mails at 8025 and takes them at 1025, on the loopback that it shares.
    assert_eq!(published[1..], ["8025:8025"]);
    assert_eq!(value(&service("mail"), "network_mode"), "service:proxy");
    assert_eq!(value(&demo, "SMTP_URL"), "smtp://localhost:1025");
    SmtpNotifier::new(&value(&demo, "SMTP_URL"), &value(&demo, "MAIL_FROM")).unwrap();
    assert!(file("../../README.md").contains("http://localhost:8025"));
}

#[test]
fn every_variable_of_the_compose_file_is_read() {
    let demo = service("demo");
    let variables: Vec<&str> = demo
        .iter()
        .skip_while(|line| *line != "environment:")
        .skip(1)
        .map_while(|line| Some(line.split_once(": ")?.0))
        .take_while(|name| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'))
        .collect();
    assert_eq!(variables, ["DEMO_ORIGIN", "DEMO_DATABASE", "SMTP_URL", "MAIL_FROM"]);
    let command = Options::command();
    let read: Vec<&str> =
        command.get_arguments().filter_map(|argument| argument.get_env()?.to_str()).chain([keys::VARIABLE]).collect();
    for variable in variables {
        assert!(read.contains(&variable), "{variable} is none of {read:?}");
    }
}

#[test]
fn the_database_of_the_compose_file_is_the_one_that_it_makes() {
    let (demo, db) = (service("demo"), service("db"));
    let made = value(&db, "environment");
    let of = |name: &str| {
        let value = made.split(&format!("{name}: ")).nth(1).unwrap();
        value.split([',', ' ', '}']).next().unwrap().to_owned()
    };
    let (user, password, name) = (of("POSTGRES_USER"), of("POSTGRES_PASSWORD"), of("POSTGRES_DB"));
    assert_eq!(value(&demo, "DEMO_DATABASE"), format!("postgres://{user}:{password}@db/{name}"));
    let ready = value(&db, "test");
    assert!(ready.contains(&format!("--username {user}")) && ready.contains("--host 127.0.0.1"), "{ready}");
    assert!(demo.contains(&"db: { condition: service_healthy }".to_owned()));
}

#[test]
fn the_image_runs_this_program_with_a_folder_that_it_may_write() {
    let image = file("Dockerfile");
    let line = |instruction: &str| {
        let found = image.lines().filter_map(|line| line.strip_prefix(instruction)).next_back();
        found.unwrap_or_else(|| panic!("{instruction}")).trim().to_owned()
    };
    let command: Vec<String> = serde_json::from_str(&line("CMD ")).unwrap();
    assert_eq!(command[0], "demo");
    let options = options(&command.join(" "));
    let data = options.data.to_str().unwrap();
    assert_eq!((line("VOLUME ").as_str(), line("WORKDIR ").as_str()), (data, data));
    assert!(image.contains(&format!("install -d -o {} {data}", line("USER "))));
    // Its own database is a file below the working folder.
    assert!(options.database.starts_with("sqlite:") && !options.database.starts_with("sqlite:/"));
    let demo = service("demo");
    let mounted = value(&demo, "volumes");
    assert_eq!(mounted.trim_matches(['[', ']', '"']).split_once(':').unwrap().1, data);
    assert_eq!(self::options(&value(&demo, "command")).data, options.data);
    assert!(image.contains("cargo build --locked --release -p demo") && image.contains("/src/target/release/demo "));
}

#[test]
fn the_image_is_built_with_the_toolchain_of_the_repository() {
    let toolchain = file("../../rust-toolchain.toml");
    let channel = toolchain.lines().find_map(|line| line.strip_prefix("channel = \"")).unwrap().trim_end_matches('"');
    let (version, _) = channel.rsplit_once('.').unwrap();
    assert!(file("Dockerfile").contains(&format!("FROM rust:{version}-")), "{channel}");
    for ignored in file("Dockerfile.dockerignore").lines() {
        assert!([".git", "target"].contains(&ignored), "{ignored} may be needed");
    }
}
