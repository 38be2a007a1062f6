//! The webhook: the cost of ordinary chat with its signature check, relative to the bare HMAC of the same bytes.
#![allow(clippy::disallowed_methods, reason = "benches measure real time")]

use std::hint::black_box;

use benches::whatsapp::{NUMBER, mac, provider, signature, text_message};
use benches::{App, ratio};
use bytes::Bytes;
use chrono::Utc;
use criterion::{Criterion, Throughput};
use http::Request;
use password_reset::Inbound;
use password_reset_whatsapp::Webhook;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let inbound = Inbound::page_advances(NUMBER).expect("a number");
    let app = App::new(benches::pool(), |builder| builder.inbound(inbound));
    let webhook = Webhook::new(app.reset.clone(), provider().expect("a provider")).expect("a webhook");
    let said = "Selamat siang, apakah barangnya masih ada? Saya mau pesan dua, kirim ke Bandung ya.";
    let chat = text_message("6281200000001", said, Utc::now());
    let request = Request::post("/").header("X-Hub-Signature-256", signature(chat.as_bytes()));
    let request = request.body(Bytes::from(chat.clone())).expect("a request");
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
