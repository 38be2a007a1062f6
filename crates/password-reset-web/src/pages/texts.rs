//! The texts of the pages.

use password_reset::Language;
use password_reset::texts::Sentence;

/// Declares [`Texts`] with one field a sentence: a template that names another does not compile.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// All sentences of the pages in one language, each of which stands in its file as `page-` and the name of the field:
        /// `start_title` is `page-start-title`. Values in braces are filled in. Sentences are plain text: escape them.
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub struct Texts {
            $($(#[$doc])* pub $name: Sentence,)*
        }

        impl Texts {
            pub(super) fn new(language: &Language) -> Self {
                let sentence = |name: &str| language.sentence(&format!("page-{}", name.replace('_', "-"))).clone();
                Self { $($name: sentence(stringify!($name)),)* }
            }

            /// The sentences with the names of their fields.
            #[cfg(test)]
            pub(super) fn entries(&self) -> Vec<(&'static str, &Sentence)> {
                vec![$((stringify!($name), &self.$name),)*]
            }
        }
    };
}

texts! {
    /// Prefix of the title of a page whose form is shown again.
    error,
    /// Name of the language links, for screen readers.
    language,
    /// Link to the contact address.
    help,
    /// Heading of the error summary of a form.
    summary_title,
    /// Announced while a form is being sent.
    sending,
    /// Label of the remaining time.
    time_left,
    /// Button that copies the text before it.
    copy,
    /// Announced when the text is copied.
    copied,
    /// Link to the sign-in page.
    sign_in,
    /// Button or link that starts again.
    try_again,
    /// Button or link that sends the message again.
    send_again,
    /// Button that continues.
    continue_button,
    /// Heading of the start page.
    start_title,
    /// Instruction for an email address.
    start_email_lead,
    /// Instruction for a username.
    start_username_lead,
    /// Instruction for a WhatsApp number from which a code is sent.
    start_whatsapp_lead,
    /// Instruction for a WhatsApp number to which a code is sent.
    start_whatsapp_code_lead,
    /// Name of the links to the methods, for screen readers.
    start_methods,
    /// Short name of the method.
    start_by_email,
    /// Short name of the method.
    start_by_username,
    /// Short name of the method.
    start_by_whatsapp,
    /// Short name of the method.
    start_by_whatsapp_code,
    /// Label of the field.
    start_email_label,
    /// Label of the field.
    start_username_label,
    /// Label of the field.
    start_phone_label,
    /// An example below the field.
    start_phone_hint,
    /// Button, when a link will be sent.
    start_link_button,
    /// Button, when a code will be sent.
    start_code_button,
    /// Button, when the requester will send a message.
    start_message_button,
    /// Before the link to the sign-in page.
    start_remembered,
    /// Error: the field is empty.
    start_empty_email,
    /// Error: the field is empty.
    start_empty_username,
    /// Error: the field is empty.
    start_empty_phone,
    /// Error: not an email address.
    start_bad_email,
    /// Error: not a username.
    start_bad_username,
    /// Error: not a phone number.
    start_bad_phone,
    /// Heading of the page with the challenge.
    challenge_title,
    /// Why it comes, where the browser passes it by itself.
    challenge_lead,
    /// Why it comes, where the requester passes it.
    challenge_widget_lead,
    /// While the browser works.
    challenge_checking,
    /// When the browser is done: `{button}`.
    challenge_checked,
    /// Error: no answer, or a wrong one.
    challenge_failed,
    /// Where the browser cannot do it: `{time}`.
    challenge_stuck,
    /// Where no script runs: `{time}`.
    challenge_no_script,
    /// Below the widget of another service, which may not load: `{time}`.
    challenge_missing,
    /// Heading after a link was requested.
    mail_title,
    /// The rest of that heading.
    mail_lead,
    /// What happened, for an email address: `{typed}`.
    mail_to_email,
    /// The same, where the mail may be a list of accounts: `{typed}`.
    mail_to_email_list,
    /// What happened, for a username: `{typed}`.
    mail_to_username,
    /// What to do.
    mail_link,
    /// By what the email is known: `{reference}`.
    mail_reference,
    /// Label of the remaining time of the link; the code on the same page may expire earlier.
    mail_time_left,
    /// Heading above the code field.
    mail_code_title,
    /// The same, where the mail may be a list of accounts, which has no code.
    mail_code_title_list,
    /// Heading after a code was requested.
    code_sent_title,
    /// What happened: `{typed}`.
    code_sent_to,
    /// Label of the field for a code of eight digits.
    code_label_8,
    /// Label of the field for a code of six digits.
    code_label_6,
    /// Below that field.
    code_hint,
    /// Error: the wrong number of digits.
    code_unreadable,
    /// Error: the code was refused.
    code_wrong,
    /// Attempts are left: `{n}`.
    code_attempts_left,
    /// No attempt is left, and a link may still work.
    code_no_attempts_left,
    /// No attempt is left, and there is no link.
    code_no_attempts_left_phone,
    /// Title of the help for missing messages.
    missing_title,
    /// Help.
    missing_spam,
    /// Help.
    missing_whatsapp,
    /// Help: a mail in place of a code.
    missing_mail_instead,
    /// Help: `{typed}`.
    missing_typo,
    /// Help, before the button that starts again.
    missing_again,
    /// Link to the empty start page.
    start_over,
    /// Heading of the page that shows the code to send.
    message_title,
    /// Heading where the whole sentence must be sent.
    message_title_sentence,
    /// Instruction; `{typed}` is the typed number.
    message_lead,
    /// Label of the service number.
    message_number,
    /// Label of the code.
    message_code,
    /// Label of the message, where the whole sentence must be sent.
    message_text,
    /// Link that opens WhatsApp with the message.
    message_open,
    /// Addition to that link, for screen readers.
    message_new_tab,
    /// Alternative text of the QR code.
    message_qr,
    /// Below the QR code.
    message_scan,
    /// Summary of the hidden QR code on a phone.
    message_scan_title,
    /// Warning against an attacker who asks the user to send it.
    message_warning,
    /// While waiting, in the mode in which the page continues.
    message_waiting,
    /// While waiting, in the modes with a reply.
    message_waiting_reply,
    /// Button that checks for the message.
    message_sent_button,
    /// Instruction for browsers without script.
    message_no_script,
    /// Error: no message received yet.
    message_not_yet,
    /// Heading above the field for the code of the reply.
    reply_title,
    /// Heading when the message was received and a code was sent back.
    reply_received_title,
    /// What happened, and what to do now.
    reply_received,
    /// What happens next, in the mode that continues on the phone.
    phone_next,
    /// Heading when the message was received and a link was sent back.
    phone_received_title,
    /// What happened, and what to do now.
    phone_received,
    /// Heading when the account is proved.
    proved_title,
    /// What to do now.
    proved_lead,
    /// Heading when the reset has expired.
    over_title,
    /// What to do now.
    over_lead,
    /// Heading of the page that the link of a message opens.
    link_title,
    /// Instruction, when the script has read the link.
    link_lead,
    /// Instruction, when the user must paste the link.
    link_paste_lead,
    /// Label of the field.
    link_label,
    /// Below that field.
    link_hint,
    /// Error: not a link of this kind.
    link_unreadable,
    /// Heading of the step-up page.
    step_up_title,
    /// Instruction, when a code was sent to another contact.
    step_up_code_lead,
    /// Instruction for a second factor of the application's own.
    step_up_factor_lead,
    /// Label of the field for that factor.
    step_up_factor_label,
    /// Below that field.
    step_up_factor_hint,
    /// Error: the field is empty.
    step_up_factor_empty,
    /// Error: the proof was refused.
    step_up_wrong,
    /// Heading of the form.
    new_title,
    /// The account: `{typed}`.
    new_for,
    /// Name of the field for password managers.
    new_username,
    /// Label of the field.
    new_label,
    /// Label of the second field.
    again_label,
    /// Start of the sentences that the rules complete.
    rules_title,
    /// Prefix of a rule that is met, for screen readers.
    rule_met,
    /// Prefix of a rule that is broken, for screen readers.
    rule_broken,
    /// Button that shows the password.
    show,
    /// Button that hides it again.
    hide,
    /// The button in full, for screen readers.
    show_label,
    /// The button in full, for screen readers.
    hide_label,
    /// Label of the strength.
    strength,
    /// Strength 0 of 4.
    strength_0,
    /// Strength 1 of 4.
    strength_1,
    /// Strength 2 of 4.
    strength_2,
    /// Strength 3 of 4.
    strength_3,
    /// Strength 4 of 4.
    strength_4,
    /// Both entries match.
    again_same,
    /// The entries differ.
    again_different,
    /// Error: the entries differ.
    again_wrong,
    /// Button that sets the password.
    new_button,
    /// Summary when rules are broken: `{n}`.
    new_refused,
    /// Error: the service is overloaded.
    new_busy,
    /// Error: the grant has expired.
    new_over,
    /// Heading when the new password is in force.
    done_title,
    /// What to do now.
    done_lead,
    /// Heading of the cancel page.
    cancel_title,
    /// What it does.
    cancel_lead,
    /// Label of the box.
    cancel_confirm,
    /// Button that cancels.
    cancel_button,
    /// Error: the box is not ticked.
    cancel_not_ticked,
    /// Heading when the request is cancelled.
    cancelled_title,
    /// What to do now.
    cancelled_lead,
    /// Advice.
    cancelled_advice,
    /// Heading when the request can no longer be cancelled.
    not_cancelled_title,
    /// Possible causes, and what to do.
    not_cancelled_lead,
    /// Heading of the lock page.
    lock_title,
    /// What it does.
    lock_lead,
    /// Label of the box.
    lock_confirm,
    /// Button that locks the account.
    lock_button,
    /// Error: the box is not ticked.
    lock_not_ticked,
    /// Heading when the account is locked.
    locked_title,
    /// What to do now.
    locked_lead,
    /// Above the links to other methods.
    locked_methods,
    /// When there is no other method.
    locked_help,
    /// Heading when a lock link is no longer valid.
    not_locked_title,
    /// Possible cause, and what to do.
    not_locked_lead,
    /// Link to the start page.
    not_locked_button,
    /// Heading of the one answer to secrets that prove nothing.
    expired_title,
    /// Possible causes.
    expired_lead,
    /// Heading of 404.
    not_found_title,
    /// What to do.
    not_found_lead,
    /// Heading of 400, 405, 408, 413 and 415.
    bad_request_title,
    /// What to do.
    bad_request_lead,
    /// Heading of 403.
    stale_form_title,
    /// What to do.
    stale_form_lead,
    /// Heading when the browser keeps no cookies.
    no_cookies_title,
    /// What to do.
    no_cookies_lead,
    /// Heading of 429.
    too_many_title,
    /// What to do.
    too_many_lead,
    /// Heading of 503.
    busy_title,
    /// What to do.
    busy_lead,
    /// Heading of 500.
    internal_title,
    /// What to do.
    internal_lead,
    /// When to try again: `{time}`.
    retry_after,
    /// Link to the start page.
    start_again,
}
