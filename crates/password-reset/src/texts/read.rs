//! Reads the file of a language.

use std::collections::BTreeMap;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey};
use fluent_syntax::parser::{self, ParserError};
use fluent_syntax::unicode::unescape_unicode_to_string;

use super::error::LanguageProblem;
use super::sentence::{Key, Piece};

/// The sentences of a file by their keys, and what cannot be read.
#[derive(Default)]
pub(super) struct Read {
    pub(super) sentences: BTreeMap<String, Vec<Piece>>,
    pub(super) problems: Vec<LanguageProblem>,
}

pub(super) fn read(text: &str) -> Read {
    let mut read = Read::default();
    let resource = match parser::parse_runtime(text) {
        Ok(resource) => resource,
        Err((resource, errors)) => {
            read.problems = errors.iter().map(|error| LanguageProblem::Syntax { line: line(text, error) }).collect();
            resource
        }
    };
    for entry in resource.body {
        let (key, what, value) = match entry {
            Entry::Message(message) if !message.attributes.is_empty() => (message.id.name, "an attribute", None),
            Entry::Message(message) => (message.id.name, "a message without a text", message.value),
            Entry::Term(term) => (term.id.name, "a term", None),
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) | Entry::Junk { .. } => continue,
        };
        let key = key.to_owned();
        match value.ok_or(what).and_then(|pattern| pieces(&pattern)) {
            Err(what) => read.problems.push(LanguageProblem::Unsupported { key, what }),
            Ok(_) if read.sentences.contains_key(&key) => read.problems.push(LanguageProblem::Twice { key }),
            Ok(pieces) => {
                read.sentences.insert(key, pieces);
            }
        }
    }
    read
}

fn line(text: &str, error: &ParserError) -> usize {
    let before = text.get(..error.pos.start).unwrap_or(text);
    before.matches('\n').count().saturating_add(1)
}

fn pieces(pattern: &Pattern<&str>) -> Result<Vec<Piece>, &'static str> {
    pattern.elements.iter().map(piece).collect()
}

fn piece(element: &PatternElement<&str>) -> Result<Piece, &'static str> {
    match element {
        PatternElement::TextElement { value } => Ok(Piece::Text((*value).to_owned())),
        PatternElement::Placeable { expression: Expression::Inline(inline) } => match inline {
            InlineExpression::StringLiteral { value } => {
                Ok(Piece::Text(unescape_unicode_to_string(value).into_owned()))
            }
            InlineExpression::NumberLiteral { value } => Ok(Piece::Text((*value).to_owned())),
            other => value(other).map(Piece::Value),
        },
        PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
            let (mut arms, mut otherwise) = (Vec::new(), Vec::new());
            for variant in variants {
                let pieces = pieces(&variant.value)?;
                if variant.default {
                    otherwise.clone_from(&pieces);
                }
                arms.push((key(&variant.key)?, pieces));
            }
            Ok(Piece::Choice { of: value(selector)?, arms, otherwise })
        }
    }
}

fn value(inline: &InlineExpression<&str>) -> Result<String, &'static str> {
    match inline {
        InlineExpression::VariableReference { id } => Ok(id.name.to_owned()),
        InlineExpression::FunctionReference { .. } => Err("a function"),
        InlineExpression::MessageReference { .. } => Err("a reference to another sentence"),
        InlineExpression::TermReference { .. } => Err("a term"),
        InlineExpression::Placeable { .. } => Err("a placeholder in a placeholder"),
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {
            Err("a choice by something other than a value")
        }
    }
}

fn key(key: &VariantKey<&str>) -> Result<Key, &'static str> {
    match key {
        VariantKey::NumberLiteral { value } => {
            value.parse().map(Key::Number).map_err(|_no_whole| "a choice by a fraction")
        }
        VariantKey::Identifier { name } => match *name {
            "zero" | "one" | "two" | "few" | "many" | "other" => Ok(Key::Category((*name).to_owned())),
            _ => Err("a choice by a word that is no plural category"),
        },
    }
}
