//! Every sentence of the pages.

mod english;
mod indonesian;
mod sentence;

pub use self::sentence::Sentence;

/// Declares [`Texts`] with one field a sentence, so that a language that misses one does not compile.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Every sentence of the pages in one language. An application changes the ones it wants:
        ///
        /// ```
        /// use password_reset_axum::Texts;
        ///
        /// let mut english = Texts::ENGLISH;
        /// english.ask_title = "Locked out?".into();
        /// ```
        ///
        /// Names in braces are filled in; a sentence may leave them out, and may not have others than the ones that its
        /// field names. Sentences are text, and escaped like any other.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Texts {
            $($(#[$doc])* pub $name: Sentence,)*
        }

        impl Texts {
            /// The sentences with the names of their fields.
            pub(super) fn entries(&self) -> Vec<(&'static str, &Sentence)> {
                vec![$((stringify!($name), &self.$name),)*]
            }
        }
    };
}

texts! {
    /// Before the title of a page whose form is shown again.
    error,
    /// Names the language links, for screen readers.
    language,
    /// Link to the contact address.
    help,
    /// Heading above the list of what is wrong in a form.
    summary_title,
    /// Said when a form is on its way.
    sending,
    /// A time in hours, two or more: `{n}`.
    hours,
    /// A time in minutes, two or more: `{n}`.
    minutes,
    /// A time of one minute.
    one_minute,
    /// A shorter time.
    under_a_minute,
    /// Before the time that is left.
    time_left,
    /// Button that copies what stands before it.
    copy,
    /// Said when it is copied.
    copied,
    /// Link to where people sign in.
    sign_in,
    /// Button or link that asks for a new message.
    ask_again,
    /// Button that goes on.
    continue_button,
    /// Heading of the ask page.
    ask_title,
    /// What to do, when an e-mail address is asked for.
    ask_email_lead,
    /// What to do, when a username is asked for.
    ask_username_lead,
    /// What to do, when a WhatsApp number is asked for that will send a code.
    ask_whatsapp_lead,
    /// What to do, when a WhatsApp number is asked for that will get a code.
    ask_whatsapp_code_lead,
    /// Names the links to the ways, for screen readers.
    ask_ways,
    /// Short name of the way.
    ask_by_email,
    /// Short name of the way.
    ask_by_username,
    /// Short name of the way.
    ask_by_whatsapp,
    /// Short name of the way.
    ask_by_whatsapp_code,
    /// Label of the field.
    ask_email_label,
    /// Label of the field.
    ask_username_label,
    /// Label of the field.
    ask_phone_label,
    /// An example below the field.
    ask_phone_hint,
    /// Button, when a link will be mailed.
    ask_link_button,
    /// Button, when a code will be sent.
    ask_code_button,
    /// Before the link to where people sign in.
    ask_remembered,
    /// When nothing was typed.
    ask_empty_email,
    /// When nothing was typed.
    ask_empty_username,
    /// When nothing was typed.
    ask_empty_phone,
    /// When it is no e-mail address.
    ask_bad_email,
    /// When it is no username.
    ask_bad_username,
    /// When it is no phone number.
    ask_bad_phone,
    /// Heading after a link was asked for.
    mail_title,
    /// The rest of that heading.
    mail_lead,
    /// What was done, for an e-mail address: `{typed}`.
    mail_to_email,
    /// What was done, for a username: `{typed}`.
    mail_to_username,
    /// What to do.
    mail_link,
    /// Heading above the code field.
    mail_code_title,
    /// Heading after a code was asked for.
    code_sent_title,
    /// What was done: `{typed}`.
    code_sent_to,
    /// Label of the field for a code of eight digits.
    code_label_8,
    /// Label of the field for a code of six digits.
    code_label_6,
    /// Below that field.
    code_hint,
    /// When it has not as many digits.
    code_unreadable,
    /// When it is not the code.
    code_wrong,
    /// When one more code can be typed.
    code_one_attempt_left,
    /// When more can be typed: `{n}`.
    code_attempts_left,
    /// When none can be typed any more, and a link may still work.
    code_no_attempts_left,
    /// The same where there is no link.
    code_no_attempts_left_phone,
    /// Summary of what helps when no message comes.
    missing_title,
    /// Help.
    missing_spam,
    /// Help.
    missing_whatsapp,
    /// Help: `{typed}`.
    missing_typo,
    /// Help, before the button that asks again.
    missing_again,
    /// Link to the empty ask page.
    start_over,
    /// Heading of the page that shows the code to send.
    message_title,
    /// The same where the code alone is not enough.
    message_title_sentence,
    /// What to do: `{typed}` is the number that was typed.
    message_lead,
    /// Before the service's number.
    message_number,
    /// Before the code.
    message_code,
    /// Before the whole message, where the code alone is not enough.
    message_text,
    /// Link that opens WhatsApp with the message.
    message_open,
    /// Added to it for screen readers.
    message_new_tab,
    /// Text of the QR code.
    message_qr,
    /// Below the QR code.
    message_scan,
    /// Summary of the hidden QR code on a phone.
    message_scan_title,
    /// Against being talked into it.
    message_warning,
    /// While nothing came, for the page that moves on.
    message_waiting,
    /// While nothing came, for the modes with a reply.
    message_waiting_reply,
    /// Button to go on by hand.
    message_sent_button,
    /// The same, in words, for browsers without script.
    message_no_script,
    /// When it was pressed too early.
    message_not_yet,
    /// Heading above the field for the code of the reply.
    reply_title,
    /// Heading when the message came and a code went back.
    reply_received_title,
    /// What happened and what to do then.
    reply_received,
    /// What happens next, when it goes on on the phone.
    phone_next,
    /// Heading when the message came and a link went back.
    phone_received_title,
    /// What happened and what to do then.
    phone_received,
    /// Heading when it is proved.
    proved_title,
    /// What to do then.
    proved_lead,
    /// Heading when the time is over.
    over_title,
    /// What to do then.
    over_lead,
    /// Heading where the link of a message lands.
    link_title,
    /// What to do, when the link was read.
    link_lead,
    /// What to do, when it must be pasted.
    link_paste_lead,
    /// Label of the field.
    link_label,
    /// Below that field.
    link_hint,
    /// When it is no such link.
    link_unreadable,
    /// Heading of the page for the second of two proofs.
    second_title,
    /// What to do, when a code went to another contact.
    second_code_lead,
    /// What to do, when it is a factor of the application's own.
    second_factor_lead,
    /// Label of the field for that factor.
    second_factor_label,
    /// Below that field.
    second_factor_hint,
    /// When nothing was typed there.
    second_factor_empty,
    /// When what was typed is wrong.
    second_wrong,
    /// Heading of the form.
    new_title,
    /// Which account it is for: `{typed}`.
    new_for,
    /// Names the field for password managers.
    new_username,
    /// Label of the field.
    new_label,
    /// Label of the second field.
    again_label,
    /// Above the rules, which go on from it.
    rules_title,
    /// Before a rule that is met, for screen readers.
    rule_met,
    /// Before a rule that is broken, for screen readers.
    rule_broken,
    /// Button that shows the password.
    show,
    /// Button that hides it again.
    hide,
    /// The same in full, for screen readers.
    show_label,
    /// The same in full, for screen readers.
    hide_label,
    /// Before the strength.
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
    /// When both entries are the same.
    again_same,
    /// While they differ.
    again_different,
    /// Button that sets the password.
    new_button,
    /// In the summary, when one rule is broken.
    new_refused,
    /// The same with more rules: `{n}`.
    new_refused_many,
    /// When too much is going on.
    new_busy,
    /// When the time is over.
    new_over,
    /// Heading when the password is set.
    done_title,
    /// What now.
    done_lead,
    /// Heading of “this was not me”.
    cancel_title,
    /// What it does.
    cancel_lead,
    /// Label of the box.
    cancel_sure,
    /// Button that cancels.
    cancel_button,
    /// When the box was not ticked.
    cancel_not_ticked,
    /// Heading when it is cancelled.
    cancelled_title,
    /// What now.
    cancelled_lead,
    /// Advice.
    cancelled_advice,
    /// Heading of “I did not change this password”.
    lock_title,
    /// What it does.
    lock_lead,
    /// Label of the box.
    lock_sure,
    /// Button that freezes the account.
    lock_button,
    /// When the box was not ticked.
    lock_not_ticked,
    /// Heading when the account is frozen.
    locked_title,
    /// What now.
    locked_lead,
    /// Above the ways to a new password.
    locked_ways,
    /// When there is no other way.
    locked_help,
    /// Heading when a link or code proves nothing.
    expired_title,
    /// Why that may be.
    expired_lead,
    /// Heading of 404.
    not_found_title,
    /// What to do.
    not_found_lead,
    /// Heading of 400 and its kin.
    bad_request_title,
    /// What to do.
    bad_request_lead,
    /// Heading of a form that is too old.
    stale_form_title,
    /// What to do.
    stale_form_lead,
    /// Heading of 429.
    too_many_title,
    /// Why.
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
    /// Link to the ask page.
    start_again,
}
