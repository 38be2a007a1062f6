//! The pages as a function, and how frameworks mount it.

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};

use crate::body::Body;
use crate::middleware;
use crate::paths::PATHS;
use crate::state::SharedState;

/// The pages of one site: a function from a request to its response, which [`Web`](crate::Settings) builds. Clones are cheap, and
/// share limits.
///
/// Also a [`tower_service::Service`], for servers and frameworks that take one.
#[derive(Clone, Debug)]
pub struct Pages(pub(crate) SharedState);

impl Pages {
    /// Answers a request. No error is left to the caller: also a failure is a page or a problem document.
    ///
    /// # Contract
    /// The path of the request is the one that the browser asked for, with the [mount path](Self::path). The request's
    /// extensions have the [`Peer`](crate::Peer) of its connection: without it every request is answered with 500, because all
    /// clients would share one quota. The future runs on tokio, because bodies have a time in which they must arrive.
    pub async fn respond<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>>,
    {
        middleware::run(&self.0, request).await
    }

    /// The path of the site's base URL, without a slash at its end: `/reset`, or nothing for a site that has a host to itself.
    /// Requests to this path and to all below it are for these pages.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.mount
    }

    /// The fixed paths below [`path`](Self::path), and those of webhooks.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        PATHS.iter().map(|(path, _)| *path).chain(self.0.webhooks.paths())
    }
}

impl<B> tower_service::Service<Request<B>> for Pages
where
    B: http_body::Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let pages = self.clone();
        Box::pin(async move { Ok(pages.respond(request).await) })
    }
}

/// A framework, as what mounts the pages in it.
pub trait Mount {
    /// What an application of the framework takes.
    type App;

    /// Mounts the pages at their [path](Pages::path).
    fn mount(pages: Pages) -> Self::App;
}

/// No framework: the function itself.
impl Mount for Pages {
    type App = Self;

    fn mount(pages: Pages) -> Self {
        pages
    }
}
