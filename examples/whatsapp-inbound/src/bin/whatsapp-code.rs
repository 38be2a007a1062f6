//! A reset by a code that is *sent* to a WhatsApp number, with a real database file and real HTTP.
//!
//! `cargo run --bin whatsapp-code` needs no set-up: a stand-in for Meta on this machine accepts the messages, and sends signed
//! delivery reports.
//!
//! With real credentials it sends to your own phone and asks you for the code. Set these variables:
//!
//! | variable | value |
//! | --- | --- |
//! | `WHATSAPP_ACCESS_TOKEN` | of a system user that may send messages |
//! | `WHATSAPP_PHONE_NUMBER_ID` | from the app's dashboard |
//! | `WHATSAPP_MY_NUMBER` | your own: `+62812…` |
//! | `WHATSAPP_CODE_TEMPLATE` | the name of an authentication template with a copy-code button that states 10 minutes or less |
//! | `WHATSAPP_TEMPLATE_LANGUAGE` | the code of its language; `id` by default |

use anyhow::{Context, Result, ensure};
use password_reset::flow::AuditEvent;
use password_reset::ports::Clock;
use password_reset::secret::{Code, RequesterToken};
use password_reset::{AccountId, Inbound, Lifetimes, Locale, NewPassword, Proof, Requested, VerifyError};
use password_reset_whatsapp::{Countries, Meta, MetaApi, Template, WhatsAppNotifier};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};
use whatsapp_inbound::app::{App, OLD, SERVICE_NUMBER};
use whatsapp_inbound::stand_in::{Signed, StandIn};

const NEW: &str = "quiet umbrella festival 92";
const STATED_MINUTES: u8 = 10;

#[tokio::main]
async fn main() -> Result<()> {
    if std::env::var_os("WHATSAPP_ACCESS_TOKEN").is_some() {
        return to_a_real_phone().await;
    }
    let mut meta = StandIn::start().await?;
    let template = Template::meta("reset_code", Locale::ENGLISH, "en").and_meta("reset_code", Locale::INDONESIAN, "id");
    let notifier = WhatsAppNotifier::meta(meta.api()?, Countries::only(&["+62"])?)?.with_code_template(
        template,
        STATED_MINUTES,
        &Lifetimes::default(),
    )?;
    let app = start("+6281200000001", meta.provider()?, notifier).await?;
    let webhook = app.webhook;
    println!("The webhook is http://{webhook}/webhooks/whatsapp; Meta is a stand-in on this machine.");

    println!("\n1. Ani types her number into the form: 0812 0000 0001.");
    let asked = app.ask_for_code("0812 0000 0001").await?;
    let message = meta.taken().await?;
    let code = code_of(&message)?;
    ensure!(message["to"] == "+6281200000001", "it must go to the number on record");
    println!("   Meta takes the template \"reset_code\" in Indonesian, with the code {code}.");

    println!("2. Meta reports the delivery. An attacker posts a forged failure.");
    let status = |status: &str, errors: Value| {
        json!({"statuses": [{"id": "wamid.OUT", "status": status, "errors": errors,
            "biz_opaque_callback_data": message["biz_opaque_callback_data"]}]})
    };
    ensure!(
        meta.post(webhook, status("delivered", json!([])), Signed::Right).await? == 200,
        "a report must be accepted"
    );
    ensure!(
        meta.post(webhook, status("failed", json!([])), Signed::Forged).await? == 401,
        "a forged report must be refused"
    );
    let history = history(&app).await?;
    ensure!(history.iter().any(|(event, _)| *event == AuditEvent::Arrived), "an administrator must see it");
    ensure!(!history.iter().any(|(event, _)| *event == AuditEvent::SendFailed), "the forged one must not be there");
    println!(
        "   The report is in the administrator's history, the forgery was answered 401, and the page shows neither."
    );

    println!("3. The code is typed in another browser, and a wrong one in the requesting browser.");
    let elsewhere = app.ask_for_code("0812 0000 0009").await?;
    ensure!(verify(&app, &elsewhere, &code).await.is_err(), "a code must work only in the requesting browser");
    let wrong = if code == "00000000" { "00000001" } else { "00000000" };
    ensure!(verify(&app, &asked, wrong).await.is_err(), "a wrong code must be refused");
    println!("   Both are refused with the same answer.");

    println!("4. Ani types it on the waiting page, and sets a new password.");
    let grant = verify(&app, &asked, &code).await?;
    app.reset.set_password(grant, NewPassword::confirmed(NEW, NEW)).await?;
    ensure!(app.signs_in(NEW).await? && !app.signs_in(OLD).await?, "the new password must be in force");
    ensure!(verify(&app, &asked, &code).await.is_err(), "the used code must be refused");
    println!("   It signs in, the old one does not, and the code does not work a second time.");

    println!("5. An attacker types her number. Meta rate-limits it, and asks to wait a second.");
    meta.refuse_next(131_056);
    let mallorys = app.ask_for_code("+62 812 0000 0001").await?;
    let message = meta.taken().await?;
    println!("   The worker tried again five seconds later, and Meta accepted it.");
    println!("   Ani presses \"I did not request this\" below the message.");
    let pressed_at = app.clock.now().timestamp().to_string();
    let button = json!({"messages": [{"from": "6281200000001", "type": "button", "timestamp": pressed_at,
        "button": {"payload": "DID_NOT_REQUEST_CODE", "text": "Saya tidak memintanya"}}]});
    ensure!(meta.post(webhook, button, Signed::Right).await? == 200, "the button must be received");
    ensure!(verify(&app, &mallorys, &code_of(&message)?).await.is_err(), "the reset must be closed");
    println!("   Now even the right code is refused.");
    println!("\nDone: every step worked.");
    Ok(())
}

/// A real application also sends email. This example reaches phones alone and must accept that explicitly; it receives messages
/// by the same webhook, because an attacker can use up the codes that are sent, but not those.
async fn start(phone: &str, provider: Meta, notifier: WhatsAppNotifier) -> Result<App> {
    let inbound = Inbound::type_back(SERVICE_NUMBER)?;
    App::start(phone, provider, notifier, "127.0.0.1:0", |builder| builder.phone_only().inbound(inbound)).await
}

/// The history of the account as administrators see it, newest first.
async fn history(app: &App) -> Result<Vec<(AuditEvent, Option<String>)>> {
    let rows = app.reset.admin().history(&AccountId::new("1"), 100).await?;
    Ok(rows.into_iter().map(|row| (row.event, row.detail)).collect())
}

/// The code field of the waiting page.
async fn verify(app: &App, asked: &Requested, code: &str) -> Result<password_reset::Grant, VerifyError> {
    let refused = |_malformed| VerifyError::Refused;
    let requester_token = RequesterToken::parse(asked.requester_token.expose()).map_err(refused)?;
    app.reset.verify(Proof::Code { requester_token, code: Code::parse(code).map_err(refused)? }).await
}

/// The code in the template.
fn code_of(message: &Value) -> Result<String> {
    let components = &message["template"]["components"];
    let (shown, copied) = (&components[0]["parameters"][0]["text"], &components[1]["parameters"][0]["text"]);
    ensure!(message["template"]["name"] == "reset_code" && shown == copied, "the template is filled in wrongly");
    Ok(shown.as_str().context("the message has no code")?.to_owned())
}

async fn to_a_real_phone() -> Result<()> {
    let variable = |name: &str| std::env::var(name).with_context(|| format!("set {name}"));
    let mine = variable("WHATSAPP_MY_NUMBER")?;
    let api = MetaApi::new(&variable("WHATSAPP_PHONE_NUMBER_ID")?, &variable("WHATSAPP_ACCESS_TOKEN")?)?;
    let language = std::env::var("WHATSAPP_TEMPLATE_LANGUAGE").unwrap_or_else(|_unset| "id".to_owned());
    let template = Template::meta(&variable("WHATSAPP_CODE_TEMPLATE")?, Locale::INDONESIAN, &language);
    let notifier = WhatsAppNotifier::meta(api, Countries::any())?.with_code_template(
        template,
        STATED_MINUTES,
        &Lifetimes::default(),
    )?;
    // Meta cannot reach this machine to report, so the webhook's secrets are those of a stand-in.
    let app = start(&mine, StandIn::start().await?.provider()?, notifier).await?;
    let asked = app.ask_for_code(&mine).await?;
    println!("Type the code that arrives on {mine}, and press Enter:");
    let mut typed = String::new();
    BufReader::new(stdin()).read_line(&mut typed).await?;
    let grant = match verify(&app, &asked, typed.trim()).await {
        Ok(grant) => grant,
        Err(error) => {
            for (event, detail) in history(&app).await? {
                println!("{event:?} {}", detail.unwrap_or_default());
            }
            return Err(error).context("the code was refused: see the history above");
        }
    };
    app.reset.set_password(grant, NewPassword::confirmed(NEW, NEW)).await?;
    println!("The password of the example's account was set. Done: every step worked.");
    Ok(())
}
