//! Challenges: what a source that asks often must pass, so that its people are told from its programs.

mod gate;
mod proof_of_work;
mod widget;

use std::fmt;
use std::net::IpAddr;

use async_trait::async_trait;
use password_reset::PortError;

pub(crate) use self::gate::{Gate, Outcome, ToPass};
pub use self::proof_of_work::ProofOfWork;
pub(crate) use self::widget::Csp;
pub use self::widget::{Directive, Widget};

/// A challenge, such as a CAPTCHA, that a source must pass where [`Limits::challenge_from`](password_reset::Limits::challenge_from)
/// says so. Pages and API offer it there and nowhere else.
///
/// [`ProofOfWork`] needs no other service. `password-reset-captcha` has Turnstile and hCaptcha. For one of your own, say what
/// the page shows and check what comes back:
///
/// ```
/// use std::net::IpAddr;
///
/// use password_reset::{PortError, async_trait};
/// use password_reset_web::{Challenge, Directive, Widget};
///
/// #[derive(Debug)]
/// struct Own;
///
/// #[async_trait]
/// impl Challenge for Own {
///     fn widget(&self) -> Widget {
///         Widget::new("own", "https://captcha.example/widget.js")
///             .class("own-captcha")
///             .site_key("10000000-ffff-ffff-ffff-000000000001")
///             .answer_field("own-captcha-response")
///             .allow(Directive::Script, "https://captcha.example")
///             .allow(Directive::Frame, "https://captcha.example")
///     }
///
///     fn puzzle(&self, _source: IpAddr) -> Result<Option<String>, PortError> {
///         Ok(None)
///     }
///
///     async fn verify(&self, answer: &str, source: IpAddr) -> Result<bool, PortError> {
///         Ok(false) // ask the service
///     }
/// }
/// ```
///
/// # Contract
/// An answer counts once: `verify` accepts none a second time. The challenge is never the only limit.
///
/// # Failures
/// `verify` has three seconds. When it fails, panics or takes longer, the limits of that request are those of a service without a
/// challenge: an owner behind a busy address is not shut out by it, and a flood gets no more than the ordinary limits give. A line at
/// `error` with the target `password_reset::alert` says so, at most once a minute.
#[async_trait]
pub trait Challenge: fmt::Debug + Send + Sync + 'static {
    /// What the page shows, the same for every browser. Called once, when the pages are built.
    fn widget(&self) -> Widget;

    /// A new puzzle for a browser at this source; `None` where the widget's script gets its own.
    ///
    /// # Errors
    /// When there is none now; the response is a 503 with `Retry-After`.
    fn puzzle(&self, source: IpAddr) -> Result<Option<String>, PortError>;

    /// Whether a browser at this source passed. The answer comes from an unauthenticated client; it has 1 to 8,192 bytes.
    ///
    /// # Errors
    /// When it cannot be checked: see [above](#failures). Never for what a client sends.
    async fn verify(&self, answer: &str, source: IpAddr) -> Result<bool, PortError>;
}
