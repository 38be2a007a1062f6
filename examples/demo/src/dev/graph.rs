//! Stands in for Meta's Cloud API: accepts the application's messages, and puts them into the chats.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::phone::Phone;

pub(super) async fn serve(listener: TcpListener, phone: Phone) {
    let router = Router::new().route("/{version}/{phone_number_id}/messages", post(take)).with_state(phone);
    if let Err(error) = axum::serve(listener, router).await {
        eprintln!("the stand-in for WhatsApp ended: {error}");
    }
}

async fn take(
    State(phone): State<Phone>,
    headers: HeaderMap,
    Json(message): Json<Value>,
) -> Result<Json<Value>, StatusCode> {
    let bearer = format!("Bearer {}", phone.account().access_token);
    if headers.get(header::AUTHORIZATION).is_none_or(|sent| sent.as_bytes() != bearer.as_bytes()) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let id = format!("wamid.{:032x}", rand::random::<u128>());
    let answer = json!({ "messaging_product": "whatsapp", "messages": [{ "id": id }] });
    // Meta answers first, and reports later.
    tokio::spawn(async move {
        if let Err(error) = phone.deliver(&message).await {
            eprintln!("a message was not delivered: {error:#}");
        }
    });
    Ok(Json(answer))
}

/// The text in the chat. Meta has the words of a template; here they are its name and its fields.
pub(super) fn text_of(message: &Value) -> String {
    if let Some(body) = message["text"]["body"].as_str() {
        return body.to_owned();
    }
    let name = message["template"]["name"].as_str().unwrap_or_default();
    let components = message["template"]["components"].as_array().into_iter().flatten();
    let body = components.filter(|component| component["type"] == "body");
    let fields = body.flat_map(|component| component["parameters"].as_array().into_iter().flatten());
    let fields: Vec<&str> = fields.filter_map(|field| field["text"].as_str()).collect();
    format!("[{name}] {}", fields.join(" · "))
}
