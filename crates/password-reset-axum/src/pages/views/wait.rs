//! Waiting for the proof.

use password_reset::InboundMode;

use super::{Ask, rendered_by};
use crate::pages::qr::Qr;
use crate::pages::shell::Shell;
use crate::pages::texts::Sentence;

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
    pub attempts_left: u32,
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
    MessageReceived,
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

impl<'a> WaitPage<'a> {
    pub(in crate::pages) fn heading(&self) -> &'a Sentence {
        let texts = self.shell.texts();
        match (self.stage, self.waits_for) {
            (WaitStage::Proved, _) => &texts.proved_title,
            (WaitStage::Expired, _) => &texts.over_title,
            (_, WaitFor::Mail) => &texts.mail_title,
            (_, WaitFor::WhatsAppCode) => &texts.code_sent_title,
            (WaitStage::MessageReceived, WaitFor::Message(message)) if message.types_back() => {
                &texts.reply_received_title
            }
            (WaitStage::MessageReceived, WaitFor::Message(message)) if !message.moves_on() => {
                &texts.phone_received_title
            }
            (_, WaitFor::Message(message)) if message.bare_code => &texts.message_title,
            (_, WaitFor::Message(_)) => &texts.message_title_sentence,
        }
    }

    /// In words; the script counts it down to the second.
    pub(in crate::pages) fn time_left(&self) -> String {
        self.shell.span(self.seconds_left)
    }

    pub(in crate::pages) fn failed(&self) -> bool {
        self.code_problem().is_some() || self.not_yet()
    }

    /// Whether the page still waits, so that its script has something to do.
    pub(in crate::pages) fn watches(&self) -> bool {
        matches!(self.stage, WaitStage::Waiting | WaitStage::MessageReceived)
    }

    pub(in crate::pages) fn shows_mail_title(&self) -> bool {
        self.watches() && matches!(self.waits_for, WaitFor::Mail)
    }

    /// Whether a QR code stands beside the rest.
    pub(in crate::pages) fn is_wide(&self) -> bool {
        self.watches() && !self.message_received() && matches!(self.waits_for, WaitFor::Message(_))
    }

    /// An address that answers for this reset alone.
    pub(in crate::pages) fn watch_url(&self, path: &str) -> String {
        let url = self.shell.url(path);
        self.shell.reset.map_or_else(|| url.clone(), |reset| format!("{url}?reset={reset}"))
    }

    pub(in crate::pages) fn new_password_url(&self) -> String {
        self.watch_url("/new")
    }

    /// Whether a message was answered, so that there is nothing more to send.
    pub(in crate::pages) fn message_received(&self) -> bool {
        let answered = matches!(self.waits_for, WaitFor::Message(message) if !message.moves_on());
        answered && self.stage == WaitStage::MessageReceived
    }

    /// What was done, in one sentence.
    pub(in crate::pages) fn done_so_far(&self) -> String {
        let texts = self.shell.texts();
        let sentence = match (self.waits_for, self.way) {
            (WaitFor::Mail, Ask::Username) => &texts.mail_to_username,
            (WaitFor::Mail, _) => &texts.mail_to_email,
            (WaitFor::WhatsAppCode, _) => &texts.code_sent_to,
            (WaitFor::Message(_), _) => &texts.message_lead,
        };
        sentence.with("typed", self.typed_shown())
    }

    /// What was typed, grouped for reading if it is a number.
    pub(in crate::pages) fn typed_shown(&self) -> String {
        if self.way.is_phone() { grouped(self.typed) } else { self.typed.to_owned() }
    }

    pub(in crate::pages) fn attempts_text(&self) -> Option<String> {
        super::attempts_text(self.shell.texts(), self.attempts_left)
    }

    pub(in crate::pages) fn code_problem(&self) -> Option<&'a Sentence> {
        let texts = self.shell.texts();
        match self.problem {
            Some(WaitProblem::UnreadableCode) if self.takes_code() => Some(&texts.code_unreadable),
            Some(WaitProblem::WrongCode) if self.takes_code() => Some(&texts.code_wrong),
            _ => None,
        }
    }

    pub(in crate::pages) fn not_yet(&self) -> bool {
        self.problem == Some(WaitProblem::NotYet) && self.watches() && self.claims()
    }

    /// Whether there is a field for a code.
    fn takes_code(&self) -> bool {
        let typed_here = match self.waits_for {
            WaitFor::Mail | WaitFor::WhatsAppCode => true,
            WaitFor::Message(message) => message.types_back(),
        };
        typed_here && self.attempts_left > 0 && self.watches()
    }

    /// Whether a claim is what a proof leads to, and not a code.
    pub(in crate::pages) fn claims(&self) -> bool {
        matches!(self.waits_for, WaitFor::Message(message) if message.moves_on())
    }
}

impl MessageToSend<'_> {
    pub(in crate::pages) fn number_shown(&self) -> String {
        grouped(self.number)
    }

    pub(in crate::pages) fn qr(&self) -> Option<Qr> {
        Qr::new(self.wa_me)
    }

    pub(in crate::pages) fn moves_on(&self) -> bool {
        self.mode == InboundMode::PageAdvances
    }

    pub(in crate::pages) fn types_back(&self) -> bool {
        self.mode == InboundMode::TypeBack
    }
}

/// An Indonesian number in the groups in which people read it: `+62 811 0000 0000`. Others as they are, for the length
/// of a calling code and of groups differs by country.
fn grouped(number: &str) -> String {
    let Some(rest) = number.strip_prefix("+62").filter(|rest| rest.bytes().all(|byte| byte.is_ascii_digit())) else {
        return number.to_owned();
    };
    let mut shown = "+62".to_owned();
    for (at, digit) in rest.chars().enumerate() {
        if at == 0 || at == 3 || (at > 3 && at % 4 == 3) {
            shown.push(' ');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn numbers_are_grouped_for_reading() {
        assert_eq!(grouped("+6281100000000"), "+62 811 0000 0000");
        assert_eq!(grouped("+628110000000"), "+62 811 0000 000");
        assert_eq!(grouped("+62211234567"), "+62 211 2345 67");
        assert_eq!(grouped("+14150000000"), "+14150000000");
        assert_eq!(grouped("+62<b>"), "+62<b>");
    }
}
