//! The webhook: what ordinary chat costs, signature checked, beside the bare HMAC of the same bytes.

use std::hint::black_box;

use benches::{App, ratio};
use bytes::Bytes;
use criterion::{Criterion, Throughput};
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use password_reset::Inbound;
use password_reset_whatsapp::{Meta, Webhook};
use sha2::Sha256;

const SECRET: &str = "only-the-bench-signs-with-this-1";

/// A post as Meta sends one for each message, with what a person of today's WhatsApp has.
fn post(text: &str) -> String {
    format!(
        r#"{{"object":"whatsapp_business_account","entry":[{{"id":"200000000000001","changes":[{{"field":"messages","value":{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":"6281100000000","phone_number_id":"300000000000001"}},"contacts":[{{"profile":{{"name":"Budi","username":"budi.contoh"}},"wa_id":"6281200000001","user_id":"ID.13491208650000000001","identity_key_hash":"DF2lS5v2W6x0="}}],"messages":[{{"from":"6281200000001","from_user_id":"ID.13491208650000000001","id":"wamid.HBgNNjI4MTIwMDAwMDAwMRUCABIYFDNB","timestamp":"1790000000","type":"text","text":{{"body":"{text}"}}}}]}}}}]}}]}}"#
    )
}

fn mac(body: &[u8]) -> impl AsRef<[u8]> {
    Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length").chain_update(body).finalize().into_bytes()
}

fn signed(body: &str) -> Request<Bytes> {
    let mac = base16ct::lower::encode_string(mac(body.as_bytes()).as_ref());
    let request = Request::post("/webhooks/whatsapp").header("X-Hub-Signature-256", format!("sha256={mac}"));
    request.body(Bytes::copy_from_slice(body.as_bytes())).expect("a request")
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let app = App::hearing(benches::pool(), Inbound::page_advances("+6281100000000").expect("a number"));
    let meta = Meta::new(SECRET, SECRET, "300000000000001", "200000000000001").expect("a provider");
    let webhook = Webhook::new(app.reset.clone(), meta).expect("a webhook");
    let chat = post("Selamat siang, apakah barangnya masih ada? Saya mau pesan dua, kirim ke Bandung ya.");
    let request = signed(&chat);
    let forged = {
        let mut request = request.clone();
        request.headers_mut().insert("X-Hub-Signature-256", "sha256=00".parse().expect("a header"));
        request
    };
    let bare = || drop(black_box(mac(black_box(chat.as_bytes()))));
    let handle = |request: &Request<Bytes>, expected: u16| {
        let response = runtime.block_on(webhook.handle(black_box(request).clone()));
        assert_eq!(response.status().as_u16(), expected);
    };

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("webhook");
    group.throughput(Throughput::Elements(1));
    group.bench_function("bare HMAC", |bencher| bencher.iter(bare));
    group.bench_function("ordinary chat", |bencher| bencher.iter(|| handle(&request, 200)));
    group.bench_function("forged", |bencher| bencher.iter(|| handle(&forged, 401)));
    group.finish();
    criterion.final_summary();

    ratio("ordinary chat / bare HMAC", bare, || handle(&request, 200));
}
