//! The body of a response.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use http_body::{Frame, SizeHint};
use password_reset::PortError;
use tokio::time::{Instant, Sleep, sleep};

/// Proxies commonly close connections that are idle for a minute.
const HEARTBEAT: Duration = Duration::from_secs(25);

/// A comment, which browsers ignore (WHATWG HTML §9.2.6).
const COMMENT: Bytes = Bytes::from_static(b":\n\n");

/// The body of a response: a page or document as a whole, or a stream of events, which ends when its reset does.
pub struct Body(Kind);

enum Kind {
    Whole(Bytes),
    Events(Box<Events>),
    /// What HEAD gets in place of events: as they have no length, none may be stated.
    WithoutEvents,
}

struct Events {
    events: Pin<Box<dyn Stream<Item = Result<Bytes, PortError>> + Send>>,
    heartbeat: Pin<Box<Sleep>>,
}

impl Body {
    pub(crate) fn empty() -> Self {
        Self(Kind::Whole(Bytes::new()))
    }

    /// The body of an answer to HEAD, where a GET would be answered with this body.
    pub(crate) fn omitted(&self) -> Self {
        Self(match &self.0 {
            Kind::Whole(_) => Kind::Whole(Bytes::new()),
            Kind::Events(_) | Kind::WithoutEvents => Kind::WithoutEvents,
        })
    }

    /// A stream of server-sent events, with a comment wherever nothing else was sent for a while.
    pub(crate) fn events(events: impl Stream<Item = Result<Bytes, PortError>> + Send + 'static) -> Self {
        Self(Kind::Events(Box::new(Events { events: Box::pin(events), heartbeat: Box::pin(sleep(HEARTBEAT)) })))
    }
}

impl Events {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, PortError>>> {
        let next = match self.events.as_mut().poll_next(context) {
            Poll::Ready(next) => next,
            Poll::Pending => {
                ready!(self.heartbeat.as_mut().poll(context));
                Some(Ok(COMMENT))
            }
        };
        if let Some(at) = Instant::now().checked_add(HEARTBEAT) {
            self.heartbeat.as_mut().reset(at);
        }
        Poll::Ready(next)
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = PortError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, PortError>>> {
        match &mut self.0 {
            Kind::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Kind::Events(events) => events.poll(context).map(|next| next.map(|event| event.map(Frame::data))),
            Kind::WithoutEvents => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Whole(bytes) => bytes.is_empty(),
            Kind::Events(_) => false,
            Kind::WithoutEvents => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(bytes) => SizeHint::with_exact(u64::try_from(bytes.len()).unwrap_or(u64::MAX)),
            Kind::Events(_) | Kind::WithoutEvents => SizeHint::default(),
        }
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(whole: T) -> Self {
        Self(Kind::Whole(whole.into()))
    }
}

/// Shows no content, which can be a page with a form token.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.0 {
            Kind::Whole(_) => "Body(whole)",
            Kind::Events(_) | Kind::WithoutEvents => "Body(events)",
        };
        f.write_str(kind)
    }
}
