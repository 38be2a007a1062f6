//! The checker: reads the databases with SQL of its own, the emails, and the answers to users.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::database::Database;
use crate::journal::{LATEST, lines, mac_of, mailbox, reset_of};

/// Bytes at the start of a secret that tell it from most others.
const BEGINNING: usize = 12;

/// All tables of the library.
const TABLES: [&str; 4] = ["resets", "audit", "quotas", "senders"];

/// A row of the table of resets.
#[derive(Clone, Debug)]
pub struct Row {
    pub id: String,
    pub state: String,
    pub account: String,
    tasks: String,
}

/// A change of a password, as the database recorded it.
struct Change {
    number: usize,
    was: String,
    became: String,
}

/// One attempt to set a password, and its answer.
struct Attempt {
    reset: String,
    hash: String,
    began: i64,
    /// When the answer said that the password is set.
    set: Option<i64>,
}

#[derive(Debug, Default)]
pub struct Counts {
    accepted: usize,
    finished: usize,
    closed: usize,
    suppressed: usize,
    attempts: usize,
    answered: usize,
    changes: usize,
    mails: usize,
    again: usize,
    secrets: usize,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "    {} requests were accepted, and none was lost:", self.accepted)?;
        let ends = (self.finished, self.closed, self.suppressed);
        writeln!(
            f,
            "    {} set a password, {} were closed by one that did, {} suppressed by the message quota",
            ends.0, ends.1, ends.2
        )?;
        writeln!(
            f,
            "    {} attempts to set one, {} answers that it is set, {} changes: none lost, none twice, none by an older one",
            self.attempts, self.answered, self.changes
        )?;
        writeln!(f, "    {} emails, {} of them sent twice, with the same secret", self.mails, self.again)?;
        writeln!(f, "    no task is pending, and none of {} secrets is stored", self.secrets)
    }
}

async fn rows(resets: &Database) -> Result<Vec<Row>> {
    let id = match resets {
        Database::Sqlite(_) => "lower(hex(id))",
        Database::Postgres(_) => "replace(id::text, '-', '')",
    };
    let text =
        format!("select {id}, state, account, cast(tasks as text) from password_reset_resets order by created_at");
    let rows = resets.texts(&text).await?.into_iter();
    rows.map(|row| {
        let [id, state, account, tasks] = row.try_into().ok().context("four columns")?;
        Ok(Row { id, state, account, tasks })
    })
    .collect()
}

/// Resets that were issued and are neither finished nor closed.
pub async fn open_resets(resets: &Database) -> Result<Vec<Row>> {
    let is_open = |row: &Row| ["code_issued", "message_received", "verified", "applying"].contains(&row.state.as_str());
    Ok(rows(resets).await?.into_iter().filter(is_open).collect())
}

/// Checks every guarantee; an error names the broken one.
pub async fn everything(folder: &Path, resets: &Database, users: &Database) -> Result<Counts> {
    let mut counts = Counts::default();
    let rows: HashMap<String, Row> = rows(resets).await?.into_iter().map(|row| (row.id.clone(), row)).collect();
    let journal = lines(folder, "journal")?;
    every_accepted_reset_has_ended(&rows, &journal, &mut counts)?;
    every_password_was_set_once_and_in_order(&rows, &journal, users, &mut counts).await?;
    let secrets = mails_are_the_same(folder, &mut counts)?;
    nothing_secret_is_stored(resets, &journal, secrets, &mut counts).await?;
    Ok(counts)
}

fn every_accepted_reset_has_ended(
    rows: &HashMap<String, Row>,
    journal: &[Vec<String>],
    counts: &mut Counts,
) -> Result<()> {
    for line in journal {
        let [what, requester_token, _] = line.as_slice() else { continue };
        if what != "asked" {
            continue;
        }
        counts.accepted += 1;
        let id = reset_of(requester_token)?;
        ensure!(rows.contains_key(&id), "the reset {id} was accepted and is missing");
    }
    for row in rows.values() {
        ensure!(row.tasks == "0", "the reset {} in the state {} still has the tasks {}", row.id, row.state, row.tasks);
        match row.state.as_str() {
            "password_set" => counts.finished += 1,
            "closed_other_reset_won" | "closed_account_changed" => counts.closed += 1,
            "requested" => counts.suppressed += 1,
            state => anyhow::bail!("the reset {} ended in the state {state}", row.id),
        }
    }
    ensure!(
        counts.suppressed * 5 < counts.accepted,
        "{} of {} were suppressed: the run shows nothing",
        counts.suppressed,
        counts.accepted
    );
    ensure!(counts.finished > 20, "only {} resets were finished: the run shows nothing", counts.finished);
    Ok(())
}

async fn every_password_was_set_once_and_in_order(
    rows: &HashMap<String, Row>,
    journal: &[Vec<String>],
    users: &Database,
    counts: &mut Counts,
) -> Result<()> {
    let attempts = attempts(journal)?;
    let text = "select cast(account as text), was, became from changes order by number";
    let mut changes: BTreeMap<String, Vec<Change>> = BTreeMap::new();
    for (number, row) in users.texts(text).await?.into_iter().enumerate() {
        let [account, was, became] = row.try_into().ok().context("three columns")?;
        changes.entry(account).or_default().push(Change { number, was, became });
    }
    let mut number_of = HashMap::new();
    for (account, changes) in &mut changes {
        // A repeated call writes the same value again.
        changes.retain(|change| change.was != change.became);
        let mut present = format!("old {account}");
        for change in changes.iter() {
            ensure!(change.was == present, "a password of account {account} was overwritten without a check");
            ensure!(attempts.contains_key(&change.became), "a password of account {account} came from no attempt");
            let first = number_of.insert(change.became.clone(), change.number).is_none();
            ensure!(first, "a password of account {account} was set twice");
            present.clone_from(&change.became);
        }
        let now = users.texts(&format!("select password_hash from users where id = {account}")).await?;
        ensure!(now == [[present]], "account {account} does not have the password that was set last");
        counts.changes += changes.len();
    }
    for row in rows.values().filter(|row| row.state.starts_with("closed")) {
        let by_another = changes.get(&row.account).is_some_and(|changes| !changes.is_empty());
        ensure!(by_another, "the reset {} was closed, and no other has set the password of its account", row.id);
    }
    let mut by_reset: HashMap<&str, usize> = HashMap::new();
    for tried in attempts.values() {
        counts.attempts += 1;
        if number_of.contains_key(&tried.hash) {
            *by_reset.entry(&tried.reset).or_default() += 1;
        }
        if tried.set.is_some() {
            counts.answered += 1;
            ensure!(number_of.contains_key(&tried.hash), "an answer said that a password is set, and it is lost");
        }
    }
    for row in rows.values().filter(|row| row.state == "password_set") {
        let set = by_reset.get(row.id.as_str()).copied().unwrap_or(0);
        ensure!(set == 1, "the reset {} is finished and set {set} passwords", row.id);
    }
    ensure!(by_reset.values().all(|set| *set == 1), "a reset set two passwords");
    in_order(&attempts, &number_of)
}

/// Of two attempts where one began after the answer to the other, the later one has the later change.
fn in_order(attempts: &HashMap<String, Attempt>, number_of: &HashMap<String, usize>) -> Result<()> {
    let mut done: Vec<(&Attempt, usize)> =
        attempts.values().filter_map(|tried| Some((tried, *number_of.get(&tried.hash)?))).collect();
    done.sort_by_key(|(_, number)| *number);
    // From the last change backwards: no attempt began after the answer to a later change.
    let mut earliest_answer = i64::MAX;
    for (tried, number) in done.iter().rev() {
        ensure!(tried.began <= earliest_answer, "change {number} was overwritten by an older one");
        earliest_answer = earliest_answer.min(tried.set.unwrap_or(i64::MAX));
    }
    Ok(())
}

fn attempts(journal: &[Vec<String>]) -> Result<HashMap<String, Attempt>> {
    let mut attempts = HashMap::new();
    for line in journal {
        if let [what, _, reset, hash, began, _] = line.as_slice()
            && what == "try"
        {
            let (began, set) = (began.parse()?, None);
            attempts.insert(hash.clone(), Attempt { reset: reset.clone(), hash: hash.clone(), began, set });
        }
    }
    for line in journal {
        if let [what, _, _, hash, at] = line.as_slice()
            && what == "set"
        {
            attempts.get_mut(hash).context("an answer without an attempt")?.set = Some(at.parse()?);
        }
    }
    Ok(attempts)
}

/// A message that was sent twice must be the same message. Returns the secrets in all messages.
fn mails_are_the_same(folder: &Path, counts: &mut Counts) -> Result<HashSet<String>> {
    let mut secret_of: HashMap<String, String> = HashMap::new();
    for line in lines(&mailbox(folder), LATEST)? {
        let [id, _, secret] = line.as_slice() else { continue };
        counts.mails += 1;
        if let Some(before) = secret_of.insert(id.clone(), secret.clone()) {
            counts.again += 1;
            ensure!(before == *secret, "a message was sent twice with two secrets");
        }
    }
    Ok(secret_of.into_values().filter(|secret| reset_of(secret).is_ok()).collect())
}

async fn nothing_secret_is_stored(
    resets: &Database,
    journal: &[Vec<String>],
    mut secrets: HashSet<String>,
    counts: &mut Counts,
) -> Result<()> {
    let mut texts = HashSet::new();
    for line in journal {
        match line.as_slice() {
            [what, requester_token, _] if what == "asked" => drop(secrets.insert(requester_token.clone())),
            [what, _, token] if what == "grant" => drop(secrets.insert(token.clone())),
            [what, _, _, hash, _, password] if what == "try" => {
                texts.insert(hash.clone());
                texts.insert(password.replace('_', " "));
            }
            _ => {}
        }
    }
    for secret in &secrets {
        texts.insert(mac_of(secret)?);
        texts.insert(secret.clone());
    }
    let mut stored = String::new();
    for table in TABLES {
        let text = match resets {
            Database::Postgres(_) => format!("select t::text from password_reset_{table} as t"),
            Database::Sqlite(pool) => {
                let columns = format!(
                    "select group_concat('quote(' || name || ')', ' || ') from pragma_table_info('password_reset_{table}')"
                );
                let columns: String = sqlx::query_scalar(sqlx::AssertSqlSafe(columns)).fetch_one(pool).await?;
                format!("select {columns} from password_reset_{table}")
            }
        };
        for row in resets.texts(&text).await? {
            stored.push_str(&row.concat().to_lowercase());
            stored.push('\n');
        }
    }
    ensure!(stored.contains("password_set"), "the tables were not read");
    // Looks each position of the tables up among the beginnings of secrets, because there are thousands of secrets.
    let mut by_beginning: HashMap<Vec<u8>, Vec<String>> = HashMap::new();
    for text in texts.iter().map(|text| text.to_lowercase()) {
        let beginning = text.as_bytes().get(..BEGINNING).context("a short secret")?.to_vec();
        by_beginning.entry(beginning).or_default().push(text);
    }
    for (at, window) in stored.as_bytes().windows(BEGINNING).enumerate() {
        if let Some(texts) = by_beginning.get(window) {
            let rest = stored.as_bytes().get(at..).unwrap_or_default();
            ensure!(!texts.iter().any(|text| rest.starts_with(text.as_bytes())), "a secret is stored");
        }
    }
    counts.secrets = texts.len();
    Ok(())
}
