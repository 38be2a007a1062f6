//! Other programs that reset passwords, measured in the same minutes.
//!
//! A file names them, one a line: `engine | in flight | name | command`. The command goes to a shell, does what it does, and
//! prints how many resets a second it saw: the number before the first word that ends in `/s`. Lines that begin with `#`
//! say nothing.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// A program that is measured beside this project in one cell of the table.
#[derive(Clone, Debug)]
pub struct Peer {
    engine: String,
    in_flight: u32,
    pub name: String,
    command: String,
}

impl Peer {
    /// Reads a file.
    pub fn read(path: &str) -> Result<Vec<Self>> {
        let text = std::fs::read_to_string(path).with_context(|| path.to_owned())?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.map(|line| Self::parse(line).with_context(|| line.to_owned())).collect()
    }

    fn parse(line: &str) -> Result<Self> {
        let mut parts = line.splitn(4, '|').map(str::trim);
        let mut part = || parts.next().context("four parts are wanted: engine | in flight | name | command");
        let (engine, in_flight, name, command) = (part()?, part()?.parse()?, part()?, part()?);
        ensure!(["sqlite", "postgres"].contains(&engine), "the engine is sqlite or postgres");
        Ok(Self { engine: engine.to_owned(), in_flight, name: name.to_owned(), command: command.to_owned() })
    }

    pub fn is_in(&self, engine: &str, in_flight: u32) -> bool {
        self.engine == engine && self.in_flight == in_flight
    }

    /// Runs it, and returns its resets a second.
    pub fn run(&self) -> Result<f64> {
        let output = Command::new("sh").arg("-c").arg(&self.command).stderr(Stdio::inherit()).output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            bail!("{} failed: {said}", self.name);
        }
        rate(&said).with_context(|| format!("{} printed no number a second: {said}", self.name))
    }
}

fn rate(said: &str) -> Option<f64> {
    let words: Vec<&str> = said.split_whitespace().collect();
    let at = words.iter().position(|word| word.trim_end_matches([',', '.', ';']).ends_with("/s"))?;
    words.get(at.checked_sub(1)?)?.parse().ok()
}
