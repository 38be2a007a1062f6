//! The webhook's answers, and the requests that it accepts.

use axum::body::Bytes;
use http::{Method, Request};
use password_reset::inbound::Assurance;
use password_reset::{Inbound, Stage};
use password_reset_testkit::{Fault, Faults, Log};
use password_reset_whatsapp::{Authentication, Fact, Gateway, MAX_BODY_BYTES, Twilio, Webhook};
use serde_json::json;
use tokio::time::Instant;
use tracing::Level;

use crate::app::{ANI, APP_SECRET, App, SERVICE, get, meta, page, post, signature, signed, status, unsigned};

#[tokio::test]
async fn the_handshake_needs_the_token_and_no_signature() {
    let app = App::new(page());
    let right = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=verify-token-of-the-tests";
    let response = app.webhook.handle(get(right)).await;
    assert_eq!((status(&response), &response.body()[..]), (200, &b"1158201444"[..]));
    assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    for wrong in ["", "hub.mode=subscribe", &right.replace("tests", "testz"), &right.replace("1158201444", "%3Cb%3E")] {
        let response = app.webhook.handle(get(wrong)).await;
        assert_eq!((status(&response), response.body().len()), (403, 0), "{wrong}");
    }
}

#[tokio::test]
async fn other_methods_and_bodies_over_the_limit_are_refused() {
    let app = App::new(page());
    for method in [Method::PUT, Method::HEAD, Method::DELETE, Method::OPTIONS] {
        let mut request = signed(&post(json!({})));
        *request.method_mut() = method;
        let response = app.webhook.handle(request).await;
        assert_eq!((status(&response), response.headers()["allow"].to_str().unwrap()), (405, "GET, POST"));
    }
    let body = " ".repeat(MAX_BODY_BYTES + 1);
    assert_eq!(status(&app.webhook.handle(signed(&body)).await), 413);
}

#[tokio::test]
async fn an_unsigned_request_is_401_before_it_is_parsed() {
    let faults = Faults::none();
    let app = App::with(page(), &faults, |builder| builder);
    let asked = app.ask(ANI).await;
    let body = post(json!({"messages": [app.message(&asked, ANI)]}));
    let right = signature(APP_SECRET, body.as_bytes());
    let before = faults.calls().len();
    for wrong in [
        None,
        Some(""),
        Some("sha256="),
        Some(&right[..right.len() - 2]),
        Some(&right.replace("sha256=", "sha1=")),
        Some(&signature("only-the-tests-sign-with-this-09", body.as_bytes())),
        Some(&signature("", body.as_bytes())),
    ] {
        let response = app.webhook.handle(unsigned(body.as_bytes(), wrong)).await;
        assert_eq!((status(&response), response.body().len()), (401, 0), "{wrong:?}");
    }
    // The signature covers the bytes, not other JSON with the same meaning.
    let spaced = body.replace("\":", "\": ");
    assert_eq!(status(&app.webhook.handle(unsigned(spaced.as_bytes(), Some(&right))).await), 401);
    assert_eq!(faults.calls().len(), before, "no store call");
    assert_eq!(app.stage(&asked).await, Stage::Waiting);
    assert_eq!(status(&app.webhook.handle(signed(&body)).await), 200);
    assert_eq!(app.stage(&asked).await, Stage::Proved, "the correctly signed one does");
}

#[tokio::test]
async fn a_signed_request_without_effect_is_200_and_costs_no_statement() {
    let faults = Faults::none();
    let app = App::with(page(), &faults, |builder| builder);
    let deep = format!("{}{}", "[".repeat(MAX_BODY_BYTES / 2), "]".repeat(MAX_BODY_BYTES / 2));
    let text = |body: &str| {
        post(json!({"messages": [{"from": "6281200000001", "id": "wamid.B", "type": "text",
        "timestamp": app.now().timestamp().to_string(), "text": {"body": body}}]}))
    };
    let chat = json!({"from": "6281200000001", "type": "text", "timestamp": "1893456000", "text": {"body": "halo"}});
    for body in [
        "",
        "null",
        "{",
        "[]",
        "\"x\"",
        &deep,
        &"x".repeat(MAX_BODY_BYTES),
        &text("Selamat pagi, apakah stok masih ada?"),
        &text("kode promo saya apa?"),
        &text("kodeK7MX2Q kodeK7MX2R"),
        &text("kode٠١٢٣٤٥"),
        &text(&"kodeK7MX2Q ".repeat(10_000)),
        &text(&"🎉".repeat(100_000)),
        &post(json!({"messages": vec![chat; 1_000]})),
        &post(json!({"messages": 5, "statuses": {}, "contacts": "x"})),
        &post(json!({"statuses": [{"status": "delivered", "biz_opaque_callback_data": "order:5"}]})),
    ] {
        let start = Instant::now();
        let response = app.webhook.handle(signed(body)).await;
        assert_eq!((status(&response), response.body().len()), (200, 0));
        assert!(start.elapsed().as_secs() < 5, "it stalls");
    }
    let body = b"{\"object\":\"\xff\xfe\"}";
    assert_eq!(status(&app.webhook.handle(unsigned(body, Some(&signature(APP_SECRET, body)))).await), 200);
    assert_eq!(faults.calls(), Vec::<&str>::new());
}

#[tokio::test]
async fn the_client_address_is_checked_first() {
    let app = App::new(page());
    let webhook = || Webhook::new(app.reset.clone(), meta()).unwrap();
    for wrong in [&[][..], &[""], &["gateway.example"], &["203.0.113.0/24", "203.0.113.0/33"]] {
        assert_eq!(webhook().only_from(wrong).unwrap_err().field, "networks", "{wrong:?}");
    }
    let webhook = webhook().only_from(&["203.0.113.0/24", "198.51.100.7", "2001:db8::/32"]).unwrap();
    let asked = app.ask(ANI).await;
    let body = post(json!({"messages": [app.message(&asked, ANI)]}));
    let handshake = "hub.mode=subscribe&hub.challenge=7&hub.verify_token=verify-token-of-the-tests";
    let from = async |mut request: Request<Bytes>, address: Option<&str>| {
        if let Some(address) = address {
            request.extensions_mut().insert::<std::net::IpAddr>(address.parse().unwrap());
        }
        status(&webhook.handle(request).await)
    };
    for elsewhere in [None, Some("203.0.114.1"), Some("198.51.100.8"), Some("2001:db9::1"), Some("127.0.0.1")] {
        assert_eq!(from(signed(&body), elsewhere).await, 403, "{elsewhere:?}");
        assert_eq!(from(get(handshake), elsewhere).await, 403, "{elsewhere:?}");
    }
    assert_eq!(app.stage(&asked).await, Stage::Waiting);
    assert_eq!(
        from(unsigned(body.as_bytes(), None), Some("203.0.113.9")).await,
        401,
        "and the signature is checked as well"
    );
    assert_eq!(from(get(handshake), Some("2001:db8::1")).await, 200);
    assert_eq!(from(signed(&body), Some("::ffff:203.0.113.9")).await, 200);
    assert_eq!(app.stage(&asked).await, Stage::Proved);
}

#[tokio::test]
async fn a_request_is_refused_by_its_head_where_no_body_is_needed() {
    let app = App::new(Inbound::page_advances(SERVICE).unwrap().trusting(Assurance::None).with_unmarked_forwards());
    let secret = "only-the-tests-sign-with-this-01";
    let twilio = || Twilio::new(secret, "AC0000000000000000000000000000000a", "https://toko.example/webhook").unwrap();
    let by = |authentication| Gateway::new(authentication, "from", "text");
    let header = || by(Authentication::header("X-Secret", secret).unwrap());
    let query = || by(Authentication::query("secret", secret).unwrap());
    let body = || by(Authentication::body("secret", secret).unwrap());
    let of = |provider| Webhook::new(app.reset.clone(), provider).unwrap();
    let meta = Webhook::new(app.reset.clone(), meta()).unwrap();
    let twilio = Webhook::new(app.reset.clone(), twilio()).unwrap();
    let mac = signature(APP_SECRET, b"another body");
    let length = |bytes: usize| ("content-length", bytes.to_string());
    type Head = Vec<(&'static str, String)>;
    let table: Vec<(&Webhook, Head, Option<u16>)> = vec![
        (&meta, vec![], Some(401)),
        (&meta, vec![("x-hub-signature-256", mac[..20].to_owned())], Some(401)),
        (&meta, vec![("x-hub-signature-256", mac.clone())], None),
        (&meta, vec![("x-hub-signature-256", mac.clone()), length(MAX_BODY_BYTES)], None),
        (&meta, vec![("x-hub-signature-256", mac.clone()), length(MAX_BODY_BYTES + 1)], Some(413)),
        (&meta, vec![("x-hub-signature-256", mac), ("content-length", "-1".to_owned())], Some(413)),
        (&twilio, vec![], Some(401)),
        (&twilio, vec![("x-twilio-signature", "A".repeat(28))], None),
        (&twilio, vec![("x-twilio-signature", "A".repeat(28)), length(1024 * 1024)], Some(413)),
    ];
    for (webhook, headers, expected) in table {
        let request = headers.iter().fold(Request::post("/"), |request, (name, value)| request.header(*name, value));
        let (head, ()) = request.body(()).unwrap().into_parts();
        assert_eq!(webhook.refuse(&head).map(|refusal| status(&refusal)), expected, "{headers:?}");
    }
    for (webhook, uri, sent, expected) in [
        (of(header()), "/", "only-the-tests-sign-with-this-02", Some(401)),
        (of(header()), "/", secret, None),
        (of(query()), "/?secret=only-the-tests-sign-with-this-02", "", Some(401)),
        (of(query()), "/?secret=only-the-tests-sign-with-this-01", "", None),
        (of(body()), "/", "", None),
    ] {
        let (head, ()) = Request::post(uri).header("x-secret", sent).body(()).unwrap().into_parts();
        assert_eq!(webhook.refuse(&head).map(|refusal| status(&refusal)), expected, "{uri} {sent}");
    }
    let elsewhere = meta.only_from(&["203.0.113.0/24"]).unwrap();
    let (head, ()) = Request::post("/").body(()).unwrap().into_parts();
    assert_eq!(elsewhere.refuse(&head).map(|refusal| status(&refusal)), Some(403), "the address comes first");
}

/// The largest bodies of the other providers, signed or not.
#[tokio::test]
async fn the_largest_bodies_of_any_provider_are_handled_in_time() {
    let app = App::new(Inbound::page_advances(SERVICE).unwrap().trusting(Assurance::None).with_unmarked_forwards());
    let secret = "only-the-tests-sign-with-this-01";
    let twilio = Twilio::new(secret, "AC0000000000000000000000000000000a", "https://toko.example/webhook").unwrap();
    let webhooks = [
        Webhook::new(app.reset.clone(), twilio).unwrap(),
        Webhook::new(app.reset.clone(), Gateway::fonnte(secret).unwrap()).unwrap(),
        Webhook::new(app.reset.clone(), Gateway::waha(secret).unwrap()).unwrap(),
        Webhook::new(app.reset.clone(), Gateway::wablas(Authentication::none())).unwrap(),
    ];
    const LARGEST: usize = 256 * 1024;
    let bodies: [Vec<u8>; 10] = [
        vec![b'x'; LARGEST],
        vec![b'x'; LARGEST + 1],
        vec![b'x'; MAX_BODY_BYTES],
        vec![0xff; LARGEST],
        "a=b&".repeat(LARGEST / 4).into_bytes(),
        "%ff%00".repeat(LARGEST / 6).into_bytes(),
        "[".repeat(LARGEST).into_bytes(),
        "{\"a\":".repeat(LARGEST / 5).into_bytes(),
        format!("{{\"phone\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000)).into_bytes(),
        format!("{{\"secret\":\"{secret}\",\"message\":\"{}\"}}", "\\u0000".repeat(40_000)).into_bytes(),
    ];
    let start = Instant::now();
    for (at, webhook) in webhooks.iter().enumerate() {
        for body in &bodies {
            let request = Request::post("/").header("X-Twilio-Signature", "A".repeat(28));
            let request = request.header("X-Webhook-Hmac", "0".repeat(128));
            let response = webhook.handle(request.body(Bytes::from(body.clone())).unwrap()).await;
            let expected: &[u16] = if body.len() > LARGEST { &[413] } else { &[200, 401] };
            assert!(expected.contains(&status(&response)), "{at} {} {}", body.len(), status(&response));
        }
    }
    assert!(start.elapsed().as_secs() < 60, "it stalls");
    assert!(app.store.resets().unwrap().is_empty());
}

#[tokio::test]
async fn a_match_is_two_reads_and_one_write_and_a_stray_code_one_read() {
    let reply: &[&str] = &["store.take_permit"];
    for (inbound, reply) in [
        (page(), &[][..]),
        (Inbound::type_back(SERVICE).unwrap(), reply),
        (Inbound::continue_on_phone(SERVICE).unwrap(), reply),
    ] {
        let faults = Faults::none();
        let app = App::with(inbound, &faults, |builder| builder);
        let asked = app.ask(ANI).await;
        let message = app.message(&asked, ANI);
        let before = faults.calls().len();
        app.receive(&[app.message(&asked, "+6281200000002")]).await;
        assert_eq!(faults.calls()[before..], ["store.load_inbound"]);
        app.receive(std::slice::from_ref(&message)).await;
        // A reply takes a permit as well.
        let expected = [&["store.load_inbound", "store.sender"][..], reply, &["store.transition"]].concat();
        assert_eq!(faults.calls()[before + 1..], expected);
        let before = faults.calls().len();
        app.receive(&[message]).await;
        assert_eq!(faults.calls()[before..], ["store.load_inbound"], "the same message again");
    }
}

#[tokio::test]
async fn a_failing_store_is_503_and_the_retry_succeeds() {
    // Every call to receive a message, failing before and after it is carried out.
    let reply = || Inbound::type_back(SERVICE).unwrap();
    for (inbound, calls, stage) in [(page as fn() -> Inbound, 3, Stage::Proved), (reply, 4, Stage::MessageReceived)] {
        for call in 1..=calls {
            for fault in [Fault::FailBefore, Fault::FailAfter] {
                let counting = Faults::none();
                let app = App::with(inbound(), &counting, |builder| builder);
                drop(app.ask(ANI).await);
                let before = counting.calls().len();

                let faults = Faults::at(before + call, fault.clone());
                let app = App::with(inbound(), &faults, |builder| builder);
                let asked = app.ask(ANI).await;
                let body = post(json!({"messages": [app.message(&asked, ANI)]}));
                let answer = app.webhook.handle(signed(&body)).await;
                assert_eq!(
                    (status(&answer), answer.headers()["retry-after"].as_bytes()),
                    (503, &b"5"[..]),
                    "call {call}"
                );
                assert!(faults.struck());
                assert_eq!(status(&app.webhook.handle(signed(&body)).await), 200);
                assert_eq!(app.stage(&asked).await, stage, "call {call}");
                assert_eq!(app.audited(password_reset::flow::AuditEvent::Proved), 1, "at most one effect");
            }
        }
    }
}

#[test]
fn a_provider_below_the_required_assurance_is_refused() {
    let secret = "only-the-tests-sign-with-this-01";
    let shared = || Gateway::fonnte(secret).unwrap();
    let none = || Gateway::wablas(Authentication::none());
    let service = |inbound| App::new(inbound).reset;
    let error = Webhook::new(service(page()), shared()).unwrap_err();
    assert_eq!(error.field, "provider");
    assert!(Webhook::new(service(page()), none()).is_err());
    let trusting = |least| Inbound::page_advances(SERVICE).unwrap().trusting(least).with_unmarked_forwards();
    assert!(Webhook::new(service(trusting(Assurance::SharedSecret)), shared()).is_ok());
    assert!(Webhook::new(service(trusting(Assurance::SharedSecret)), none()).is_err());
    assert!(Webhook::new(service(trusting(Assurance::None)), none()).is_ok());
    assert!(Webhook::new(service(page()), meta()).is_ok());
}

#[tokio::test]
async fn no_part_of_a_message_is_logged() {
    let (log, guard) = Log::of_this_thread(Level::TRACE);
    let app = App::new(page());
    let asked = app.ask(ANI).await;
    let code = asked.challenge.as_ref().unwrap().code().to_owned();
    let message = app.message(&asked, ANI);
    for _ in 0..2 {
        app.receive(std::slice::from_ref(&message)).await;
    }
    app.receive(&[app.message(&asked, "+6281200000002")]).await;
    app.receive(&[
        json!({"from": "6281200000001", "type": "text", "timestamp": "1", "text": {"body": "rahasia sekali"}}),
    ])
    .await;
    app.receive(&[json!({"from": "6281200000001", "type": "button", "button": {"payload": "DID_NOT_REQUEST_CODE"}})])
        .await;
    let body = post(json!({"messages": [message]}));
    app.webhook.handle(unsigned(body.as_bytes(), Some("sha256=00"))).await;
    app.webhook.handle(get("hub.verify_token=rahasia-sekali&hub.challenge=7")).await;
    app.webhook.handle(Request::post("/x?secret=rahasia").body(Bytes::new()).unwrap()).await;
    drop(guard);
    let log = log.text();
    assert!(
        log.contains("message proved a reset")
            && log.contains("signature missing or wrong")
            && log.contains("reported a reset they did not request"),
        "{log}"
    );
    for secret in ["81200000001", "81200000002", &code[4..], "rahasia", APP_SECRET, "Toko Contoh"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

/// Where a message alone proves a reset, the mark of a forwarded one is needed; everything else that is missing is named.
#[test]
fn a_provider_that_cannot_say_what_the_mode_needs_is_refused_or_its_risk_is_named() {
    let secret = "only-the-tests-sign-with-this-01";
    let with = |inbound: Inbound, provider: Gateway| {
        let (log, _guard) = Log::of_this_thread(Level::INFO);
        let webhook = Webhook::new(App::new(inbound).reset, provider);
        (webhook.map(drop), log.text())
    };
    let fonnte = || Gateway::fonnte(secret).unwrap();
    let waha = || Gateway::waha(secret).unwrap();
    let custom = || Gateway::new(Authentication::query("secret", secret).unwrap(), "from", "text");
    let trusting = |inbound: Inbound| inbound.trusting(Assurance::SharedSecret);
    let page = || trusting(Inbound::page_advances(SERVICE).unwrap());
    for provider in [fonnte(), custom(), Gateway::qontak(Authentication::query("secret", secret).unwrap(), "c-1")] {
        let (outcome, _) = with(page(), provider);
        let error = outcome.unwrap_err();
        assert!(error.field == "provider" && error.to_string().contains("with_unmarked_forwards"), "{error}");
    }
    for inbound in [
        page().with_unmarked_forwards(),
        trusting(Inbound::type_back(SERVICE).unwrap()),
        trusting(Inbound::continue_on_phone(SERVICE).unwrap()),
    ] {
        let (outcome, log) = with(inbound.clone(), fonnte());
        outcome.unwrap();
        for fact in [Fact::Forwarded, Fact::OwnMessage, Fact::HiddenSender] {
            assert!(log.contains("WARN") && log.contains(fact.risk()), "{log}");
        }
        assert!(!log.contains(Fact::Group.risk()) && !log.contains(Fact::Time.risk()), "{log}");
        let (outcome, log) = with(inbound, waha());
        outcome.unwrap();
        assert!(Fact::ALL.iter().all(|fact| !log.contains(fact.risk())), "{log}");
    }
    assert!(with(page(), custom().forwarded_if("forwarded")).0.is_ok(), "a described mark is a mark");
}

/// Whatever strangers send, and however much of it, each kind of line comes once a minute at most.
#[tokio::test]
async fn a_flood_of_forged_requests_leaves_a_line_for_each_kind_and_no_more() {
    let (log, _guard) = Log::of_this_thread(Level::INFO);
    let app = App::new(page());
    let listed = Webhook::new(app.reset.clone(), meta()).unwrap().only_from(&["203.0.113.0/24"]).unwrap();
    let stray = json!({"from": "6281200000009", "type": "text", "timestamp": app.now().timestamp().to_string(),
                       "text": {"body": "kodeK7MX2Q"}});
    let report = json!({"from": "6281200000009", "type": "button", "timestamp": "1",
                        "button": {"payload": "DID_NOT_REQUEST_CODE"}});
    for _ in 0..1_000 {
        assert_eq!(status(&app.webhook.handle(unsigned(b"{}", None)).await), 401);
        assert_eq!(status(&app.webhook.handle(unsigned(b"{}", Some(&signature("another", b"{}")))).await), 401);
        assert_eq!(status(&app.webhook.handle(get("hub.verify_token=guess")).await), 403);
        assert_eq!(status(&listed.handle(signed("{}")).await), 403);
        app.receive(&[stray.clone(), report.clone()]).await;
    }
    assert!(log.text().lines().count() <= 4, "{}", log.text());
}
