//! Which messages prove a reset, and which do not.

use std::sync::Arc;

use axum::body::Bytes;
use http::Request;
use password_reset::flow::AuditEvent;
use password_reset::inbound::{Assurance, Sender};
use password_reset::secret::Code;
use password_reset::{Account, AccountStatus, Contact, Inbound, Locale, Proof, Requested, Stage};
use password_reset_whatsapp::{Gateway, Twilio, Webhook};
use serde_json::{Value, json};
use tokio::sync::Barrier;

use crate::app::{ANI, App, BUDI, SERVICE, changes, page, post, signed, status, with};

mod reports;

fn bare_code(asked: &Requested) -> String {
    asked.challenge.as_ref().unwrap().code().to_owned()
}

#[tokio::test]
async fn a_message_moves_the_page_on_and_no_reply_comes() {
    let app = App::new(page());
    let asked = app.ask(ANI).await;
    app.receive(&[app.message(&asked, ANI)]).await;
    assert_eq!(app.stage(&asked).await, Stage::Proved);
    app.worker.run_once().await.unwrap();
    assert!(app.phone.delivered().is_empty());
    assert_eq!(app.mail.last().unwrap().kind(), "reset_proved", "the other contacts are notified");
    drop(app.reset.verify(Proof::Claim(asked.requester_token)).await.unwrap());
}

#[tokio::test]
async fn edits_of_the_drafted_text_are_accepted() {
    for text in [
        "{}",
        " {}\n",
        "\u{200b}{}\u{2060}",
        "\u{202a}{}\u{202c}",
        "KODE: {}",
        "kode {}",
        "ｋｏｄｅ{}",
        "{} ",
        "🎉{}",
        "{}🎉",
        "*{}*.",
        "\u{ab}{}\u{bb}",
    ] {
        let app = App::new(page());
        let asked = app.ask(ANI).await;
        let code = bare_code(&asked);
        let code = if text.contains("od") || text.contains("ODE") || text.contains('ｋ') { &code[4..] } else { &code };
        let text = text.replace("{}", &code.to_lowercase());
        app.receive(&[with(app.message(&asked, ANI), |message| message["text"]["body"] = text.clone().into())]).await;
        assert_eq!(app.stage(&asked).await, Stage::Proved, "{text:?}");
    }
}

#[tokio::test]
async fn a_text_that_is_not_exactly_a_code_is_chat() {
    let app = App::new(page());
    let asked = app.ask(ANI).await;
    let code = bare_code(&asked);
    for text in [
        format!("{code} {code}"),
        format!("{code}{}", &code[4..]),
        format!("{code}🎉{}", &code[4..]),
        format!("my {code} please"),
        code[4..].to_owned(),
        format!("{}{code}", "x".repeat(2_000)),
    ] {
        app.receive(&[with(app.message(&asked, ANI), |message| message["text"]["body"] = text.clone().into())]).await;
        assert_eq!(app.stage(&asked).await, Stage::Waiting, "{text:?}");
    }
}

#[tokio::test]
async fn numbers_are_compared_as_whole_numbers_in_any_form() {
    for (typed, on_record, from) in [
        ("0812 0000 0001", ANI, "6281200000001"),
        ("81200000001", ANI, "+6281200000001"),
        ("+62 (0) 812-0000-0001", ANI, "6281200000001"),
        ("+52 55 1234 5678", "+525512345678", "5215512345678"),
        ("+52 1 55 1234 5678", "+525512345678", "525512345678"),
        ("+54 9 11 2345 6789", "+5491123456789", "541123456789"),
        ("+54 11 2345 6789", "+5491123456789", "5491123456789"),
        ("+55 31 98765 4321", "+5531987654321", "553187654321"),
        ("+55 31 8765 4321", "+5531987654321", "5531987654321"),
    ] {
        let app = App::new(page());
        app.accounts.add(Account::new("7", AccountStatus::Active).with_contact(Contact::phone(on_record)));
        let asked = app.ask(typed).await;
        app.receive(&[app.message(&asked, from)]).await;
        assert_eq!(app.stage(&asked).await, Stage::Proved, "{typed} {from}");
    }
    let app = App::new(page());
    let asked = app.ask(ANI).await;
    for from in [
        "1200000001",
        "81200000001",
        "626281200000001",
        "16281200000001",
        "6281200000010",
        "62812000000010",
        "0081200000001",
    ] {
        app.receive(&[app.message(&asked, from)]).await;
        assert_eq!(app.stage(&asked).await, Stage::Waiting, "{from}");
    }
}

#[tokio::test]
async fn a_number_that_another_account_has_proves_only_its_own() {
    let app = App::new(page());
    app.accounts.add(Account::new("8", AccountStatus::Active).with_contact(Contact::phone(BUDI)));
    let (of_ani, of_budi) = (app.ask(ANI).await, app.ask(BUDI).await);
    app.receive(&[app.message(&of_ani, BUDI), app.message(&of_budi, ANI)]).await;
    assert_eq!((app.stage(&of_ani).await, app.stage(&of_budi).await), (Stage::Waiting, Stage::Waiting));
    app.receive(&[app.message(&of_budi, BUDI), app.message(&of_ani, ANI)]).await;
    assert_eq!((app.stage(&of_ani).await, app.stage(&of_budi).await), (Stage::Proved, Stage::Proved));
    // Two accounts with one number: the owner is ambiguous.
    app.accounts.add(Account::new("9", AccountStatus::Active).with_contact(Contact::phone("+6281200000003")));
    app.accounts.add(Account::new("10", AccountStatus::Active).with_contact(Contact::phone("+6281200000003")));
    let shared = app.ask("+6281200000003").await;
    app.receive(&[app.message(&shared, "+6281200000003")]).await;
    assert_eq!(app.stage(&shared).await, Stage::Waiting);
}

#[tokio::test]
async fn a_thousand_wrong_senders_use_up_no_attempt() {
    let app = App::new(page());
    let asked = app.ask(ANI).await;
    let rows = app.store.resets().unwrap();
    let wrong: Vec<Value> = (0..1_000).map(|number| app.message(&asked, &format!("62812{number:08}9"))).collect();
    app.receive(&wrong).await;
    assert_eq!(app.store.resets().unwrap(), rows);
    app.receive(&[app.message(&asked, ANI)]).await;
    assert_eq!(app.stage(&asked).await, Stage::Proved);
}

#[tokio::test]
async fn only_a_message_sent_during_the_reset_counts() {
    let app = App::new(page());
    let early = app.now().timestamp();
    app.later(30);
    let asked = app.ask(ANI).await;
    let at = |time: Value| with(app.message(&asked, ANI), |message| message["timestamp"] = time);
    let week = 7 * 24 * 60 * 60;
    let now = app.now().timestamp();
    for time in [early, now - week, now + week, now + 601, 0] {
        app.receive(&[at(json!(time.to_string()))]).await;
        assert_eq!(app.stage(&asked).await, Stage::Waiting, "{}", time - now);
    }
    for odd in [json!("soon"), json!(null), json!("-1"), json!("99999999999999999999")] {
        app.receive(&[at(odd)]).await;
    }
    assert_eq!(app.stage(&asked).await, Stage::Waiting);
    app.receive(&[at(json!(now))]).await;
    assert_eq!(app.stage(&asked).await, Stage::Proved, "a number is enough");
}

#[tokio::test]
async fn a_message_that_arrives_after_the_expiry_proves_nothing() {
    let app = App::new(page());
    let asked = app.ask(ANI).await;
    let in_time = app.message(&asked, ANI);
    app.later(11);
    app.receive(&[in_time.clone(), app.message(&asked, ANI)]).await;
    assert_eq!(app.stage(&asked).await, Stage::Expired);
    // Nor for a reset that is requested afterwards.
    let again = app.ask(ANI).await;
    app.receive(&[in_time]).await;
    assert_eq!(app.stage(&again).await, Stage::Waiting);
}

#[tokio::test]
async fn the_same_message_again_in_any_order_has_one_effect() {
    let app = App::new(page());
    let (first, second) = (app.ask(ANI).await, app.ask(ANI).await);
    let chat = json!({"from": "6281200000001", "type": "text", "timestamp": "1893456000", "text": {"body": "halo"}});
    let mut messages = vec![app.message(&first, ANI), chat, app.message(&second, BUDI), app.message(&first, BUDI)];
    app.receive(&messages).await;
    let proved = app.audited(AuditEvent::Proved);
    assert_eq!((proved, app.stage(&first).await), (1, Stage::Proved));
    for _ in 0..16 {
        messages.rotate_left(1);
        app.receive(&messages).await;
        messages.reverse();
        app.receive(&messages).await;
    }
    assert_eq!((app.audited(AuditEvent::Proved), app.stage(&second).await), (1, Stage::Waiting));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_copies_at_once_have_one_effect() {
    for inbound in [page(), Inbound::type_back(SERVICE).unwrap()] {
        let app = Arc::new(App::new(inbound));
        let asked = app.ask(ANI).await;
        let barrier = Arc::new(Barrier::new(16));
        let body = post(json!({"messages": [app.message(&asked, ANI)]}));
        let copies: Vec<_> = (0..16)
            .map(|_| {
                let (app, barrier, body) = (Arc::clone(&app), Arc::clone(&barrier), body.clone());
                tokio::spawn(async move {
                    barrier.wait().await;
                    status(&app.webhook.handle(signed(&body)).await)
                })
            })
            .collect();
        for copy in copies {
            assert_eq!(copy.await.unwrap(), 200);
        }
        assert_ne!(app.stage(&asked).await, Stage::Waiting);
        app.worker.run_once().await.unwrap();
        assert!(app.phone.delivered().len() <= 1, "at most one reply");
    }
}

#[tokio::test]
async fn forwarded_messages_and_other_kinds_prove_nothing() {
    let app = App::new(page());
    let asked = app.ask(ANI).await;
    let text = app.message(&asked, ANI);
    let code = bare_code(&asked);
    let kinds = ["image", "edit", "revoke", "reaction", "unsupported", "interactive", "button", "system", "order"];
    let mut messages: Vec<Value> = kinds
        .into_iter()
        .map(|kind| {
            with(text.clone(), |message| {
                message["type"] = kind.into();
                message["image"] = json!({"caption": code});
                message["button"] = json!({"payload": code, "text": code});
            })
        })
        .collect();
    messages.push(with(text.clone(), |message| message["context"] = json!({"forwarded": true})));
    messages.push(with(text.clone(), |message| message["context"] = json!({"frequently_forwarded": true})));
    messages.push(with(text.clone(), |message| message["group_id"] = "120363@g.us".into()));
    for message in messages {
        app.receive(std::slice::from_ref(&message)).await;
        assert_eq!(app.stage(&asked).await, Stage::Waiting, "{message}");
    }
    app.receive(&[with(text, |message| message["context"] = json!({"from": "6281100000000", "id": "wamid.X"}))]).await;
    assert_eq!(app.stage(&asked).await, Stage::Proved, "a reply to the service is a message like any other");
}

#[tokio::test]
async fn a_withheld_number_counts_only_if_it_was_bound_before() {
    let id = "ID.13491208650000000001";
    let app = App::new(page());
    let withheld = |asked: &Requested| {
        with(app.message(asked, ANI), |message| {
            message.as_object_mut().unwrap().remove("from");
            message["from_user_id"] = id.into();
        })
    };
    let asked = app.ask(ANI).await;
    app.receive(&[withheld(&asked)]).await;
    assert_eq!(app.stage(&asked).await, Stage::Waiting, "the user id is bound to no number yet");
    // A signed message with both that proves a reset binds them; here only the contact has the user id.
    let body =
        post(json!({"contacts": [{"wa_id": "6281200000001", "user_id": id}], "messages": [app.message(&asked, ANI)]}));
    assert_eq!(status(&app.webhook.handle(signed(&body)).await), 200);
    assert_eq!(app.stage(&asked).await, Stage::Proved);
    app.later(20);
    let again = app.ask(ANI).await;
    app.receive(&[with(withheld(&again), |message| message["from_user_id"] = "ID.999".into())]).await;
    assert_eq!(app.stage(&again).await, Stage::Waiting, "another user id");
    app.receive(&[with(app.message(&again, ANI), |message| message["from_user_id"] = "ID.999".into())]).await;
    assert_eq!(app.stage(&again).await, Stage::Waiting, "the number with another user id than before");
    app.receive(&[withheld(&again)]).await;
    assert_eq!(app.stage(&again).await, Stage::Proved);
    // The platform reports a new owner of the number: resets from before are closed, and neither the new owner nor a sender
    // without a number proves anything until the application has confirmed the number again.
    app.later(20);
    let third = app.ask(ANI).await;
    let update = json!({"wa_id": "6281200000001", "user_id": {"previous": id, "current": "ID.2481"},
                        "timestamp": app.now().timestamp().to_string()});
    let body = changes(&[json!({"field": "user_id_update", "value": {"user_id_update": [update]}})]);
    assert_eq!(status(&app.webhook.handle(signed(&body)).await), 200);
    app.receive(&[app.message(&third, ANI)]).await;
    assert_eq!(app.stage(&third).await, Stage::Waiting, "closed");
    app.later(20);
    let fourth = app.ask(ANI).await;
    let of_the_new_owner = with(app.message(&fourth, ANI), |message| message["from_user_id"] = "ID.2481".into());
    app.receive(&[
        of_the_new_owner.clone(),
        with(withheld(&fourth), |message| message["from_user_id"] = "ID.2481".into()),
    ])
    .await;
    assert_eq!(app.stage(&fourth).await, Stage::Waiting);
    app.reset.contacts().forget_sender(&Sender::phone(ANI).unwrap()).await.unwrap();
    app.receive(&[of_the_new_owner]).await;
    assert_eq!(app.stage(&fourth).await, Stage::Proved);
}

/// Relay phishing: the attacker talks the owner into sending the text that the attacker's page shows.
#[tokio::test]
async fn two_modes_give_a_relaying_attacker_nothing() {
    let app = App::new(Inbound::type_back(SERVICE).unwrap());
    let attackers = app.ask(ANI).await;
    app.receive(&[app.message(&attackers, ANI)]).await;
    app.worker.run_once().await.unwrap();
    let reply = app.phone.last().unwrap();
    assert_eq!(
        (app.stage(&attackers).await, reply.kind(), reply.to.value()),
        (Stage::MessageReceived, "reply_code", ANI)
    );
    let requester_token = || password_reset::secret::RequesterToken::parse(attackers.requester_token.expose()).unwrap();
    assert!(app.reset.verify(Proof::Claim(requester_token())).await.is_err());
    let code = Code::parse(reply.code().unwrap()).unwrap();
    assert!(
        app.reset.verify(Proof::Code { requester_token: requester_token(), code }).await.is_ok(),
        "unless the owner tells the code too"
    );

    let app = App::new(Inbound::continue_on_phone(SERVICE).unwrap());
    let attackers = app.ask(ANI).await;
    app.receive(&[app.message(&attackers, ANI)]).await;
    app.worker.run_once().await.unwrap();
    assert_eq!(app.phone.last().unwrap().kind(), "reply_link");
    assert!(app.reset.verify(Proof::Claim(attackers.requester_token)).await.is_err());

    // In both, a bare code without the sentence that states its purpose is chat.
    let asked = app.ask(ANI).await;
    app.receive(&[with(app.message(&asked, ANI), |message| message["text"]["body"] = bare_code(&asked).into())]).await;
    assert_eq!(app.stage(&asked).await, Stage::Waiting);
}

#[tokio::test]
async fn twilio_and_gateways_prove_resets_too() {
    let secret = "only-the-tests-sign-with-this-01";
    let inbound = Inbound::page_advances(SERVICE).unwrap().trusting(Assurance::SharedSecret);
    let app = App::new(inbound.with_unmarked_forwards());
    let clock = || Arc::new(app.clock.clone());

    let asked = app.ask(ANI).await;
    let url = "https://toko.example/webhooks/twilio";
    let twilio = Twilio::new(secret, "AC0000000000000000000000000000000a", url).unwrap();
    let webhook = Webhook::new(app.reset.clone(), twilio).unwrap().with_clock(clock());
    let fields = [
        ("AccountSid", "AC0000000000000000000000000000000a".to_owned()),
        ("Body", asked.challenge.as_ref().unwrap().text(Locale::ENGLISH)),
        ("From", format!("whatsapp:{ANI}")),
        ("MessageType", "text".to_owned()),
        ("To", format!("whatsapp:{SERVICE}")),
    ];
    let signed: String = fields.iter().map(|(name, value)| format!("{name}{value}")).collect();
    let mac = {
        use base64::Engine;
        use hmac::{Hmac, KeyInit, Mac};
        let mac = Hmac::<sha1::Sha1>::new_from_slice(secret.as_bytes()).unwrap();
        base64::engine::general_purpose::STANDARD
            .encode(mac.chain_update(url).chain_update(signed).finalize().into_bytes())
    };
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
    let request = |mac: &str| {
        Request::post("http://internal:8080/webhooks/twilio")
            .header("host", "evil.example")
            .header("x-twilio-signature", mac)
            .body(Bytes::from(form.clone()))
            .unwrap()
    };
    assert_eq!(status(&webhook.handle(request("AAAA")).await), 401);
    assert_eq!(status(&webhook.handle(Request::get("/").body(Bytes::new()).unwrap()).await), 403);
    assert_eq!(status(&webhook.handle(request(&mac)).await), 200);
    assert_eq!(app.stage(&asked).await, Stage::Proved);

    app.later(20);
    let asked = app.ask(ANI).await;
    let webhook = Webhook::new(app.reset.clone(), Gateway::fonnte(secret).unwrap()).unwrap().with_clock(clock());
    let post = |secret: &str| {
        let body = json!({"secret": secret, "device": "6281100000000", "sender": "6281200000001", "member": "",
            "message": bare_code(&asked), "timestamp": app.now().timestamp()});
        Request::post("/").body(Bytes::from(body.to_string())).unwrap()
    };
    assert_eq!(status(&webhook.handle(post("x")).await), 401);
    assert_eq!(status(&webhook.handle(post(secret)).await), 200);
    assert_eq!(app.stage(&asked).await, Stage::Proved);
}
