//! A gateway for WhatsApp that a file describes.

use std::path::Path;

use password_reset_config::{Settings, SettingsError};

use crate::{FILE, KEYS, read_in, users};

const SECRETS: [(&str, &str); 4] = [
    ("PASSWORD_RESET_KEYS", KEYS),
    ("SMTP_URL", "smtp://localhost:1025"),
    ("PASSWORD_RESET_WHATSAPP_GATEWAY_KEY", "c7e1a5093f8b4d62a7c8d9e0f1a2b3c4"),
    ("PASSWORD_RESET_WHATSAPP_WEBHOOK_SECRET", "5f3c9a1b7e2d4860a1c3e5f708192a3b"),
];

/// The description in the README.
fn described() -> String {
    let readme = include_str!("../../README.md");
    let section = readme.split("## Another gateway for WhatsApp").nth(1).unwrap();
    section.split("```toml").nth(1).unwrap().split("```").next().unwrap().to_owned()
}

fn read(folder: &Path, description: &str, more: &str) -> Result<Settings, SettingsError> {
    std::fs::write(folder.join("gateway.toml"), description).unwrap();
    let url = format!("sqlite:{}", folder.join("app.db").display());
    let text = format!(
        r#"{FILE}
[accounts]
home_country = 62
[whatsapp]
number = "+6281100000000"
gateway = "described"
gateway_file = "gateway.toml"
gateway_url = "https://gateway.example/v1"
{more}"#
    );
    read_in(folder, &text, &[&SECRETS[..], &[("DATABASE_URL", &url)]].concat())
}

/// Builds the service and its webhook; what is refused.
async fn built(settings: &Settings) -> Result<(), String> {
    let database = settings.connect().await.unwrap();
    database.migrate().await.unwrap();
    let builder = settings.builder(&database).map_err(|error| error.to_string())?;
    let (reset, _worker) = builder.build().map_err(|error| error.to_string())?;
    settings.whatsapp().unwrap().webhook(&reset).map(drop).map_err(|error| error.to_string())
}

#[tokio::test]
async fn the_description_in_the_readme_receives_and_sends_in_every_mode() {
    let folder = tempfile::tempdir().unwrap();
    users(folder.path());
    for mode in ["type_back", "continue_on_phone", "page_advances"] {
        let settings = read(folder.path(), &described(), &format!("mode = \"{mode}\"")).unwrap();
        built(&settings).await.unwrap();
        let shown = format!("{settings:?}");
        assert!(SECRETS.iter().filter(|(_, secret)| secret.len() > 30).all(|(_, secret)| !shown.contains(secret)));
    }
}

/// What a description leaves out, the gateway cannot say or do, and a mode that needs it is refused as in Rust.
#[tokio::test]
async fn a_mode_that_needs_what_is_not_described_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    users(folder.path());
    let without = |line: &str| {
        assert!(described().contains(line), "{line}");
        described().lines().filter(|one| !one.starts_with(line)).collect::<Vec<_>>().join("\n")
    };
    let plain = described().replace("kind = \"hmac\"", "kind = \"header\"");
    let plain = plain.replace("algorithm = ", "# ").replace("encoding = ", "# ").replace("prefix = ", "# ");
    for (description, mode, refused) in [
        (without("forwarded_if"), "page_advances", "whatsapp: provider: does not mark forwarded messages"),
        (plain.clone(), "type_back", "whatsapp: provider: does not sign its requests"),
    ] {
        let settings = read(folder.path(), &description, &format!("mode = \"{mode}\"")).unwrap();
        let error = built(&settings).await.unwrap_err();
        assert!(error.starts_with(refused), "{error}");
    }
    let shared = read(folder.path(), &plain, "mode = \"type_back\"\nassurance = \"shared_secret\"").unwrap();
    built(&shared).await.unwrap();
}

/// At once, by the setting, the file and the line or name, and without the text of the line.
#[test]
fn each_mistake_in_a_description_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let with = |from: &str, to: &str| {
        assert!(described().contains(from), "{from}");
        described().replacen(from, to, 1)
    };
    for (description, said) in [
        (with("official", "officious"), "unknown field `officious`"),
        (with("[text.body]", "[text.bodies]"), "unknown field `bodies`"),
        (with("sender = \"data.from\"", ""), "missing field `sender`"),
        (with("kind = \"hmac\"", "kind = \"trust\""), "unknown variant `trust`"),
        (with("\"seconds\"", "\"minutes\""), "unknown variant `minutes`"),
        (with("means = \"no_such_contact\"", "means = \"gone\""), "unknown variant `gone`"),
        (with("{ event = \"message\" }", "{ event = 7 }"), "a text, true or false"),
        (with("id = \"data.id\"", "id = hunter2"), "gateway.toml, line"),
        (with("{{key}}", "hunter2"), "headers: one needs {{key}}"),
        (with("{{digits}}", "62811"), "gateway text: needs {{to}} or {{digits}}"),
        (with("{{reference}}", "{{refer}}"), "gateway text: has an unknown placeholder"),
        (with("path = \"/messages\"", "path = \"messages\""), "gateway text: the path must begin with a slash"),
        (with("\"/error/code\"", "\"error.code\""), "gateway answer: write a JSON pointer"),
        (with("\"X-Signature\"", "\"X Signature\""), "gateway header: not a valid header name"),
        (with("status = [\"data.status\"]", "status = []"), "reports.status: name a path"),
    ] {
        let error = read(folder.path(), &description, "").unwrap_err().to_string();
        let is_named =
            error.starts_with("whatsapp.gateway_file: ") && error.contains(said) && error.lines().count() == 1;
        assert!(is_named && !error.contains("hunter2"), "{said}: {error}");
    }
    let words = ["delivered = [", "failed = [", "no_such_contact = ["];
    let lines = described();
    let silent =
        lines.lines().filter(|line| !words.iter().any(|word| line.starts_with(word))).collect::<Vec<_>>().join("\n");
    let error = read(folder.path(), &silent, "").unwrap_err().to_string();
    assert!(error.contains("reports: write the words that mean delivered"), "{error}");
}
