//! Tokens: the cost of reading, making and checking secrets, relative to the bare HMAC that they are made of.

use std::hint::black_box;

use benches::{App, link, ratio, request};
use criterion::Criterion;
use hmac::{Hmac, KeyInit, Mac};
use password_reset::Proof;
use password_reset::secret::GrantToken;
use sha2::Sha256;

/// As many bytes as a link is made from: prefix, purpose, realm, id, nonce, account, channel, expiry, and lengths.
const LINK_BYTES: usize = 190;

fn bare_hmac() {
    let mut mac = Hmac::<Sha256>::new_from_slice(&[7; 32]).expect("any length");
    mac.update(black_box(&[1; LINK_BYTES]));
    black_box(mac.finalize());
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let app = App::new(benches::pool(), |builder| builder);
    let text = runtime.block_on(app.link());
    let grant =
        runtime.block_on(app.reset.verify(Proof::Link(link(&text)))).expect("opened").into_token().expose().to_owned();
    let requester_token = runtime.block_on(app.reset.request(request())).expect("asked").requester_token;

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("token");
    group.bench_function("bare HMAC", |bencher| bencher.iter(bare_hmac));
    group.bench_function("parse a link", |bencher| bencher.iter(|| link(black_box(&text))));
    group.bench_function("write a requester token", |bencher| bencher.iter(|| requester_token.expose()));
    let check = || {
        let proof = Proof::Grant(GrantToken::parse(black_box(&grant)).expect("well formed"));
        drop(black_box(runtime.block_on(app.reset.verify(proof)).expect("holds")));
    };
    group.bench_function("check a grant", |bencher| bencher.iter(check));
    group.bench_function("request a reset", |bencher| {
        bencher.iter(|| runtime.block_on(app.reset.request(request())).expect("asked"));
    });
    group.finish();
    criterion.final_summary();

    ratio("parse a link / bare HMAC", bare_hmac, || drop(link(black_box(&text))));
    ratio("check a grant / bare HMAC", bare_hmac, check);
}
