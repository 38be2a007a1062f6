//! A store that fails, as a database without connections or with a full disk does.

use axum::http::StatusCode;
use password_reset_testkit::{Fault, Faults};
use serde_json::json;

use crate::support::{App, EMAIL};

#[tokio::test]
async fn pages_and_api_say_when_to_try_again_for_every_identifier() {
    let app = App::with(|setup| setup.faults = Faults::from_call(1, Fault::FailBefore));
    let mut answers = Vec::new();
    for identifier in [EMAIL, "nobody@toko.example"] {
        let page = app.browser().post("/reset", &[("by", "email"), ("identifier", identifier)]).await;
        assert_eq!((page.status, page.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "5"));
        assert!(page.body.contains("<html"), "{}", page.body);
        let asked = json!({"by": "email", "identifier": identifier});
        let answer = app.browser().json("/reset/api/requests", asked).await;
        assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "5"));
        assert_eq!((answer.code(), &answer.json()["retry_after"]), ("unavailable".to_owned(), &json!(5)));
        answers.push(answer.text());
    }
    assert_eq!(answers[0], answers[1]);
}
