//! The page that waits for the proof.

use password_reset::texts::Sentence;
use password_reset::{Choices, InboundMode, SeveralAccounts, UndeliveredCodes};

use super::start::ResetMethod;
use crate::pages::layout::Layout;
use crate::pages::qr::Qr;

/// The page that waits for the proof, and continues when it arrives.
///
/// It is the same for known and unknown accounts: it shows the typed identifier, and times and attempts of the reset.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct WaitPage<'a> {
    /// The layout, with a form token and the reset's name.
    pub layout: Layout<'a>,
    /// The reset method, to try again without typing.
    pub method: ResetMethod,
    /// The typed identifier, to try again without typing.
    pub typed: &'a str,
    /// The letters at the end of the email's subject.
    pub reference: &'a str,
    /// The stage of the reset, as its requester token may see it.
    pub stage: WaitStage,
    /// The expected proof.
    pub waits_for: WaitFor<'a>,
    /// Seconds until the reset expires.
    pub seconds_left: u64,
    /// What the application chose: which mails may come, the same for every address and number.
    pub choices: Choices,
    /// The remaining attempts at a code; at 0 there is no field.
    pub attempts_left: u32,
    /// Why the form is shown again.
    pub problem: Option<WaitProblem>,
}

/// The stage of a reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitStage {
    /// No proof has arrived.
    Waiting,
    /// The message was received, and a code or a link was sent back to the phone.
    MessageReceived,
    /// The account is proved, and the claim form continues.
    Proved,
    /// The reset has expired; the page offers to try again.
    Expired,
}

/// The proof that the page waits for.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum WaitFor<'a> {
    /// The link of an email, or its code of 8 digits.
    Mail,
    /// A code of 8 digits, sent by WhatsApp.
    WhatsAppCode,
    /// A message that the requester sends by WhatsApp.
    Message(MessageToSend<'a>),
}

/// The message that the requester sends by WhatsApp.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct MessageToSend<'a> {
    /// What happens once it is received.
    pub mode: InboundMode,
    /// The service number, `+62…`.
    pub number: &'a str,
    /// `kodeXXXXXX`.
    pub code: &'a str,
    /// The sentence that ends in the code, in the page's language.
    pub text: &'a str,
    /// `https://wa.me/…` with the sentence; also the content of the QR code.
    pub wa_me: &'a str,
    /// Whether `kodeXXXXXX` alone is accepted, so that the page shows only the code.
    pub bare_code: bool,
}

/// Why the waiting page is shown again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitProblem {
    /// The code has the wrong number of digits.
    UnreadableCode,
    /// The code was refused; one answer for every cause.
    WrongCode,
    /// The requester pressed "Continue" before a message was received.
    NotYet,
}

impl<'a> WaitPage<'a> {
    pub(in crate::pages) fn heading(&self) -> &'a Sentence {
        let texts = self.layout.texts();
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

    /// The remaining time in words; the script replaces it by a countdown.
    pub(in crate::pages) fn time_left(&self) -> String {
        self.layout.span(self.seconds_left)
    }

    pub(in crate::pages) fn failed(&self) -> bool {
        self.code_problem().is_some() || self.not_yet()
    }

    /// Whether the page still waits, and needs its script.
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

    /// An address with the name of this reset.
    pub(in crate::pages) fn watch_url(&self, path: &str) -> String {
        let url = self.layout.url(path);
        self.layout.reset.map_or_else(|| url.clone(), |reset| format!("{url}?reset={reset}"))
    }

    pub(in crate::pages) fn new_password_url(&self) -> String {
        self.watch_url("/new")
    }

    /// Whether the link in a mail is to be expected too.
    pub(in crate::pages) fn mails_instead(&self) -> bool {
        let mails = self.choices.undelivered_codes == UndeliveredCodes::Mail;
        mails && matches!(self.waits_for, WaitFor::WhatsAppCode)
    }

    /// Whether the service has answered the message, so that nothing is left to send.
    pub(in crate::pages) fn message_received(&self) -> bool {
        let answered = matches!(self.waits_for, WaitFor::Message(message) if !message.moves_on());
        answered && self.stage == WaitStage::MessageReceived
    }

    /// What has happened so far, in one sentence.
    pub(in crate::pages) fn done_so_far(&self) -> String {
        let texts = self.layout.texts();
        let sentence = match (self.waits_for, self.method) {
            (WaitFor::Mail, ResetMethod::Username) => &texts.mail_to_username,
            (WaitFor::Mail, _) if self.mail_may_list() => &texts.mail_to_email_list,
            (WaitFor::Mail, _) => &texts.mail_to_email,
            (WaitFor::WhatsAppCode, _) => &texts.code_sent_to,
            (WaitFor::Message(_), _) => &texts.message_lead,
        };
        sentence.with("typed", &self.typed_shown())
    }

    /// Whether the mail may be a list of accounts, which has links alone.
    fn mail_may_list(&self) -> bool {
        self.choices.several_accounts == SeveralAccounts::MailList && self.method == ResetMethod::Email
    }

    pub(in crate::pages) fn mail_code_title(&self) -> &'a Sentence {
        let texts = self.layout.texts();
        if self.mail_may_list() { &texts.mail_code_title_list } else { &texts.mail_code_title }
    }

    /// By what the requester knows the email of this reset.
    pub(in crate::pages) fn mail_reference(&self) -> String {
        self.layout.texts().mail_reference.with("reference", self.reference)
    }

    /// What to look at where no message comes.
    pub(in crate::pages) fn typo_hint(&self) -> String {
        self.layout.texts().missing_typo.with("typed", &self.typed_shown())
    }

    /// The typed identifier; a number is grouped for reading.
    pub(in crate::pages) fn typed_shown(&self) -> String {
        if self.method.is_phone() { grouped(self.typed) } else { self.typed.to_owned() }
    }

    pub(in crate::pages) fn attempts_text(&self) -> Option<String> {
        self.layout.attempts(self.attempts_left)
    }

    pub(in crate::pages) fn code_problem(&self) -> Option<&'a Sentence> {
        let texts = self.layout.texts();
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

    /// Whether the page claims the proof, instead of taking a code.
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

/// Groups an Indonesian number for reading: `+62 811 0000 0000`. Others stay as they are, because grouping differs by
/// country.
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
