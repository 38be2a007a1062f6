//! The page of a failed request.

use password_reset::texts::Sentence;

use crate::pages::layout::Layout;

/// A request failed; the page says what to do now.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ProblemPage<'a> {
    /// The layout.
    pub layout: Layout<'a>,
    /// What went wrong.
    pub problem: Problem,
    /// Seconds until a retry makes sense, as in `Retry-After`.
    pub retry_after: Option<u64>,
}

/// Why a request failed, as far as it matters to the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Problem {
    /// 404: there is no page at this address.
    NotFound,
    /// 400, 405, 408, 413, 415: not what a form of these pages sends.
    BadRequest,
    /// 403: the form token is missing or old, or another site sent the request.
    StaleForm,
    /// 403: the browser keeps no cookies.
    NoCookies,
    /// 429: too many requests from this source.
    TooMany,
    /// 503: the service is overloaded.
    Busy,
    /// 500: an error on the server.
    Internal,
}

impl<'a> ProblemPage<'a> {
    pub(in crate::pages) fn heading(&self) -> &'a Sentence {
        let texts = self.layout.texts();
        match self.problem {
            Problem::NotFound => &texts.not_found_title,
            Problem::BadRequest => &texts.bad_request_title,
            Problem::StaleForm => &texts.stale_form_title,
            Problem::NoCookies => &texts.no_cookies_title,
            Problem::TooMany => &texts.too_many_title,
            Problem::Busy => &texts.busy_title,
            Problem::Internal => &texts.internal_title,
        }
    }

    pub(in crate::pages) fn retry_text(&self) -> Option<String> {
        self.retry_after.map(|seconds| self.layout.texts().retry_after.with("time", &self.layout.span(seconds)))
    }

    pub(in crate::pages) fn lead(&self) -> &'a Sentence {
        let texts = self.layout.texts();
        match self.problem {
            Problem::NotFound => &texts.not_found_lead,
            Problem::BadRequest => &texts.bad_request_lead,
            Problem::StaleForm => &texts.stale_form_lead,
            Problem::NoCookies => &texts.no_cookies_lead,
            Problem::TooMany => &texts.too_many_lead,
            Problem::Busy => &texts.busy_lead,
            Problem::Internal => &texts.internal_lead,
        }
    }
}
