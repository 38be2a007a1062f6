//! Waiting for the proof.

use password_reset::InboundMode;

use super::{Ask, rendered_by};
use crate::pages::shell::Shell;

/// The page that waits for the proof, and moves on when it comes.
///
/// The same for every account, known or not (I5): it is made from what was typed and the reset's own times and tries.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct WaitPage<'a> {
    /// What every page has; with a form token and the reset's name.
    pub shell: Shell<'a>,
    /// How it was asked for, to ask again without typing.
    pub way: Ask,
    /// What was typed, to ask again without typing (R88).
    pub typed: &'a str,
    /// Where the reset stands, as its handle may see it.
    pub stage: WaitStage,
    /// What is waited for.
    pub waits_for: WaitFor<'a>,
    /// Seconds until it expires.
    pub seconds_left: u64,
    /// How many codes may still be typed; at 0 there is no field.
    pub tries_left: u32,
    /// Why the page is shown again.
    pub problem: Option<WaitProblem>,
}

/// Where the reset stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitStage {
    /// Nothing came yet.
    Waiting,
    /// The message came; a code or a link went back to the phone.
    Heard,
    /// It is proved: the claim form goes on.
    Proved,
    /// Its time is over: the form to ask again is what is left.
    Expired,
}

/// What is waited for.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum WaitFor<'a> {
    /// The link of a mail, or its code of 8 digits.
    Mail,
    /// A code of 8 digits that was sent by WhatsApp.
    WhatsAppCode,
    /// A message that the person sends by WhatsApp.
    Message(MessageToSend<'a>),
}

/// The message that the person sends by WhatsApp.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct MessageToSend<'a> {
    /// What happens once it came.
    pub mode: InboundMode,
    /// The service's own number, `+62…`.
    pub number: &'a str,
    /// `kodeXXXXXX`.
    pub code: &'a str,
    /// The sentence that ends in the code, in the page's language.
    pub text: &'a str,
    /// `https://wa.me/…`, with the sentence. Also what the QR code says.
    pub wa_me: &'a str,
    /// Whether `kodeXXXXXX` alone is taken, so that it can be shown as all there is to send.
    pub bare_code: bool,
}

/// Why the waiting page is shown again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitProblem {
    /// The code has not the right number of digits.
    UnreadableCode,
    /// The code is wrong, or was; one answer for every cause.
    WrongCode,
    /// "Continue" was pressed, and no message has come yet.
    NotYet,
}

rendered_by!(WaitPage, wait);
