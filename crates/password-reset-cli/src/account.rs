//! What operators do about one account.

use std::net::{IpAddr, Ipv4Addr};

use chrono::{DateTime, SecondsFormat, Utc};
use password_reset::Language;
use password_reset::admin::AdminRequest;
use password_reset::flow::AuditRow;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::output::Output;
use crate::service::Service;

/// Administrative requests have a source, and this command's is this machine.
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

pub(crate) async fn history(service: &Service, named: &str, limit: u32, output: &Output) -> Result<(), Failure> {
    let account = service.id(named).await?;
    for row in service.reset.admin().history(&account, limit).await.map_err(Failure::of)? {
        output.row(&[
            ("at", Some(time(row.at))),
            ("event", Some(row.event.code().to_owned())),
            ("channel", row.channel.map(|channel| channel.code().to_owned())),
            ("reset", row.reset.map(|reset| reset.to_string())),
            ("actor", row.actor.map(|actor| actor.as_str().to_owned())),
            ("detail", row.detail),
        ])?;
    }
    Ok(())
}

pub(crate) async fn deliveries(service: &Service, named: &str, output: &Output) -> Result<(), Failure> {
    let account = service.account(named).await?;
    if let Some(not_sent) = service.reset.admin().not_sent(account.id()).await.map_err(Failure::of)? {
        let words = not_sent.words(&Language::english());
        output.row(&[("at", Some(time(not_sent.at))), ("contact", None), ("said", Some(words)), ("why", None)])?;
    }
    for last in service.reset.admin().deliveries(account.id()).await.map_err(Failure::of)? {
        output.row(&[
            ("at", Some(time(last.at))),
            ("contact", Some(last.contact.value().to_owned())),
            ("said", Some(last.words(&Language::english()))),
            ("why", last.why),
        ])?;
    }
    Ok(())
}

pub(crate) async fn send_link(
    service: &Service,
    named: &str,
    actor: &str,
    reason: &str,
    output: &Output,
) -> Result<(), Failure> {
    let account = service.account(named).await?;
    let request = AdminRequest::new(actor, account.id().clone(), reason, HERE);
    service.reset.admin().request(request).await.map_err(Failure::of)?;
    output.done("A link is on its way: the application's worker sends it. `deliveries` says what became of it.")
}

pub(crate) async fn lock(service: &Service, named: &str, yes: bool, output: &Output) -> Result<(), Failure> {
    let account = service.account(named).await?;
    let id = account.id();
    if !service.database.can_disable() {
        return Err(Failure::unusable(
            "accounts.disabled_column: write the column that disables an account, or active_column, in [accounts]",
        ));
    }
    output.confirm(&format!("This disables the account {} and ends its sessions", id.as_str()), yes)?;
    if !service.database.disable(id).await.map_err(Failure::of)? {
        return Err(Failure::wrong("the account is not there any more: look it up in the user table"));
    }
    service.database.accounts().end_sessions(id, service.reset.now()).await.map_err(Failure::of)?;
    output.done("The account is disabled and its sessions ended. Links and codes that were sent are refused.")
}

pub(crate) async fn erase(service: &Service, named: &str, yes: bool, output: &Output) -> Result<(), Failure> {
    let account = service.id(named).await?;
    let what = format!("This deletes all resets, audit rows and counters of the account {}", account.as_str());
    output.confirm(&what, yes)?;
    service.reset.admin().erase(&account).await.map_err(Failure::of)?;
    output.done("Erased. The account itself is the application's to delete.")
}

pub(crate) async fn export(service: &Service, named: &str, output: &Output) -> Result<(), Failure> {
    let account = service.id(named).await?;
    let export = service.reset.admin().export(&account).await.map_err(Failure::of)?;
    let resets: Vec<Value> = export
        .resets
        .iter()
        .map(|reset| {
            json!({
                "id": reset.id.to_string(),
                "channel": reset.channel.code(),
                "state": reset.state.code(),
                "identifier": reset.identifier,
                "language": reset.locale.tag(),
                "account": reset.account.as_ref().map(|account| account.as_str()),
                "device": reset.device,
                "created_at": time(reset.created_at),
                "expires_at": time(reset.expires_at),
                "set_at": reset.set_at.map(time),
            })
        })
        .collect();
    output.document(&json!({
        "account": account.as_str(),
        "resets": resets,
        "audit": export.audit.iter().map(audit).collect::<Vec<_>>(),
        "senders_seen_at": export.senders.iter().map(|sender| time(sender.seen_at)).collect::<Vec<_>>(),
        "counters_full_at": export.counters.iter().map(|full_at| time(*full_at)).collect::<Vec<_>>(),
    }))
}

fn audit(row: &AuditRow) -> Value {
    json!({
        "at": time(row.at),
        "event": row.event.code(),
        "reset": row.reset.map(|reset| reset.to_string()),
        "channel": row.channel.map(|channel| channel.code()),
        "actor": row.actor.as_ref().map(|actor| actor.as_str()),
        "detail": row.detail,
    })
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
