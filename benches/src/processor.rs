//! Time of the processor, by what Linux keeps of every process.

use std::ops::Sub;

use anyhow::{Context, Result};

use crate::database::Database;

/// Linux counts in hundredths of a second for every program, whatever it does itself.
const TICK: f64 = 0.01;

/// Reads how much this process, and a server on this machine, have used.
pub struct Processor {
    server: Option<u32>,
}

/// Seconds of the processor.
#[derive(Clone, Copy, Debug)]
pub struct Used {
    pub client: f64,
    /// None where there is no server, or it is on another machine.
    pub server: Option<f64>,
}

impl Processor {
    /// Finds the server of a database, which is the parent of the process that serves a connection.
    pub async fn of(database: &Database) -> Result<Self> {
        let Database::Postgres { .. } = database else { return Ok(Self { server: None }) };
        let session = database.number("select pg_backend_pid()::bigint").await?;
        let stat = Stat::of(&session.to_string());
        Ok(Self { server: stat.filter(|stat| stat.name == "postgres").map(|stat| stat.parent) })
    }

    /// What was used since the processes began, children that have ended included.
    pub fn used(&self) -> Result<Used> {
        let client = Stat::of("self").context("/proc has no entry for this process")?;
        let server = self.server.map(|server| -> Result<f64> {
            let mut ticks = 0;
            for entry in std::fs::read_dir("/proc")? {
                let name = entry?.file_name();
                let Some(stat) = name.to_str().filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())) else {
                    continue;
                };
                match (stat.parse() == Ok(server), Stat::of(stat)) {
                    (true, Some(stat)) => ticks += stat.own + stat.children,
                    (false, Some(stat)) if stat.parent == server => ticks += stat.own,
                    _ => {}
                }
            }
            Ok(f64::from(ticks) * TICK)
        });
        Ok(Used { client: f64::from(client.own) * TICK, server: server.transpose()? })
    }
}

impl Sub for Used {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        let server = self.server.zip(before.server).map(|(now, before)| now - before);
        Self { client: self.client - before.client, server }
    }
}

/// The line of a process in `/proc` (proc_pid_stat(5)).
struct Stat {
    name: String,
    parent: u32,
    own: u32,
    children: u32,
}

impl Stat {
    fn of(process: &str) -> Option<Self> {
        let line = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // A name may have spaces and parentheses in it.
        let (name, rest) = line.split_once('(')?.1.rsplit_once(") ")?;
        let fields: Vec<&str> = rest.split(' ').collect();
        // The first of these is the third of the manual's.
        let field = |number: usize| fields.get(number - 3)?.parse::<u32>().ok();
        let sum = |one, other| Some(field(one)? + field(other)?);
        Some(Self { name: name.to_owned(), parent: field(4)?, own: sum(14, 15)?, children: sum(16, 17)? })
    }
}
