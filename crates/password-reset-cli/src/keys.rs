//! Keys: new ones, rotation in a file, and what live resets need.

use std::fs;
use std::io::Write;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use password_reset::ports::{RandomSource as _, SystemRandom};
use password_reset::{Key, KeyRing};
use password_reset_config::Settings;
use zeroize::Zeroizing;

use crate::arguments::{KeysCommand, Rotate};
use crate::failure::Failure;
use crate::output::Output;
use crate::service::Service;

/// The name of the key for counters begins so.
const COUNTERS: &str = "counters";

pub(crate) async fn run(
    command: KeysCommand,
    settings: impl Fn() -> Result<Settings, Failure>,
    output: &Output,
) -> Result<(), Failure> {
    match command {
        KeysCommand::New { name, only: true } => output.secret(&key(&name)?),
        KeysCommand::New { name, only: false } => {
            let ring = Zeroizing::new(format!("{},{}", *key(&name)?, *key(COUNTERS)?));
            KeyRing::parse(&ring).map_err(Failure::unusable)?;
            output.secret(&ring)
        }
        KeysCommand::Rotate(step) => rotate(step, &settings()?, output).await,
        KeysCommand::Check => check(&settings()?, output).await,
    }
}

/// `name:base64` of 32 random bytes.
fn key(name: &str) -> Result<Zeroizing<String>, Failure> {
    let mut bytes = Zeroizing::new([0; 32]);
    SystemRandom.fill(bytes.as_mut_slice()).map_err(Failure::of)?;
    Key::new(name, bytes.as_slice()).map_err(Failure::unusable)?;
    Ok(Zeroizing::new(format!("{name}:{}", STANDARD.encode(bytes.as_slice()))))
}

/// The parts of a ring, each with its name.
fn parts(ring: &str) -> Vec<(&str, &str)> {
    let parts = ring.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.filter_map(|part| Some((part.split_once(':')?.0.trim(), part))).collect()
}

async fn check(settings: &Settings, output: &Output) -> Result<(), Failure> {
    let service = Service::open(settings).await?;
    let missing = service.reset.operations().missing_keys().await.map_err(Failure::of)?;
    let ring = parts(settings.keys().expose());
    let issues = ring.iter().map(|(name, _)| *name).find(|name| !name.starts_with(COUNTERS));
    for (name, _) in ring {
        let role = match name.starts_with(COUNTERS) {
            true => "counts",
            false if issues == Some(name) => "issues",
            false => "verifies",
        };
        output.row(&[("key", Some(name.to_owned())), ("role", Some(role.to_owned()))])?;
    }
    match missing.is_empty() {
        true => Ok(()),
        false => {
            Err(Failure::wrong(format!("live resets need keys that the ring lacks: put back {}", missing.join(", "))))
        }
    }
}

async fn rotate(step: Rotate, settings: &Settings, output: &Output) -> Result<(), Failure> {
    let text = settings.keys();
    let mut ring = parts(text.expose());
    let find = |ring: &[(&str, &str)], wanted: &str| ring.iter().position(|(name, _)| *name == wanted);
    let no_key = |name: &str| Failure::unusable(format!("the ring has no key {name}: `keys check` lists its keys"));
    let new;
    let said = match (step.add, step.issue, step.retire) {
        (Some(name), None, None) => {
            new = key(&name)?;
            ring.push((&name, &new));
            write(settings, &ring)?;
            format!(
                "{name} is added and verifies. Restart all nodes with this file, and then: keys rotate --issue {name}"
            )
        }
        (None, Some(name), None) => {
            let at = find(&ring, &name).ok_or_else(|| no_key(&name))?;
            let chosen = ring.remove(at);
            ring.insert(0, chosen);
            // Before the file changes: the database may be away.
            let days = kept_for(settings, name.starts_with(COUNTERS)).await?;
            write(settings, &ring)?;
            format!("{name} comes first. Restart all nodes with this file, and retire the one before {days} days later")
        }
        (None, None, Some(name)) => {
            let at = find(&ring, &name).ok_or_else(|| no_key(&name))?;
            may_retire(settings, &ring, &name).await?;
            ring.remove(at);
            write(settings, &ring)?;
            format!("{name} is removed. Restart all nodes with this file")
        }
        _ => {
            let signing = ring.iter().filter(|(name, _)| !name.starts_with(COUNTERS)).count();
            match signing {
                0 | 1 => "one key issues. To rotate it: keys rotate --add NAME".to_owned(),
                _ => format!(
                    "several keys are in the ring, and the first issues. A newer one: keys rotate --issue NAME. An older one, \
                     {} days after the last node stopped issuing with it: keys rotate --retire NAME",
                    kept_for(settings, false).await?
                ),
            }
        }
    };
    output.done(&said)
}

/// For how many days a key is kept after it stopped issuing.
async fn kept_for(settings: &Settings, counts: bool) -> Result<u64, Failure> {
    let reset = Service::open(settings).await?.reset;
    let kept = if counts {
        reset.operations().counter_keys_are_needed_for()
    } else {
        reset.operations().keys_are_needed_for()
    };
    Ok(kept.as_secs().div_ceil(24 * 60 * 60))
}

async fn may_retire(settings: &Settings, ring: &[(&str, &str)], name: &str) -> Result<(), Failure> {
    let counts = name.starts_with(COUNTERS);
    let first = ring.iter().find(|(other, _)| other.starts_with(COUNTERS) == counts);
    if first.is_some_and(|(first, _)| *first == name) {
        return Err(Failure::unusable(format!(
            "{name} comes first: let another do its work with keys rotate --issue NAME"
        )));
    }
    let service = Service::open(settings).await?;
    let realm = password_reset::Realm::new(settings.site().realm());
    let realm = realm.ok_or_else(|| Failure::unusable("site.realm: write 1 to 255 characters"))?;
    let used = service.database.store().in_realm(&realm).keys_in_use(service.reset.now()).await.map_err(Failure::of)?;
    match used.iter().any(|used| used == name) {
        true => Err(Failure::wrong(format!("live resets still need {name}: wait until they have ended"))),
        false => Ok(()),
    }
}

/// Replaces the file of the keys, which only its owner can read.
fn write(settings: &Settings, ring: &[(&str, &str)]) -> Result<(), Failure> {
    let Some(file) = settings.keys_file() else {
        return Err(Failure::unusable(
            "keys_file: the keys come from PASSWORD_RESET_KEYS, which this command cannot change: write keys_file, or edit the \
             variable by hand with a key of `keys new --only`",
        ));
    };
    let text: Vec<&str> = ring.iter().map(|(_, part)| *part).collect();
    let text = Zeroizing::new(format!("{}\n", text.join(",")));
    KeyRing::parse(text.trim()).map_err(Failure::unusable)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |error: std::io::Error| Failure::wrong(format!("{} cannot be written: {error}", file.display()));
    let mut made = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    let permissions = fs::metadata(file).map_err(failed)?.permissions();
    made.write_all(text.as_bytes()).and_then(|()| made.as_file().set_permissions(permissions)).map_err(failed)?;
    made.as_file().sync_all().map_err(failed)?;
    made.persist(file).map_err(|error| failed(error.error))?;
    Ok(())
}
