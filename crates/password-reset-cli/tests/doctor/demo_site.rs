//! The demo behind a proxy, which is in order, and what the doctor says once a fault is planted in it.

use demo::{Demo, Settings};
use password_reset::KeyRing;
use tokio::net::TcpListener;

use crate::mail_server::RESULTS;
use crate::proxy::{self, ProxyFault};
use crate::site::{KEYS, examine, mailpit};

/// What is planted.
struct Fault {
    proxies: &'static [&'static str],
    origin: &'static str,
    proxy: ProxyFault,
    /// Each mail on its way.
    mail: fn(String) -> String,
    /// The doctor's settings.
    settings: fn(String) -> String,
    secret: Option<&'static str>,
    drops: Option<&'static str>,
}

const NONE: Fault = Fault {
    proxies: &["127.0.0.2"],
    origin: "http://127.0.0.1",
    proxy: ProxyFault::None,
    mail: |mail| mail,
    settings: |text| text,
    secret: None,
    drops: None,
};

async fn doctor(fault: Fault) -> (Option<i32>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("demo.db");
    let public = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = public.local_addr().unwrap().port();
    let mut settings = Settings::new(format!("sqlite:{}", file.display()), KeyRing::parse(KEYS).unwrap());
    settings.origin = Some(format!("{}:{port}", fault.origin));
    settings.proxies = fault.proxies.iter().map(|&proxy| proxy.to_owned()).collect();
    let demo = Demo::start(settings).await.unwrap();
    let own = demo.address;
    let (mailbox, phone) = (demo.tools.mailbox.clone().unwrap(), demo.tools.phone.clone().unwrap());
    tokio::spawn(demo.serve());
    tokio::spawn(proxy::serve(public, own, fault.proxy));
    if let Some(index) = fault.drops {
        rusqlite::Connection::open(&file).unwrap().execute_batch(&format!("drop index {index}")).unwrap();
    }

    let smtp = format!("smtp://{}", mailbox.address());
    let catcher = mailpit(move || {
        let edited = |mail: &str| (fault.mail)(format!("{RESULTS}{mail}")).into_bytes();
        mailbox.all().iter().map(|mail| (mail.number.to_string(), edited(&mail.source()))).collect()
    });
    let meta = phone.account().clone();
    let text = format!(
        r#"
[site]
name = "Toko Contoh"
url = "http://127.0.0.1:{port}/reset"

[database]
url = "sqlite:{file}"

[accounts]
username_column = "username"
phone_column = "phone"
home_country = 62
locale_column = "language"
sessions_table = "sessions"
sessions_account_column = "user_id"
sessions_begun_column = "begun_at"

[mail]
from = "no-reply@toko.example"

[whatsapp]
number = "{number}"
phone_number_id = "{phone_id}"
business_account_id = "{business_id}"

[canary]
email = "ani@toko.example"
mailpit_url = "{catcher}"
wait = "5s"
authserv_id = "mx.toko.example"
"#,
        file = file.display(),
        number = meta.number,
        phone_id = meta.phone_number_id,
        business_id = meta.business_account_id,
        catcher = catcher.await,
    );
    let secret = fault.secret.map_or_else(|| meta.app_secret.clone(), str::to_owned);
    let variables = vec![
        ("PASSWORD_RESET_KEYS", KEYS.to_owned()),
        ("SMTP_URL", smtp),
        ("PASSWORD_RESET_WHATSAPP_APP_SECRET", secret),
        ("PASSWORD_RESET_WHATSAPP_VERIFY_TOKEN", meta.verify_token.clone()),
        ("PASSWORD_RESET_WHATSAPP_ACCESS_TOKEN", meta.access_token.clone()),
    ];
    examine(folder.path(), &(fault.settings)(text), variables).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_is_in_order() {
    assert_eq!(doctor(NONE).await, (Some(0), Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_in_the_demo_is_found_by_name() {
    let faults = [
        ("database", Fault { drops: Some("password_reset_audit_account"), ..NONE }),
        ("canary", Fault { settings: |text| text.replace("ani@", "nobody@"), ..NONE }),
        ("public_address", Fault { settings: |text| text.replace("/reset\"", "/resets\""), ..NONE }),
        ("public_clock", Fault { proxy: ProxyFault::ClockAhead, ..NONE }),
        ("forwarded_forged", Fault { proxies: &["127.0.0.0/8"], ..NONE }),
        ("forwarded_unknown", Fault { proxies: &[], ..NONE }),
        ("link_address", Fault { origin: "http://localhost", ..NONE }),
        ("link_page", Fault { proxy: ProxyFault::RedirectsLinks, ..NONE }),
        ("link_rewritten", Fault { mail: |mail| mail.replace('#', "?"), ..NONE }),
        ("dkim", Fault { mail: |mail| mail.replace("dkim=pass", "dkim=fail"), ..NONE }),
        ("stated_minutes", Fault { settings: |text| format!("{text}[lifetimes]\nlink = \"47m\"\n"), ..NONE }),
        ("webhook_forged", Fault { proxy: ProxyFault::TakesWebhooks, ..NONE }),
        ("webhook_refused", Fault { secret: Some("0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f50"), ..NONE }),
    ];
    for (name, fault) in faults {
        assert_eq!(doctor(fault).await, (Some(1), vec![name.to_owned()]));
    }
}
