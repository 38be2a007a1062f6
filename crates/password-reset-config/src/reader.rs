//! Reads one setting after another, from the environment or the file, and notes every fault.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::{Table, Value};

use crate::error::{Fault, SettingsError};
use crate::secret::Secret;

/// Where a value of the environment is asked for by the name of its variable.
type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

pub(crate) struct Reader<'a> {
    file: Table,
    environment: Environment<'a>,
    /// What relative paths are relative to.
    folder: PathBuf,
    known: BTreeSet<String>,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(
        name: &str,
        text: &str,
        folder: &Path,
        environment: Environment<'a>,
    ) -> Result<Self, SettingsError> {
        let file: Table = text.parse().map_err(|error: toml::de::Error| {
            // The line of a secret must not come back in the error, so it names the place alone.
            let before = text.get(..error.span().unwrap_or_default().start).unwrap_or_default();
            let line = before.matches('\n').count().saturating_add(1);
            SettingsError::one(name, format!("line {line} is not TOML: {}", error.message()))
        })?;
        Ok(Self { file, environment, folder: folder.to_owned(), known: BTreeSet::new(), faults: Vec::new() })
    }

    pub(crate) fn fault(&mut self, setting: &str, reason: impl std::fmt::Display) {
        self.faults.push(Fault { setting: setting.to_owned(), reason: reason.to_string() });
    }

    /// Settings that a file may have where nothing reads them.
    pub(crate) fn know(&mut self, settings: &[&str]) {
        self.known.extend(settings.iter().map(|setting| (*setting).to_owned()));
    }

    /// The value, or its fault.
    pub(crate) fn checked<T, E: std::fmt::Display>(&mut self, setting: &str, value: Result<T, E>) -> Option<T> {
        value.map_err(|error| self.fault(setting, error)).ok()
    }

    /// Refuses what the file has and no setting reads.
    pub(crate) fn finish(mut self) -> Result<(), SettingsError> {
        let mut unknown = Vec::new();
        for (section, value) in &self.file {
            match value {
                Value::Table(section_table) => {
                    unknown.extend(section_table.keys().map(|key| format!("{section}.{key}")));
                }
                _ => unknown.push(section.clone()),
            }
        }
        unknown.retain(|name| !self.known.contains(name));
        for name in unknown {
            let section = name.split_once('.').map_or("", |(section, _)| section);
            let is_beside = |known: &&String| known.split_once('.').map_or("", |(of, _)| of) == section;
            let beside: Vec<&str> = self.known.iter().filter(is_beside).map(String::as_str).collect();
            let reason = match beside.is_empty() {
                true => "there is no such section: remove it".to_owned(),
                false => format!("there is no such setting: use one of {}", beside.join(", ")),
            };
            self.fault(&name, reason);
        }
        if self.faults.is_empty() { Ok(()) } else { Err(SettingsError::new(self.faults)) }
    }

    /// The variable that overrides a setting.
    fn variable(setting: &str) -> String {
        match setting {
            "mail.url" => "SMTP_URL".to_owned(),
            "database.url" => "DATABASE_URL".to_owned(),
            _ => format!("PASSWORD_RESET_{}", setting.replace('.', "_").to_uppercase()),
        }
    }

    pub(crate) fn in_environment(&self, setting: &str) -> Option<String> {
        (self.environment)(&Self::variable(setting)).filter(|value| !value.trim().is_empty())
    }

    fn in_file(&mut self, setting: &str) -> Option<Value> {
        self.known.insert(setting.to_owned());
        match setting.split_once('.') {
            Some((section, key)) => self.file.get(section)?.as_table()?.get(key).cloned(),
            None => self.file.get(setting).cloned(),
        }
    }

    pub(crate) fn text(&mut self, setting: &str) -> Option<String> {
        let value = self.in_file(setting);
        if let Some(text) = self.in_environment(setting) {
            return Some(text);
        }
        match value? {
            Value::String(text) => Some(text),
            _ => {
                self.fault(setting, "write a text in quotes");
                None
            }
        }
    }

    pub(crate) fn required(&mut self, setting: &str, example: &str) -> Option<String> {
        let text = self.text(setting);
        if text.is_none() && !self.faults.iter().any(|fault| fault.setting == setting) {
            let variable = Self::variable(setting);
            let (section, key) = setting.split_once('.').unwrap_or(("", setting));
            let within = if section.is_empty() { String::new() } else { format!(" in [{section}]") };
            self.fault(setting, format!("it is missing: write {key} = \"{example}\"{within}, or set {variable}"));
        }
        text
    }

    pub(crate) fn number<T: TryFrom<i64>>(&mut self, setting: &str) -> Option<T> {
        let value = self.in_file(setting);
        let number = match (self.in_environment(setting), value) {
            (Some(text), _) => text.trim().parse().ok(),
            (None, Some(value)) => value.as_integer(),
            (None, None) => return None,
        };
        let number = number.and_then(|number| T::try_from(number).ok());
        if number.is_none() {
            self.fault(setting, "write a whole number, without quotes");
        }
        number
    }

    /// A list; in the environment its parts are separated by commas.
    pub(crate) fn list(&mut self, setting: &str) -> Option<Vec<String>> {
        let value = self.in_file(setting);
        if let Some(text) = self.in_environment(setting) {
            return Some(text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect());
        }
        let list = value?;
        let texts = list.as_array().map(|list| list.iter().map(|one| one.as_str().map(str::to_owned)));
        let texts = texts.and_then(Iterator::collect::<Option<Vec<String>>>);
        if texts.is_none() {
            self.fault(setting, "write a list of texts, as in [\"one\", \"two\"]");
        }
        texts
    }

    /// A time with its unit: `90s`, `30m`, `24h`, `3d`.
    pub(crate) fn duration(&mut self, setting: &str) -> Option<Duration> {
        let value = self.in_file(setting);
        let text = match (self.in_environment(setting), value) {
            (Some(text), _) => text,
            (None, Some(Value::String(text))) => text,
            (None, Some(_)) => String::new(),
            (None, None) => return None,
        };
        let span = span(text.trim());
        if span.is_none() {
            self.fault(setting, "write a time with its unit in quotes, as in \"90s\", \"30m\", \"24h\" or \"3d\"");
        }
        span
    }

    /// Whether the value would be that of the file.
    pub(crate) fn is_in_file(&mut self, setting: &str) -> bool {
        self.in_environment(setting).is_none() && self.in_file(setting).is_some()
    }

    /// A file, relative to that of the settings.
    pub(crate) fn path(&mut self, setting: &str) -> Option<PathBuf> {
        self.text(setting).map(|path| self.beside(&path))
    }

    /// A path relative to the file of the settings.
    pub(crate) fn beside(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// A secret: from its variable, or the file that `{setting}_file` names, and never from the settings themselves.
    pub(crate) fn secret(&mut self, setting: &str) -> Option<Secret> {
        let variable = Self::variable(setting);
        let of_file = format!("{setting}_file");
        let path = self.path(&of_file);
        if self.in_file(setting).is_some() {
            let key = of_file.rsplit('.').next().unwrap_or_default();
            self.fault(
                setting,
                format!("it is a secret and has no place here: set {variable}, or write {key} = \"/run/secrets/…\""),
            );
            return None;
        }
        // What is listed as known helps with an unknown name, so it is a name that can be written.
        self.known.remove(setting);
        if let Some(text) = self.in_environment(setting) {
            return Some(Secret::new(&text));
        }
        let path = path?;
        match std::fs::read_to_string(&path) {
            Ok(text) if !text.trim().is_empty() => Some(Secret::new(&text)),
            Ok(_) => {
                self.fault(&of_file, format!("{} is empty: write the secret into it", path.display()));
                None
            }
            Err(error) => {
                self.fault(&of_file, format!("{} cannot be read: {error}", path.display()));
                None
            }
        }
    }

    pub(crate) fn required_secret(&mut self, setting: &str) -> Option<Secret> {
        let before = self.faults.len();
        let secret = self.secret(setting);
        if secret.is_none() && self.faults.len() == before {
            let variable = Self::variable(setting);
            let key = setting.rsplit('.').next().unwrap_or_default();
            self.fault(
                setting,
                format!(
                    "it is missing: set {variable}, or write {key}_file = \"/run/secrets/…\" with a file that has it"
                ),
            );
        }
        secret
    }
}

fn span(text: &str) -> Option<Duration> {
    let unit_at = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit_at);
    let seconds: u64 = match unit.trim() {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(seconds).map(Duration::from_secs)
}
