//! What a language must have. The English file is the list: there is no other.

use super::error::LanguageProblem;
use super::sentence::{SECRETS, Sentence, Sentences};

/// What a file may leave out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Nothing: it is a whole language.
    Whole,
    /// Whole sentences, and values that are no secrets: an application's own wording lies over a whole language.
    Overlay,
}

/// Everything in which sentences are not those of the list.
pub(super) fn problems(sentences: &Sentences, list: &Sentences, extent: Extent) -> Vec<LanguageProblem> {
    let mut problems = Vec::new();
    for (key, sentence) in sentences {
        match list.get(key) {
            None => problems.push(LanguageProblem::Unknown { key: key.clone() }),
            Some(original) => placeholders(key, sentence, original, extent, &mut problems),
        }
        if is_seen_by_others(key) {
            for secret in SECRETS.into_iter().filter(|secret| sentence.placeholders().contains(secret)) {
                problems.push(LanguageProblem::Secret { key: key.clone(), placeholder: secret.to_owned() });
            }
        }
    }
    if extent == Extent::Whole {
        let missing = list.keys().filter(|key| !sentences.contains_key(*key));
        problems.extend(missing.map(|key| LanguageProblem::Missing { key: key.clone() }));
    }
    let direction = sentences.get("language-direction").map(Sentence::to_string);
    if direction.is_some_and(|direction| !matches!(direction.as_str(), "ltr" | "rtl")) {
        problems.push(LanguageProblem::Direction);
    }
    problems
}

/// Locked screens and lists of mails show the subject and the first words.
pub(super) fn is_seen_by_others(key: &str) -> bool {
    key.ends_with("-subject") || key.ends_with("-preheader")
}

fn placeholders(key: &str, sentence: &Sentence, original: &Sentence, extent: Extent, to: &mut Vec<LanguageProblem>) {
    let (has, said) = (original.placeholders(), sentence.placeholders());
    for placeholder in said.difference(&has) {
        to.push(LanguageProblem::UnknownPlaceholder {
            key: key.to_owned(),
            placeholder: (*placeholder).to_owned(),
            has: has.iter().map(|name| (*name).to_owned()).collect(),
        });
    }
    let must_be_said = |placeholder: &&&str| match SECRETS.contains(*placeholder) {
        // Without it the message is of no use, whatever number is in it.
        true => !sentence.always_says(placeholder),
        false => extent == Extent::Whole && !said.contains(*placeholder),
    };
    for placeholder in has.iter().filter(must_be_said) {
        to.push(LanguageProblem::MissingPlaceholder { key: key.to_owned(), placeholder: (*placeholder).to_owned() });
    }
}
