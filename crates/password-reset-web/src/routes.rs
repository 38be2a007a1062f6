//! Which handler answers which path, below the mount path.

use http::Method;

use crate::failure::Failure;
use crate::paths::{asset, methods};
use crate::post::Incoming;
use crate::request_context::{Posted, RequestContext, is_of_api};
use crate::respond::Response;
use crate::state::SharedState;
use crate::{api, handlers};

/// Answers a request by path and method. No body is read before both are known.
pub(crate) async fn answer<B: Incoming>(
    state: &SharedState,
    context: RequestContext,
    body: B,
) -> Result<Response, Failure> {
    let path = context.head.uri.path().to_owned();
    let Some(allowed) = methods(&path) else { return handlers::lost::find(state, context) };
    allow(allowed, &context.head.method)?;
    if context.head.method != Method::POST {
        return Box::pin(get(state, context, &path)).await;
    }
    let media_type = match is_of_api(&path) {
        true => "application/json",
        false => "application/x-www-form-urlencoded",
    };
    let posted = Posted::read(state, context, body, media_type).await?;
    Box::pin(post(state, posted, &path)).await
}

/// Refuses methods that are not among those allowed.
pub(crate) fn allow(allowed: &'static str, method: &Method) -> Result<(), Failure> {
    let is_allowed = allowed.split(',').any(|allowed| allowed == method.as_str());
    if is_allowed { Ok(()) } else { Err(Failure::MethodNotAllowed(allowed)) }
}

async fn get(state: &SharedState, context: RequestContext, path: &str) -> Result<Response, Failure> {
    match path {
        "/" => handlers::start::show(state, context),
        "/wait" => handlers::wait::show(state, context).await,
        "/code" | "/claim" => handlers::wait::resume(state, context),
        "/link" => handlers::link::show(state, context),
        "/step-up" => handlers::step_up::show(state, context).await,
        "/new" => handlers::new_password::show(state, context).await,
        "/done" => handlers::endings::done(state, context),
        "/expired" => handlers::endings::expired(state, context),
        "/cancel" => handlers::cancel::show(state, context),
        "/cancelled" => handlers::cancel::cancelled(state, context),
        "/lock" => handlers::lock::show(state, context),
        "/locked" => handlers::lock::locked(state, context),
        "/events" | "/api/events" => handlers::events::show(state, context).await,
        "/api/status" => api::status::show(state, context).await,
        "/api/policy" => api::policy::show(state, context.locale),
        "/api/openapi.json" => Ok(api::openapi::show(state)),
        _ => handlers::assets::file(state, asset(path).unwrap_or_default()),
    }
}

async fn post(state: &SharedState, posted: Posted, path: &str) -> Result<Response, Failure> {
    match path {
        "/" => handlers::start::post(state, posted).await,
        "/code" => handlers::wait::code(state, posted).await,
        "/claim" => handlers::wait::claim(state, posted).await,
        "/link" => handlers::link::post(state, posted).await,
        "/step-up" => handlers::step_up::post(state, posted).await,
        "/new" => handlers::new_password::post(state, posted).await,
        "/cancel" => handlers::cancel::post(state, posted).await,
        "/lock" => handlers::lock::post(state, posted).await,
        "/api/requests" => api::requests::post(state, posted).await,
        "/api/verify" => api::verify::post(state, posted).await,
        "/api/password" => api::password::post(state, posted).await,
        "/api/password-check" => api::password_check::post(state, posted).await,
        "/api/cancel" => api::cancel::post(state, posted).await,
        "/api/lock" => api::lock::post(state, posted).await,
        _ => Err(Failure::NotFound),
    }
}
