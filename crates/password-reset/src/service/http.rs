//! How the errors of the verbs are answered over HTTP.

use std::time::Duration;

use crate::error::PortError;
use crate::hashing::PoolError;
use crate::service::admin::AdminRequestError;
use crate::service::contacts::ConfirmationError;
use crate::service::object::{CancelError, LockError};
use crate::service::proof::VerifyError;
use crate::service::request::RequestError;
use crate::service::set_password::SetPasswordError;
use crate::service::sign_in::SignInError;

/// When a port that failed may be there again.
const PORT_AGAIN: Duration = Duration::from_secs(5);

const BAD_REQUEST: Answer = (400, None);
const FORBIDDEN: Answer = (403, None);
const UNPROCESSABLE: Answer = (422, None);
const INTERNAL: Answer = (500, None);

/// The status, and when to try again.
type Answer = (u16, Option<Duration>);

trait Answered {
    fn answer(&self) -> Answer;
}

const fn too_many(retry_after: Duration) -> Answer {
    (429, Some(retry_after))
}

const fn busy(retry_after: Duration) -> Answer {
    (503, Some(retry_after))
}

impl Answered for PortError {
    fn answer(&self) -> Answer {
        if self.is_transient() { busy(PORT_AGAIN) } else { INTERNAL }
    }
}

impl Answered for PoolError {
    fn answer(&self) -> Answer {
        match self {
            Self::Busy { retry_after } => busy(*retry_after),
            Self::WorkerLost => busy(PORT_AGAIN),
            Self::Hash(_) => INTERNAL,
        }
    }
}

impl Answered for RequestError {
    fn answer(&self) -> Answer {
        match self {
            Self::PhoneNeeded => UNPROCESSABLE,
            Self::ChannelOff => BAD_REQUEST,
            Self::ChallengeRequired => FORBIDDEN,
            Self::TooMany { retry_after } => too_many(*retry_after),
            Self::Unavailable(error) => error.answer(),
        }
    }
}

impl Answered for VerifyError {
    fn answer(&self) -> Answer {
        match self {
            Self::Refused | Self::StepUpRequired(_) | Self::WrongPassword => FORBIDDEN,
            Self::TooMany { retry_after } => too_many(*retry_after),
            Self::Busy { retry_after } => busy(*retry_after),
            Self::Unavailable(error) => error.answer(),
        }
    }
}

impl Answered for SetPasswordError {
    fn answer(&self) -> Answer {
        match self {
            Self::Refused => FORBIDDEN,
            Self::Rejected { .. } => UNPROCESSABLE,
            Self::Busy { retry_after, .. } => busy(*retry_after),
            Self::Unavailable { error, .. } => error.answer(),
        }
    }
}

impl Answered for SignInError {
    fn answer(&self) -> Answer {
        match self {
            Self::WrongPassword => FORBIDDEN,
            Self::Busy { retry_after } => busy(*retry_after),
            Self::Unavailable(error) => error.answer(),
        }
    }
}

impl Answered for CancelError {
    fn answer(&self) -> Answer {
        match self {
            Self::Refused => FORBIDDEN,
            Self::Unavailable(error) => error.answer(),
        }
    }
}

impl Answered for LockError {
    fn answer(&self) -> Answer {
        match self {
            Self::Refused => FORBIDDEN,
            Self::Unavailable(error) => error.answer(),
        }
    }
}

impl Answered for ConfirmationError {
    fn answer(&self) -> Answer {
        match self {
            Self::ChannelOff => BAD_REQUEST,
            Self::NotSent { .. } => UNPROCESSABLE,
            Self::TooMany { retry_after } => too_many(*retry_after),
            Self::Unavailable(error) => error.answer(),
        }
    }
}

impl Answered for AdminRequestError {
    fn answer(&self) -> Answer {
        match self {
            Self::ChannelOff => BAD_REQUEST,
            Self::Denied => FORBIDDEN,
            Self::BadReason | Self::Disabled | Self::NoContact | Self::NotSent { .. } => UNPROCESSABLE,
            Self::TooMany { retry_after } => too_many(*retry_after),
            Self::Unavailable(error) => error.answer(),
        }
    }
}

macro_rules! answered {
    ($($error:ty),*) => {$(
        impl $error {
            /// The status of an answer over HTTP, for an application with routes of its own.
            #[must_use]
            pub fn status(&self) -> u16 {
                self.answer().0
            }

            /// When the same call may succeed, for `Retry-After`: whole seconds there, so round up. `None` when waiting does not
            /// help.
            #[must_use]
            pub fn retry_after(&self) -> Option<Duration> {
                self.answer().1
            }
        }
    )*};
}

answered!(
    PortError,
    PoolError,
    RequestError,
    VerifyError,
    SetPasswordError,
    SignInError,
    CancelError,
    LockError,
    ConfirmationError,
    AdminRequestError
);
