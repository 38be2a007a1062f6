//! Server-sent events that tell a waiting page when its reset changes (WHATWG HTML §9.2).

use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, stream};
use http::{HeaderName, HeaderValue, StatusCode};
use password_reset::secret::RequesterToken;
use password_reset::{Locale, PortError, Stage, Status, Watch};

use crate::api::status::{ShownStatus, requester_token};
use crate::body::Body;
use crate::failure::Failure;
use crate::request_context::RequestContext;
use crate::respond::{self, Response};
use crate::shares::Share;
use crate::state::{AppState, SharedState};

/// Lets a browser wait three seconds before it reopens a broken stream.
const RETRY: &str = "retry: 3000\n";

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

pub(crate) async fn show(state: &SharedState, context: RequestContext) -> Result<Response, Failure> {
    let requester_token = requester_token(&context)?;
    let permit = state.edge.streams.take(context.source, 1).ok_or(Failure::Busy(FULL))?;
    // Watching before reading the status misses no change; at worst a stage is sent twice.
    let watch = state.reset.watch(RequesterToken::parse(requester_token.expose())?).await?.ok_or(Failure::Refused)?;
    let status = state.reset.status(&requester_token).await?.ok_or(Failure::Refused)?;
    let next = Next::Send(Box::new(status));
    let waiting = Waiting { state: SharedState::clone(state), watch, locale: context.locale, next, _permit: permit };
    let body = Body::events(events(waiting));
    let mut response = respond::with_type(StatusCode::OK, "text/event-stream", body);
    // Asks nginx, and proxies that follow its convention, not to buffer events.
    let buffering = HeaderName::from_static("x-accel-buffering");
    response.headers_mut().insert(buffering, HeaderValue::from_static("no"));
    Ok(response)
}

/// The present status and each that follows, until the reset ends. A failing port breaks the stream off; the browser then
/// reopens it or polls.
fn events(waiting: Waiting) -> impl Stream<Item = Result<Bytes, PortError>> + Send {
    // Boxed, because the stream type holds the state several times.
    stream::try_unfold(Box::new(waiting), |mut waiting| async move {
        let (status, retry) = match waiting.next {
            Next::End => return Ok(None),
            Next::Send(status) => (*status, RETRY),
            Next::Wait => (waiting.watch.changed().await?, ""),
        };
        let is_over = matches!(status.stage, Stage::Done | Stage::Expired);
        waiting.next = if is_over { Next::End } else { Next::Wait };
        let event = event(&waiting.state, &status, waiting.locale, retry);
        Ok(Some((event, waiting)))
    })
}

/// An event as it is sent (WHATWG HTML §9.2.6). JSON as this library writes it has no line breaks.
fn event(state: &AppState, status: &Status, locale: Locale, more: &str) -> Bytes {
    let data = serde_json::to_string(&ShownStatus::of(state, status, locale)).unwrap_or_default();
    format!("event: status\ndata: {data}\n{more}\n").into()
}
