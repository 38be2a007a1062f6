//! The languages of the site.

use std::path::Path;

use password_reset::texts::{Language, Languages};

use crate::reader::Reader;

const SETTING: &str = "site.languages";

/// Tags of languages that come with the crates, and Fluent files of others, named by their tag: `["id", "en", "texts/jv.ftl"]`.
pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Languages> {
    let Some(names) = reader.list(SETTING) else { return Some(Languages::default()) };
    let mut languages: Option<Languages> = None;
    for name in &names {
        let of = of(name, &reader.beside(name));
        let language = reader.checked(SETTING, of)?;
        languages = Some(match languages {
            Some(languages) => languages.with(language),
            None => Languages::new(language),
        });
    }
    if languages.is_none() {
        reader.fault(SETTING, "name one language at least, as in [\"en\", \"id\"]");
    }
    languages
}

fn of(name: &str, file: &Path) -> Result<Language, String> {
    match name {
        "en" => Ok(Language::english()),
        "id" => Ok(Language::indonesian()),
        "ms" => Ok(Language::malay()),
        "ar" => Ok(Language::arabic()),
        _ => match name.strip_suffix(".ftl") {
            Some(_) => of_file(file),
            None => Err(format!("{name:?} is neither en, id, ms or ar, nor a file like \"texts/jv.ftl\"")),
        },
    }
}

fn of_file(file: &Path) -> Result<Language, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    let tag = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    Language::from_ftl(tag, &text).map_err(|error| error.to_string())
}
