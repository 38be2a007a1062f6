//! The doctor names each planted fault, and nothing where nothing is planted.
//!
//! Everything is there: an application that is built from the same settings, a proxy in front of it that adds `X-Forwarded-For`, and a
//! mail server that writes into a folder. The proxy reaches the application from another loopback address than the doctor has.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "test code"
)]

mod demo_site;
mod mail_server;
mod proxy;
mod site;

use crate::proxy::ProxyFault;
use crate::site::{Planted, doctor};

#[tokio::test(flavor = "multi_thread")]
async fn without_a_fault_nothing_is_found() {
    assert_eq!(doctor(Planted::default()).await, (Some(0), Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mail_is_fetched_from_mailpit_too() {
    assert_eq!(doctor(Planted { has_mailpit: true, ..Planted::default() }).await, (Some(0), Vec::new()));
}

/// Puts the addresses of the application's own pages into settings; they are on the same server here.
fn with_own_pages(text: &str) -> String {
    let base = text.split("url = \"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let own = format!(
        "start_page = \"{base}/\"\nlink_page = \"{base}/link#/new/{{secret}}/go\"\ncancel_page = \"{base}/cancel#c={{secret}}\"\n"
    );
    text.replace("[site]\n", &format!("[site]\n{own}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_is_followed_where_the_application_has_its_own_pages() {
    let own: fn(String) -> String = |text| with_own_pages(&text);
    let both = Planted { app: own, doctor: own, ..Planted::default() };
    assert_eq!(doctor(both).await, (Some(0), Vec::new()));
    finds("link_address", Planted { app: own, ..Planted::default() }).await;
    finds("link_address", Planted { doctor: own, ..Planted::default() }).await;
}

/// Puts applications on phones into settings.
fn with_apps(text: &str, apple: &str) -> String {
    let fingerprint = ["5a"; 32].join(":");
    let android = format!("android_package = \"example.toko.app\"\nandroid_fingerprints = [\"{fingerprint}\"]");
    text.replace("[pages]\n", &format!("[pages]\n{android}\napple_apps = [\"{apple}\"]\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_of_applications_on_phones_are_at_the_root() {
    let apps: fn(String) -> String = |text| with_apps(&text, "A1B2C3D4E5.example.toko.app");
    let others: fn(String) -> String = |text| with_apps(&text, "A1B2C3D4E5.example.other.app");
    assert_eq!(doctor(Planted { app: apps, doctor: apps, ..Planted::default() }).await, (Some(0), Vec::new()));
    finds("app_links", Planted { app: others, doctor: apps, ..Planted::default() }).await;
    let both = vec!["app_links".to_owned(), "app_links".to_owned()];
    assert_eq!(doctor(Planted { doctor: apps, ..Planted::default() }).await, (Some(1), both));
}

/// The number is at a gateway, in a mode that it can carry.
fn at(text: &str, gateway: &str) -> String {
    let of_meta = "phone_number_id = \"106540352242922\"\nbusiness_account_id = \"102290129340398\"\n";
    assert!(text.contains(of_meta), "{text}");
    text.replace(of_meta, &format!("mode = \"type_back\"\n{gateway}\n"))
}

const WAHA: &str = "gateway = \"waha\"\ngateway_url = \"https://waha.toko.example\"";
const DESCRIBED: &str = "gateway = \"described\"\ngateway_file = \"gateway.toml\"
gateway_url = \"https://gateway.toko.example\"\nassurance = \"shared_secret\"";
const FONNTE: &str = "gateway = \"fonnte\"\nassurance = \"shared_secret\"";

#[tokio::test(flavor = "multi_thread")]
async fn the_webhook_of_a_gateway_is_tried_as_the_gateway_would() {
    let waha: fn(String) -> String = |text| at(&text, WAHA);
    let fonnte: fn(String) -> String = |text| at(&text, FONNTE);
    let described: fn(String) -> String = |text| at(&text, DESCRIBED);
    for gateway in [waha, fonnte, described] {
        let both = || Planted { app: gateway, doctor: gateway, ..Planted::default() };
        assert_eq!(doctor(both()).await, (Some(0), Vec::new()));
        finds("webhook_refused", Planted { has_other_secret: true, ..both() }).await;
        finds("webhook_forged", Planted { proxy: ProxyFault::TakesWebhooks, ..both() }).await;
    }
}

async fn finds(name: &str, planted: Planted) {
    assert_eq!(doctor(planted).await, (Some(1), vec![name.to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_is_missing() {
    finds("database", Planted { drops: Some("password_reset_audit_account"), ..Planted::default() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_account_for_the_canary() {
    finds("canary", Planted { doctor: |text| text.replace("canary@", "nobody@"), ..Planted::default() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_is_not_there() {
    finds("mail_server", Planted { smtp: Some("smtp://127.0.0.1:1"), ..Planted::default() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_worker() {
    finds("mail_missing", Planted { has_worker: false, ..Planted::default() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_forwarded_address_that_is_believed() {
    let app = |text: String| text.replace("\"127.0.0.2\"", "\"127.0.0.0/8\"");
    finds("forwarded_forged", Planted { app, ..Planted::default() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_is_not_believed() {
    finds("forwarded_unknown", Planted { app: |text| text.replace("\"127.0.0.2\"", ""), ..Planted::default() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_another_address() {
    let app = |text: String| text.replace("url = \"http://127.0.0.1", "url = \"http://localhost");
    finds("link_address", Planted { app, ..Planted::default() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_states_another_lifetime() {
    finds("stated_minutes", Planted { app: |text| text.replace("\"30m\"", "\"45m\""), ..Planted::default() }).await;
}

fn in_language(text: &str, tag: &str) -> String {
    text.replace("[site]\n", &format!("[site]\nlanguages = [\"{tag}\"]\n"))
}

const MALAY: fn(String) -> String = |text| in_language(&text, "ms");
const ARABIC: fn(String) -> String = |text| in_language(&text, "ar");

/// In the words of its language, whichever the site has.
#[tokio::test(flavor = "multi_thread")]
async fn a_mail_in_another_language_states_its_lifetime() {
    for both in [MALAY, ARABIC] {
        assert_eq!(doctor(Planted { app: both, doctor: both, ..Planted::default() }).await, (Some(0), Vec::new()));
    }
    let app = |text| MALAY(text).replace("\"30m\"", "\"45m\"");
    finds("stated_minutes", Planted { app, doctor: MALAY, ..Planted::default() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_without_its_fragment() {
    finds("link_rewritten", Planted { mail: |mail| mail.replace('#', "?"), ..Planted::default() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_of_the_sender_that_fails() {
    finds("dkim", Planted { mail: |mail| mail.replace("dkim=pass", "dkim=fail"), ..Planted::default() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn results_of_another_server_do_not_count() {
    let mail = |mail: String| mail.replace("mx.toko.example; spf", "mx.elsewhere.example; spf");
    finds("authentication_results", Planted { mail, ..Planted::default() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_off() {
    finds("public_clock", Planted { proxy: ProxyFault::ClockAhead, ..Planted::default() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_sent_on() {
    finds("link_page", Planted { proxy: ProxyFault::RedirectsLinks, ..Planted::default() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_address_that_leads_nowhere() {
    finds("public_address", Planted { doctor: |text| text.replace("/reset\"", "/resets\""), ..Planted::default() })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_takes_forged_posts() {
    finds("webhook_forged", Planted { proxy: ProxyFault::TakesWebhooks, ..Planted::default() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_with_another_secret() {
    finds("webhook_refused", Planted { has_other_secret: true, ..Planted::default() }).await;
}
