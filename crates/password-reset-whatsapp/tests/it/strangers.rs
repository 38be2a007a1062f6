//! No sequence of messages that an attacker can cause changes a reset.

use password_reset::{Account, AccountStatus, Contact, Inbound, Locale, Requested, Stage};
use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_assert_eq, prop_oneof};
use serde_json::{Value, json};

use crate::app::{ANI, App, BUDI, SERVICE, page, post, signature, signed, status, unsigned, with};

/// A request that reaches the webhook and does not prove the reset.
#[derive(Clone, Debug)]
enum Stray {
    /// Authentic, from another number or without one.
    FromAnother { from: &'static str, id: Option<&'static str>, withheld: bool },
    /// In the owner's name, but without the provider's signature.
    Forged(Forgery),
    /// From the owner, but this many seconds before or after the reset's time.
    OutOfTime(i64),
    /// From the owner, but not a direct text to this service.
    OtherKind(&'static str, &'static str),
    /// A report by another user that they did not ask.
    Reported(&'static str),
}

#[derive(Clone, Debug)]
enum Forgery {
    Unsigned,
    OtherSecret,
    OfAnotherBody,
    Cut(usize),
    Bytes(Vec<u8>),
}

fn forgery() -> impl Strategy<Value = Forgery> {
    prop_oneof![
        Just(Forgery::Unsigned),
        Just(Forgery::OtherSecret),
        Just(Forgery::OfAnotherBody),
        (0_usize..70).prop_map(Forgery::Cut),
        vec(any::<u8>(), 32).prop_map(Forgery::Bytes),
    ]
}

fn stray() -> impl Strategy<Value = Stray> {
    let from = prop_oneof![
        Just(BUDI),
        Just("1200000001"),
        Just("81200000001"),
        Just("626281200000001"),
        Just("6281200000001@c.us"),
        Just(""),
        Just("16315551181"),
        Just("0081200000001"),
        Just("62812000000019"),
    ];
    let id = prop_oneof![Just(None), Just(Some("ID.7")), Just(Some("6281200000001")), Just(Some("+6281200000001"))];
    let out_of_time = prop_oneof![61_i64..1_000_000, -1_000_000_i64..-61];
    let other_kind = prop_oneof![
        Just(("/type", "\"image\"")),
        Just(("/type", "\"edit\"")),
        Just(("/type", "\"button\"")),
        Just(("/context", "{\"forwarded\":true}")),
        Just(("/context", "{\"frequently_forwarded\":true}")),
        Just(("/group_id", "\"120363@g.us\"")),
        Just(("/errors", "[{\"code\":131051}]")),
        Just(("/timestamp", "null")),
        Just(("/text", "null")),
    ];
    prop_oneof![
        4 => (from, id, any::<bool>()).prop_map(|(from, id, withheld)| Stray::FromAnother { from, id, withheld }),
        2 => forgery().prop_map(Stray::Forged),
        2 => out_of_time.prop_map(Stray::OutOfTime),
        2 => other_kind.prop_map(|(place, value)| Stray::OtherKind(place, value)),
        1 => Just(Stray::Reported(BUDI)),
    ]
}

/// Texts with codes of this reset or of Budi's, whole or altered.
fn text(choice: u8, asked: &Requested, of_budi: &Requested) -> String {
    let (ours, theirs) = (asked.challenge.as_ref().unwrap(), of_budi.challenge.as_ref().unwrap());
    match choice {
        0 => ours.code().to_owned(),
        1 => ours.text(Locale::ENGLISH),
        2 => ours.text(Locale::INDONESIAN),
        3 => theirs.text(Locale::ENGLISH),
        4 => format!("{} {ANI}", ours.code()),
        _ => "halo".to_owned(),
    }
}

impl App {
    /// Sends it to the webhook; returns the status and the expected one.
    async fn bring(&self, stray: Stray, right: Value) -> (u16, u16) {
        let answer = async |body: String| status(&self.webhook.handle(signed(&body)).await);
        let one = |message: Value| post(json!({"messages": [message]}));
        match stray {
            Stray::FromAnother { from, id, withheld } => {
                let message = with(right, |message| {
                    message["from"] = from.into();
                    message["from_user_id"] = id.into();
                    if withheld {
                        message.as_object_mut().unwrap().remove("from");
                    }
                });
                (answer(one(message)).await, 200)
            }
            Stray::Forged(forgery) => {
                let body = one(right);
                let genuine = signature(crate::app::APP_SECRET, body.as_bytes());
                let header = match forgery {
                    Forgery::Unsigned => None,
                    Forgery::OtherSecret => Some(signature("only-the-tests-sign-with-this-09", body.as_bytes())),
                    Forgery::OfAnotherBody => Some(signature(crate::app::APP_SECRET, b"{}")),
                    Forgery::Cut(at) => Some(genuine[..at].to_owned()),
                    Forgery::Bytes(bytes) => Some(format!("sha256={}", base16ct::lower::encode_string(&bytes))),
                };
                (status(&self.webhook.handle(unsigned(body.as_bytes(), header.as_deref())).await), 401)
            }
            Stray::OutOfTime(seconds) => {
                let at = self.now().timestamp() + seconds;
                (answer(one(with(right, |message| message["timestamp"] = at.to_string().into()))).await, 200)
            }
            Stray::OtherKind(place, value) => {
                let value = serde_json::from_str(value).unwrap();
                (answer(one(with(right, |message| message[&place[1..]] = value))).await, 200)
            }
            Stray::Reported(from) => {
                let button = json!({"from": from, "type": "button", "button": {"payload": "DID_NOT_REQUEST_CODE"}});
                (answer(one(button)).await, 200)
            }
        }
    }
}

proptest::proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any messages of others, in any order and mode, leave the row unchanged, and the right message still proves the reset
    /// afterwards.
    #[test]
    fn messages_of_strangers_do_not_change_a_reset(strays in vec((stray(), 0_u8..6), 1..40), mode in 0_u8..3) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let inbound = match mode {
                0 => page(),
                1 => Inbound::type_back(SERVICE).unwrap(),
                _ => Inbound::continue_on_phone(SERVICE).unwrap(),
            };
            let app = App::new(inbound);
            app.accounts.add(Account::new("8", AccountStatus::Active).with_contact(Contact::phone(BUDI)));
            let of_budi = app.ask(BUDI).await;
            let asked = app.ask(ANI).await;
            let rows = |app: &App| {
                let rows = app.store.resets().unwrap();
                rows.into_iter().filter(|row| row.identifier().as_str() == ANI).collect::<Vec<_>>()
            };
            let before = rows(&app);
            for (stray, choice) in strays {
                let text = text(choice, &asked, &of_budi);
                let right = with(app.message(&asked, ANI), |message| message["text"]["body"] = text.into());
                let (answered, due) = app.bring(stray.clone(), right).await;
                prop_assert_eq!(answered, due, "{:?}", stray);
                prop_assert_eq!(rows(&app), before.clone(), "{:?}", stray);
            }
            prop_assert_eq!(app.stage(&asked).await, Stage::Waiting);
            app.receive(&[app.message(&asked, ANI)]).await;
            assert_ne!(app.stage(&asked).await, Stage::Waiting);
            Ok(())
        })?;
    }
}
