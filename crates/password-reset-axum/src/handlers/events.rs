//! Server-sent events: a waiting page is told when its reset moves on (WHATWG HTML §9.2).

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State as FromState};
use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, stream};
use password_reset::{Locale, PortError, RequesterToken, Stage, Status, Watch};

use crate::api::status::{Shown, requester_token};
use crate::failure::Failure;
use crate::limits::Place;
use crate::shared::{Shared, State};
use crate::visit::Visit;

/// Proxies close connections on which nothing is said for a minute.
const HEARTBEAT: Duration = Duration::from_secs(25);

/// How long a browser waits before it opens a stream that broke off again.
const RETRY: Duration = Duration::from_secs(3);

/// After this a browser that found no place may try again.
const FULL: Duration = Duration::from_secs(30);

/// All that is kept of a waiting browser.
struct Waiting {
    web: Arc<Shared>,
    watch: Watch,
    locale: Locale,
    next: Next,
    _place: Place,
}

enum Next {
    /// Say where it stands now; a stream that is opened again has missed something.
    Greet(Box<Status>),
    Wait,
    End,
}

pub(crate) async fn show(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    let mut visit = Visit::of(&web, &parts)?;
    let requester_token = requester_token(&mut visit, &parts)?;
    let place = web.edge.streams.enter(visit.source).ok_or(Failure::Busy(FULL))?;
    // In this order nothing falls between the look and the watch; at worst a stage is told twice.
    let watch = web.reset.watch(RequesterToken::parse(&requester_token.expose())?).await?.ok_or(Failure::Refused)?;
    let status = web.reset.status(&requester_token).await?.ok_or(Failure::Refused)?;
    let next = Next::Greet(Box::new(status));
    let waiting = Waiting { web, watch, locale: visit.locale, next, _place: place };
    let mut response = Sse::new(events(waiting)).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response();
    // Asks nginx and those that follow it to pass each event on at once.
    let buffering = HeaderName::from_static("x-accel-buffering");
    response.headers_mut().insert(buffering, HeaderValue::from_static("no"));
    Ok(response)
}

/// The status now, and each that follows; ends with the reset. When a port fails it breaks off, and the browser comes
/// back or polls.
fn events(waiting: Waiting) -> impl Stream<Item = Result<Event, PortError>> + Send {
    // Boxed, for the stream has room for it several times.
    stream::try_unfold(Box::new(waiting), |mut waiting| async move {
        let event = match waiting.next {
            Next::End => return Ok(None),
            Next::Greet(status) => {
                waiting.next = after(&status);
                event(&waiting.web, &status, waiting.locale).retry(RETRY)
            }
            Next::Wait => {
                let status = waiting.watch.changed().await?;
                waiting.next = after(&status);
                event(&waiting.web, &status, waiting.locale)
            }
        };
        Ok(Some((event, waiting)))
    })
}

fn after(status: &Status) -> Next {
    match status.stage {
        Stage::Done | Stage::Expired => Next::End,
        _ => Next::Wait,
    }
}

fn event(web: &Shared, status: &Status, locale: Locale) -> Event {
    let data = serde_json::to_string(&Shown::of(web, status, locale)).unwrap_or_default();
    Event::default().event("status").data(data)
}
