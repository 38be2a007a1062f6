//! A request that cannot be answered.

use super::rendered_by;
use crate::pages::shell::Shell;
use crate::pages::texts::Sentence;

/// A request that cannot be answered, and what to do now.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ProblemPage<'a> {
    /// What every page has.
    pub shell: Shell<'a>,
    /// What is wrong.
    pub problem: Problem,
    /// Seconds to wait, as `Retry-After` says, where it does.
    pub retry_after: Option<u64>,
}

/// What is wrong with a request, as far as the person can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Problem {
    /// 404: there is no such page.
    NotFound,
    /// 400, 405, 413, 415: not what a form of these pages sends.
    BadRequest,
    /// 403: the form's token is missing or old, or the request came from another site.
    StaleForm,
    /// 429: too many requests from here.
    TooMany,
    /// 503: too much is going on.
    Busy,
    /// 500: our own fault.
    Internal,
}

impl Problem {
    /// Every problem.
    pub const ALL: [Self; 6] =
        [Self::NotFound, Self::BadRequest, Self::StaleForm, Self::TooMany, Self::Busy, Self::Internal];
}

rendered_by!(ProblemPage, problem);

impl<'a> ProblemPage<'a> {
    pub(in crate::pages) fn heading(&self) -> &'a Sentence {
        let texts = self.shell.texts();
        match self.problem {
            Problem::NotFound => &texts.not_found_title,
            Problem::BadRequest => &texts.bad_request_title,
            Problem::StaleForm => &texts.stale_form_title,
            Problem::TooMany => &texts.too_many_title,
            Problem::Busy => &texts.busy_title,
            Problem::Internal => &texts.internal_title,
        }
    }

    pub(in crate::pages) fn retry_text(&self) -> Option<String> {
        self.retry_after.map(|seconds| self.shell.texts().retry_after.with("time", self.shell.span(seconds)))
    }

    pub(in crate::pages) fn lead(&self) -> &'a Sentence {
        let texts = self.shell.texts();
        match self.problem {
            Problem::NotFound => &texts.not_found_lead,
            Problem::BadRequest => &texts.bad_request_lead,
            Problem::StaleForm => &texts.stale_form_lead,
            Problem::TooMany => &texts.too_many_lead,
            Problem::Busy => &texts.busy_lead,
            Problem::Internal => &texts.internal_lead,
        }
    }
}
