//! A request that cannot be answered.

use super::rendered_by;
use crate::pages::shell::Shell;

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
