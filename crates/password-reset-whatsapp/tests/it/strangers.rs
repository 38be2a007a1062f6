//! No sequence of messages that somebody else can cause changes a reset.

use password_reset::{Account, AccountStatus, Contact, Inbound, Locale, Requested, Stage};
use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_assert_eq, prop_oneof};
use serde_json::{Value, json};

use crate::app::{ANI, App, BUDI, SERVICE, page, post, signature, signed, status, unsigned, with};

/// Something that reaches the webhook and that the owner of the number did not send.
#[derive(Clone, Debug)]
enum Stray {
    /// Truly sent, from another number or from none.
    FromAnother { from: &'static str, id: Option<&'static str>, withheld: bool },
    /// In the owner's name, but not signed, or not by the provider.
    Forged(Forgery),
    /// Truly sent by the owner, but so many seconds before or after its time.
    OutOfTime(i64),
    /// Truly sent by the owner, but not a direct text to this service.
    OtherKind(&'static str, &'static str),
    /// Truly sent by somebody who says that they did not ask.
    LockRequested(&'static str),
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
        1 => Just(Stray::LockRequested(BUDI)),
    ]
}

/// Texts that say something about this reset, or about Budi's.
fn text(said: u8, asked: &Requested, of_budi: &Requested) -> String {
    let (ours, theirs) = (asked.challenge.as_ref().unwrap(), of_budi.challenge.as_ref().unwrap());
    match said {
        0 => ours.code().to_owned(),
        1 => ours.text(Locale::English),
        2 => ours.text(Locale::Indonesian),
        3 => theirs.text(Locale::English),
        4 => format!("{} {ANI}", ours.code()),
        _ => "halo".to_owned(),
    }
}

impl App {
    /// Brings it to the webhook; returns the status and the one that is due.
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
            Stray::LockRequested(from) => {
                let button = json!({"from": from, "type": "button", "button": {"payload": "DID_NOT_REQUEST_CODE"}});
                (answer(one(button)).await, 200)
            }
        }
    }
}

proptest::proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever others send, in whatever order, in every mode: the row is what it was, and the right message still
    /// proves it afterwards (R132).
    #[test]
    fn nothing_of_strangers_changes_a_reset(strays in vec((stray(), 0_u8..6), 1..40), mode in 0_u8..3) {
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
            for (stray, said) in strays {
                let text = text(said, &asked, &of_budi);
                let right = with(app.message(&asked, ANI), |message| message["text"]["body"] = text.into());
                let (answered, due) = app.bring(stray.clone(), right).await;
                prop_assert_eq!(answered, due, "{:?}", stray);
                prop_assert_eq!(rows(&app), before.clone(), "{:?}", stray);
            }
            prop_assert_eq!(app.stage(&asked).await, Stage::Waiting);
            app.hear(&[app.message(&asked, ANI)]).await;
            assert_ne!(app.stage(&asked).await, Stage::Waiting);
            Ok(())
        })?;
    }
}
