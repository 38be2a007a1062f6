//! A reset of the canary's password from end to end, and what is wrong with it.

mod app_links;
mod http;
mod inbox;
mod mail;
mod outside;
mod source;
mod webhook;

use chrono::{TimeDelta, Utc};
use password_reset::flow::{AuditEvent, AuditRow};
use password_reset::operations::HealthProblem;
use password_reset::ports::{Clock as _, SystemClock};
use password_reset::{Account, Identifier, Language, ResetId};
use password_reset_config::{Canary, Settings};

use crate::failure::{Failure, causes};
use crate::output::Output;
use crate::service::Service;

/// How far clocks may be apart: a `Date` has no fractions, and the answer takes a moment.
const MAX_CLOCK_DIFFERENCE: TimeDelta = TimeDelta::seconds(5);
/// How many rows of the trail are read to find those of one reset.
const ROWS: u32 = 500;

/// What is wrong, and the line to change.
#[derive(Debug)]
pub(crate) struct Finding {
    name: &'static str,
    what: String,
    change: String,
}

/// Goes through the steps and keeps what it finds.
struct Doctor<'a> {
    settings: &'a Settings,
    canary: &'a Canary,
    service: Service,
    client: http::Client,
    findings: Vec<Finding>,
}

/// Finds all that is wrong, in the order in which a reset meets it.
pub(crate) async fn run(settings: &Settings, output: &Output) -> Result<(), Failure> {
    let canary = settings.canary().ok_or_else(|| {
        Failure::unusable(
            "canary.email: it is missing: write email = \"canary@your.domain\" in [canary], for an account of its own",
        )
    })?;
    let (service, client) = (Service::open(settings).await?, http::Client::new()?);
    let mut doctor = Doctor { settings, canary, service, client, findings: Vec::new() };
    doctor.examine().await?;
    for finding in &doctor.findings {
        output.row(&[
            ("finding", Some(finding.name.to_owned())),
            ("what", Some(finding.what.clone())),
            ("change", Some(finding.change.clone())),
        ])?;
    }
    match doctor.findings.len() {
        0 => output.done("A reset works from end to end."),
        found => Err(Failure::wrong(format!("{found} found"))),
    }
}

impl Doctor<'_> {
    fn find(&mut self, name: &'static str, what: impl Into<String>, change: impl Into<String>) {
        self.findings.push(Finding { name, what: what.into(), change: change.into() });
    }

    async fn examine(&mut self) -> Result<(), Failure> {
        if let Err(error) = self.service.database.check().await {
            self.find(
                "database",
                causes(&error),
                "run `password-reset migrate` with a role that may create tables, or do what it says",
            );
            // Nothing else works without it.
            return Ok(());
        }
        self.look_inside().await?;
        let Some(account) = self.canary_account().await? else { return Ok(()) };
        if !self.look_at_the_public_address().await {
            return Ok(());
        }
        self.look_for_app_links().await;
        self.post_to_the_webhook().await;
        // A canary has no past worth keeping, and its message must not be capped.
        self.service.reset.admin().erase(account.id()).await.map_err(Failure::of)?;
        self.reset_the_password(&account).await
    }

    /// The start checks are done: keys, clocks, worker and mail server.
    async fn look_inside(&mut self) -> Result<(), Failure> {
        let missing = self.service.reset.operations().missing_keys().await.map_err(Failure::of)?;
        if !missing.is_empty() {
            let what = format!("live resets need keys that the ring lacks: {}", missing.join(", "));
            self.find("keys", what, "PASSWORD_RESET_KEYS or keys_file: put these keys back behind the first");
        }
        let health = self.service.reset.operations().health().await;
        if let Some(apart) = health.clock_ahead.and_then(apart) {
            self.find(
                "database_clock",
                format!("the database's clock is {apart} this machine's"),
                "set both clocks by NTP",
            );
        }
        if health.problems().contains(&HealthProblem::WorkerBehind) {
            let what = "tasks have been due for over a minute, and no worker takes them";
            self.find("worker", what, "start the program that runs `worker.run()` on this database and realm");
        }
        if let Some(mail) = self.settings.mail().map_err(Failure::unusable)?
            && let Err(error) = mail.check().await
        {
            self.find(
                "mail_server",
                causes(&error),
                "SMTP_URL, or the file of mail.url_file: its host, user and password",
            );
        }
        Ok(())
    }

    async fn canary_account(&mut self) -> Result<Option<Account>, Failure> {
        let address = Identifier::email(&self.canary.email)
            .map_err(|error| Failure::unusable(format!("canary.email: {error}")))?;
        let mut found = self.service.database.accounts().find(&address).await.map_err(Failure::of)?;
        if found.len() != 1 {
            let what = format!("{} accounts have the canary's address", found.len());
            self.find("canary", what, "canary.email: write the address of one account that is there for this alone");
            return Ok(None);
        }
        Ok(found.pop())
    }

    /// The request, its mail, the link of that, the new password.
    async fn reset_the_password(&mut self, account: &Account) -> Result<(), Failure> {
        let (before, began) = (inbox::names(self.canary, &self.client).await?, SystemClock.now());
        let Some(seen_from) = self.request().await else { return Ok(()) };
        let Some(mail) = inbox::wait(self.canary, &self.client, &before).await? else {
            return self.no_mail(account, began).await;
        };
        let Some(link) = self.read_mail(&mail) else { return Ok(()) };
        if let Some(reset) = link.reset {
            let row = self.requested(reset, began).await?;
            self.compare_source(row.as_ref(), seen_from);
        }
        let before = account.hash().map(|hash| hash.as_str().to_owned());
        if self.follow(&link).await {
            let now = self.service.database.accounts().load(account.id()).await.map_err(Failure::of)?;
            if now.and_then(|account| account.hash().map(|hash| hash.as_str().to_owned())) == before {
                let what = "the public address says that the password is set, and this database has the old one";
                self.find("password", what, "database.url: write the database that the application uses");
            }
        }
        Ok(())
    }

    /// The row that the application wrote for the request.
    async fn requested(&self, reset: ResetId, began: chrono::DateTime<Utc>) -> Result<Option<AuditRow>, Failure> {
        Ok(self
            .trail(began)
            .await?
            .into_iter()
            .find(|row| row.reset == Some(reset) && row.event == AuditEvent::Requested))
    }

    async fn trail(&self, began: chrono::DateTime<Utc>) -> Result<Vec<AuditRow>, Failure> {
        // The clock of the application may be behind.
        let since = began.checked_sub_signed(TimeDelta::minutes(5)).unwrap_or(began);
        let rows = self.service.reset.operations().audit(since, None, ROWS).await.map_err(Failure::of)?;
        Ok(rows.into_iter().map(|entry| entry.row).collect())
    }

    async fn no_mail(&mut self, account: &Account, began: chrono::DateTime<Utc>) -> Result<(), Failure> {
        let seconds = self.canary.wait.as_secs();
        let last = self.service.reset.admin().deliveries(account.id()).await.map_err(Failure::of)?.pop();
        let not_sent = self.service.reset.admin().not_sent(account.id()).await.map_err(Failure::of)?;
        let is_here = self.trail(began).await?.iter().any(|row| row.event == AuditEvent::Requested);
        let (why, change) = match (last, not_sent, is_here) {
            (Some(last), _, _) => {
                let code = last.why.clone().map(|why| format!(" ({why})")).unwrap_or_default();
                (
                    format!("{}{code}", last.words(&Language::english())),
                    "canary.mail_folder or canary.mailpit_url: write where this address receives, or correct mail.url",
                )
            }
            (None, Some(not_sent), _) => (
                not_sent.words(&Language::english()),
                "canary.email: write an account that is active and has this address confirmed",
            ),
            (None, None, true) => (
                "No worker has looked at the request.".to_owned(),
                "start the program that runs `worker.run()` on this database and realm",
            ),
            (None, None, false) => (
                "The request is not in this database.".to_owned(),
                "database.url and site.realm: write those of the application",
            ),
        };
        self.find("mail_missing", format!("no mail arrived within {seconds} seconds: {why}"), change);
        Ok(())
    }
}

/// How a clock that is `ahead` of another stands to it, when they are too far apart.
fn apart(ahead: TimeDelta) -> Option<String> {
    let way = if ahead < TimeDelta::zero() { "behind" } else { "ahead of" };
    (ahead.abs() > MAX_CLOCK_DIFFERENCE).then(|| format!("{} seconds {way}", ahead.abs().num_seconds()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_too_far_apart_are_ahead_or_behind() {
        assert_eq!(apart(TimeDelta::seconds(90)).unwrap(), "90 seconds ahead of");
        assert_eq!(apart(TimeDelta::seconds(-90)).unwrap(), "90 seconds behind");
        assert_eq!(apart(TimeDelta::seconds(5)), None);
        assert_eq!(apart(TimeDelta::seconds(-5)), None);
    }
}
