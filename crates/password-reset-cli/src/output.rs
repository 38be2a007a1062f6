//! Lines for people, and for scripts.

use std::io::{self, IsTerminal, Write};

use serde_json::{Map, Value};

use crate::failure::Failure;

/// Where a command writes: rows to standard output, everything else to standard error.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// One row: its values, or an object a line.
    pub(crate) fn row(&self, row: &[(&str, Option<String>)]) -> Result<(), Failure> {
        let line = if self.json {
            let object: Map<String, Value> =
                row.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.clone()))).collect();
            Value::Object(object).to_string()
        } else {
            row.iter().map(|(_, value)| value.as_deref().unwrap_or("-")).collect::<Vec<_>>().join("  ")
        };
        print(&line)
    }

    /// One result, in words.
    pub(crate) fn done(&self, text: &str) -> Result<(), Failure> {
        self.row(&[("done", Some(text.to_owned()))])
    }

    /// A document, as JSON.
    pub(crate) fn document(&self, document: &Value) -> Result<(), Failure> {
        print(&if self.json { document.to_string() } else { format!("{document:#}") })
    }

    /// A secret that was asked for, alone on its line.
    pub(crate) fn secret(&self, text: &str) -> Result<(), Failure> {
        print(text)
    }

    /// What goes on.
    pub(crate) fn progress(&self, text: &str) {
        complain(text);
    }

    /// What went wrong.
    pub(crate) fn complain(&self, text: &str) {
        complain(&if self.json {
            Value::Object(Map::from_iter([("error".to_owned(), Value::from(text))])).to_string()
        } else {
            format!("password-reset: {text}")
        });
    }

    /// Asks before something is destroyed, unless the arguments say yes.
    pub(crate) fn confirm(&self, what: &str, yes: bool) -> Result<(), Failure> {
        if yes {
            return Ok(());
        }
        if !io::stdin().is_terminal() {
            return Err(Failure::unusable(format!("{what}. Add --yes to do it without a question")));
        }
        complain(&format!("{what}. Write yes to do it:"));
        let mut answer = String::new();
        let read = io::stdin().read_line(&mut answer);
        match read.is_ok() && answer.trim() == "yes" {
            true => Ok(()),
            false => Err(Failure::unusable("nothing was done")),
        }
    }
}

fn print(line: &str) -> Result<(), Failure> {
    writeln!(io::stdout(), "{line}").map_err(Failure::of)
}

fn complain(line: &str) {
    let _unseen = writeln!(io::stderr(), "{line}");
}
