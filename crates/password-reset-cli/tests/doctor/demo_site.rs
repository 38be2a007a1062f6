//! The demo behind a proxy, in which the doctor finds nothing.

use demo::{Demo, Settings};
use password_reset::KeyRing;
use tokio::net::TcpListener;

use crate::mail_server::RESULTS;
use crate::proxy::{self, ProxyFault};
use crate::site::{KEYS, examine, mailpit};

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_is_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("demo.db");
    let public = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = public.local_addr().unwrap().port();
    let mut settings = Settings::new(format!("sqlite:{}", file.display()), KeyRing::parse(KEYS).unwrap());
    settings.origin = Some(format!("http://127.0.0.1:{port}"));
    settings.proxies = vec!["127.0.0.2".to_owned()];
    let demo = Demo::start(settings).await.unwrap();
    let own = demo.address;
    let (mailbox, phone) = (demo.tools.mailbox.clone().unwrap(), demo.tools.phone.clone().unwrap());
    tokio::spawn(demo.serve());
    tokio::spawn(proxy::serve(public, own, ProxyFault::None));

    let smtp = format!("smtp://{}", mailbox.address());
    let catcher = mailpit(move || {
        let received = |mail: &str| format!("{RESULTS}{mail}").into_bytes();
        mailbox.all().iter().map(|mail| (mail.number.to_string(), received(&mail.source()))).collect()
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
    let variables = vec![
        ("PASSWORD_RESET_KEYS", KEYS.to_owned()),
        ("SMTP_URL", smtp),
        ("PASSWORD_RESET_WHATSAPP_APP_SECRET", meta.app_secret.clone()),
        ("PASSWORD_RESET_WHATSAPP_VERIFY_TOKEN", meta.verify_token.clone()),
        ("PASSWORD_RESET_WHATSAPP_ACCESS_TOKEN", meta.access_token.clone()),
    ];
    assert_eq!(examine(folder.path(), &text, variables).await, (Some(0), Vec::new()));
}
