//! Server-sent events that tell a waiting page when its reset changes (WHATWG HTML §9.2).

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, stream};
use password_reset::secret::RequesterToken;
use password_reset::{Locale, PortError, Stage, Status, Watch};

use crate::api::status::{ShownStatus, requester_token};
use crate::failure::Failure;
use crate::request_context::RequestContext;
use crate::shares::Share;
use crate::state::{AppState, SharedState};

/// Proxies commonly close connections that are idle for a minute.
const HEARTBEAT: Duration = Duration::from_secs(25);

/// How long a browser waits before it reopens a broken stream.
const RETRY: Duration = Duration::from_secs(3);

/// When a browser may try again after the stream limit refused it.
const FULL: Duration = Duration::from_secs(30);

/// All that the node keeps for a waiting browser.
struct Waiting {
    state: SharedState,
    watch: Watch,
    locale: Locale,
    next: Next,
    _permit: Share,
}

enum Next {
    /// Send the present status first: a reopened stream may have missed a change.
    Send(Box<Status>),
    Wait,
    End,
}

pub(crate) async fn show(State(state): State<SharedState>, request: Request) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    let mut context = RequestContext::new(&state, &parts)?;
    let requester_token = requester_token(&mut context, &parts)?;
    let permit = state.edge.streams.take(context.source, 1).ok_or(Failure::Busy(FULL))?;
    // Watching before reading the status misses no change; at worst a stage is sent twice.
    let watch = state.reset.watch(RequesterToken::parse(requester_token.expose())?).await?.ok_or(Failure::Refused)?;
    let status = state.reset.status(&requester_token).await?.ok_or(Failure::Refused)?;
    let next = Next::Send(Box::new(status));
    let waiting = Waiting { state, watch, locale: context.locale, next, _permit: permit };
    let mut response = Sse::new(events(waiting)).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response();
    // Asks nginx, and proxies that follow its convention, not to buffer events.
    let buffering = HeaderName::from_static("x-accel-buffering");
    response.headers_mut().insert(buffering, HeaderValue::from_static("no"));
    Ok(response)
}

/// The present status and each that follows, until the reset ends. A failing port breaks the stream off; the browser then
/// reopens it or polls.
fn events(waiting: Waiting) -> impl Stream<Item = Result<Event, PortError>> + Send {
    // Boxed, because the stream type holds the state several times.
    stream::try_unfold(Box::new(waiting), |mut waiting| async move {
        let event = match waiting.next {
            Next::End => return Ok(None),
            Next::Send(status) => {
                waiting.next = after(&status);
                event(&waiting.state, &status, waiting.locale).retry(RETRY)
            }
            Next::Wait => {
                let status = waiting.watch.changed().await?;
                waiting.next = after(&status);
                event(&waiting.state, &status, waiting.locale)
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

fn event(state: &AppState, status: &Status, locale: Locale) -> Event {
    let data = serde_json::to_string(&ShownStatus::of(state, status, locale)).unwrap_or_default();
    Event::default().event("status").data(data)
}
