//! Failures as clients see them: the one place that maps errors to responses.

use std::time::Duration;

use http::StatusCode;
use password_reset::policy::Violations;
use password_reset::secret::Malformed;
use password_reset::{CancelError, LockError, PortError, RequestError, SetPasswordError, VerifyError};

use crate::challenge::ToPass;
use crate::pages::{Problem, RenderError};

/// Why a request fails. Reveals nothing about accounts, and holds no text of the request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Failure {
    /// There is no page at this path.
    NotFound,
    /// The path takes these methods and no others.
    MethodNotAllowed(&'static str),
    /// The body is of the wrong media type.
    MediaType,
    /// The body is too long.
    TooLarge,
    /// The body took too long to arrive.
    TooSlow,
    /// The body does not have the expected form.
    Malformed,
    /// The identifier is not of the form that its method needs.
    BadIdentifier,
    /// The site does not offer this reset method.
    ChannelOff,
    /// A page of another site sent the request, or a form whose token is missing or old.
    CrossSite,
    /// The browser keeps no cookies.
    NoCookies,
    /// The secret is invalid, expired, used, closed or unknown.
    Refused,
    /// The password breaks rules.
    Rejected(Violations),
    /// The client must pass the application's own challenge first; to an API client it is stated.
    ChallengeRequired(Option<Box<ToPass>>),
    /// Too many requests from this source.
    TooMany(Duration),
    /// The service is overloaded.
    Busy(Duration),
    /// A port failed with a transient error.
    Unavailable,
    /// An error on the server.
    Internal,
}

impl Failure {
    /// Every kind, for the tests.
    #[cfg(test)]
    pub(crate) fn all() -> Vec<Self> {
        vec![
            Self::NotFound,
            Self::MethodNotAllowed("GET"),
            Self::MediaType,
            Self::TooLarge,
            Self::TooSlow,
            Self::Malformed,
            Self::BadIdentifier,
            Self::ChannelOff,
            Self::CrossSite,
            Self::NoCookies,
            Self::Refused,
            Self::Rejected(Violations::default()),
            Self::ChallengeRequired(None),
            Self::TooMany(Duration::ZERO),
            Self::Busy(Duration::ZERO),
            Self::Unavailable,
            Self::Internal,
        ]
    }

    /// The stable name in problem documents.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::MethodNotAllowed(_) => "method_not_allowed",
            Self::MediaType => "unsupported_media_type",
            Self::TooLarge => "too_large",
            Self::TooSlow => "too_slow",
            Self::Malformed => "malformed",
            Self::BadIdentifier => "bad_identifier",
            Self::ChannelOff => "channel_off",
            Self::CrossSite => "cross_site",
            Self::NoCookies => "no_cookies",
            Self::Refused => "refused",
            Self::Rejected(_) => "password_rejected",
            Self::ChallengeRequired(_) => "challenge_required",
            Self::TooMany(_) => "too_many",
            Self::Busy(_) => "busy",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Malformed | Self::ChannelOff => StatusCode::BAD_REQUEST,
            Self::CrossSite | Self::NoCookies | Self::Refused | Self::ChallengeRequired(_) => StatusCode::FORBIDDEN,
            Self::BadIdentifier | Self::Rejected(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy(_) | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Whole seconds, rounded up, for `Retry-After`.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooMany(wait) | Self::Busy(wait) => {
                let more = u64::from(wait.subsec_nanos() > 0);
                Some(wait.as_secs().saturating_add(more).max(1))
            }
            Self::Unavailable => Some(5),
            _ => None,
        }
    }

    pub(crate) const fn problem(&self) -> Problem {
        match self {
            Self::NotFound => Problem::NotFound,
            Self::MethodNotAllowed(_)
            | Self::MediaType
            | Self::TooLarge
            | Self::TooSlow
            | Self::Malformed
            | Self::BadIdentifier
            | Self::ChannelOff
            | Self::Refused
            | Self::Rejected(_) => Problem::BadRequest,
            Self::CrossSite => Problem::StaleForm,
            Self::NoCookies => Problem::NoCookies,
            Self::TooMany(_) | Self::ChallengeRequired(_) => Problem::TooMany,
            Self::Busy(_) | Self::Unavailable => Problem::Busy,
            Self::Internal => Problem::Internal,
        }
    }
}

impl From<PortError> for Failure {
    fn from(error: PortError) -> Self {
        password_reset::log_bounded!(
            error,
            error = &error as &dyn std::error::Error,
            "request failed: a port is unavailable"
        );
        if error.is_transient() { Self::Unavailable } else { Self::Internal }
    }
}

impl From<Malformed> for Failure {
    fn from(_: Malformed) -> Self {
        Self::Refused
    }
}

impl From<RenderError> for Failure {
    fn from(error: RenderError) -> Self {
        password_reset::log_bounded!(error, error = &error as &dyn std::error::Error, "page template failed to render");
        Self::Internal
    }
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::ChannelOff => Self::ChannelOff,
            RequestError::ChallengeRequired => Self::ChallengeRequired(None),
            RequestError::TooMany { retry_after } => Self::TooMany(retry_after),
            RequestError::Unavailable(error) => error.into(),
            _ => Self::BadIdentifier,
        }
    }
}

impl From<VerifyError> for Failure {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::TooMany { retry_after } => Self::TooMany(retry_after),
            VerifyError::Busy { retry_after } => Self::Busy(retry_after),
            VerifyError::Unavailable(error) => error.into(),
            _ => Self::Refused,
        }
    }
}

impl From<SetPasswordError> for Failure {
    fn from(error: SetPasswordError) -> Self {
        match error {
            SetPasswordError::Rejected { violations, .. } => Self::Rejected(violations),
            SetPasswordError::Busy { retry_after, .. } => Self::Busy(retry_after),
            SetPasswordError::Unavailable { error, .. } => error.into(),
            _ => Self::Refused,
        }
    }
}

impl From<CancelError> for Failure {
    fn from(error: CancelError) -> Self {
        match error {
            CancelError::Unavailable(error) => error.into(),
            _ => Self::Refused,
        }
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Unavailable(error) => error.into(),
            _ => Self::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn same(failure: impl Into<Failure>, (status, retry_after): (u16, Option<Duration>)) {
        let failure = failure.into();
        assert_eq!(failure.status().as_u16(), status, "{failure:?}");
        assert_eq!(failure.retry_after(), retry_after.map(|after| after.as_secs()), "{failure:?}");
    }

    /// Every error of these, and what it says itself.
    macro_rules! same {
        ($($error:expr),* $(,)?) => {$(
            let error = $error;
            let says = (error.status(), error.retry_after());
            same(error, says);
        )*};
    }

    #[test]
    fn the_pages_answer_an_error_as_it_says_itself() {
        let retry_after = Duration::from_secs(7);
        same!(
            RequestError::PhoneNeeded,
            RequestError::ChannelOff,
            RequestError::ChallengeRequired,
            RequestError::TooMany { retry_after },
            VerifyError::Refused,
            VerifyError::WrongPassword,
            VerifyError::TooMany { retry_after },
            VerifyError::Busy { retry_after },
            SetPasswordError::Refused,
            CancelError::Refused,
            LockError::Refused,
        );
        for port in [|| PortError::transient("gone"), || PortError::permanent("broken")] {
            same!(
                port(),
                RequestError::Unavailable(port()),
                VerifyError::Unavailable(port()),
                CancelError::Unavailable(port()),
                LockError::Unavailable(port()),
            );
        }
        let says = |error: &PortError| (error.status(), error.retry_after());
        assert_eq!(says(&PortError::transient("gone")), (503, Some(Duration::from_secs(5))));
        assert_eq!(says(&PortError::permanent("broken")), (500, None));
        assert_eq!(RequestError::TooMany { retry_after }.retry_after(), Some(retry_after));
    }
}
