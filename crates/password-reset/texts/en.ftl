### Every sentence in English. The other languages have the same keys and placeholders; see CONTRIBUTING.md.
### The words: “reset”, “link”, “code”, “sign in”, “account”. Names of buttons in title case, sentences with a full stop.

## The language itself

language-name = English
language-direction = ltr

## Times and durations

time = { $day } { $month } { $year } at { $hour }:{ $minute } { $zone }
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
span-days = { $n ->
    [one] 1 day
   *[other] { $n } days
}
span-hours = { $n ->
    [one] 1 hour
   *[other] { $n } hours
}
span-minutes = { $n ->
    [one] 1 minute
   *[other] { $n } minutes
}
span-moment = less than a minute
# Joins two of them: 3 hours 25 minutes.
span-join = { $first } { $second }
list-join = { $first }, { $second }

## Password rules, in words that follow “The password”

rule-min-length = must have at least { $n } characters
rule-max-length = must have at most { $n } characters
rule-max-bytes = must not be longer than { $n } bytes
rule-upper = must include an uppercase letter
rule-lower = must include a lowercase letter
rule-letter = must include a letter
rule-digit = must include a number
rule-symbol = must include a symbol
rule-not-current = must be different from your current password
rule-not-earlier = { $n ->
    [one] must be different from your previous password
   *[other] must be different from your { $n } previous passwords
}
rule-not-common = must not be a common password
rule-not-breached = must not have appeared in a data breach
rule-not-context = must not be based on your account details or the name of this service
rule-strength = must be hard to guess
rule-confirmed = must be entered twice
rule-max-age = must be changed every { $n } days
violation-too-common = is too common
violation-breached = has appeared in a data breach
violation-too-weak = is too easy to guess
violation-not-confirmed = does not match in both fields

## Why a password is easy to guess

warning-key-rows = Rows of keys on the keyboard, like “qwerty”, are easy to guess.
warning-keyboard-pattern = Short keyboard patterns are easy to guess.
warning-repeated-character = Repeats like “aaa” are easy to guess.
warning-repeated-sequence = Repeats like “abcabcabc” are only slightly harder to guess than “abc”.
warning-top-10 = This is one of the ten most used passwords.
warning-top-100 = This is one of the hundred most used passwords.
warning-common = This is a very common password.
warning-similar-to-common = This is similar to a commonly used password.
warning-sequence = Sequences like “abc” or “6543” are easy to guess.
warning-year = Recent years are easy to guess.
warning-word = A word by itself is easy to guess.
warning-date = Dates are often easy to guess.
warning-own-name = A name by itself is easy to guess.
warning-common-name = Common names are easy to guess.

## How to choose a better one

advice-few-words = Use a few words, but avoid common phrases.
advice-no-classes-needed = More words help more than symbols, numbers or uppercase letters.
advice-add-words = Add another word or two. Uncommon words are better.
advice-capital-first = A capital letter at the start helps little.
advice-all-uppercase = All uppercase is almost as easy to guess as all lowercase.
advice-reversed = Words spelt backwards are not much harder to guess.
advice-substitutions = Substitutions like “@” for “a” help little.
advice-longer-pattern = Use a longer keyboard pattern with more turns.
advice-no-repeats = Avoid repeated words and characters.
advice-no-sequences = Avoid sequences.
advice-no-recent-years = Avoid recent years.
advice-no-own-years = Avoid years that are linked to you.
advice-no-own-dates = Avoid dates and years that are linked to you.

## What became of the last message to an account, for administrators

delivery-email-taken = The mail server accepted the last message. Ask the account owner to check the spam folder.
delivery-whatsapp-taken = WhatsApp accepted the last message. The phone may be off.
delivery-arrived = The last message was delivered.
delivery-delayed = The last message is delayed. We will send it again.
delivery-no-such-address = The email address does not exist. Correct it.
delivery-no-such-domain = The part after the @ does not exist or accepts no email. Correct the address.
delivery-closed = The email address is closed. Enter a different one.
delivery-full = The inbox is full. Ask the account owner to free some space.
delivery-content = The mail server does not accept this kind of message. Ask an operator to check the log.
delivery-unreachable = The mail server of this address does not answer. Check the address, then try again.
delivery-ours = The mail server refuses messages from this service. Ask an operator to check the log.
delivery-complaint = The recipient marked a message as spam. Ask the account owner to move it out of the spam folder.
delivery-suppressed = The email service no longer sends to this address. Ask an operator to release it there.
delivery-email-refused = The last message was rejected. Check the address, then try again.
delivery-no-such-number = The number is not on WhatsApp. Correct it.
delivery-whatsapp-refused = WhatsApp did not deliver the last message. Check the number, then try again.
delivery-given-up = The last message could not be sent in time. Try again.
not-sent-disabled = No message was sent. The account is disabled.
not-sent-no-contact = No message was sent. The account has no confirmed contact. Add one.
not-sent-locked = No message was sent. The account was locked by its owner.
not-sent-limit-reached = No message was sent. There were several already. Use the last one, or wait.

## The message that a person sends by WhatsApp; a code stands behind it

message-to-send = I am resetting my password at { $name }. Never send this message because someone told you to.

## What mails and WhatsApp messages say of the account and the device

message-account = Account: { $account }
message-device = Device: { $device }.

## Replies to it

reply-code =
    { $name }: someone requested a password reset for your account. If this is you, enter { $code } on the page where you started, within { $lives }.

    Not you, or did someone tell you to send that message? Do not share this code with anyone.

    Cancel this request: { $cancel }
reply-link =
    { $name }: someone requested a password reset for your account. If this is you, open this link within { $lives }:
    { $link }

    Not you, or did someone tell you to send that message? Ignore this message and do not share the link with anyone.

    Cancel this request: { $cancel }

## What gateways without templates send by WhatsApp

chat-code =
    { $name }: someone requested a password reset for your account. If this is you, enter { $code } on the page where you started, within { $lives }.

    Not you? Do not share this code with anyone.

    Cancel this request: { $cancel }
chat-step-up =
    { $name }: enter { $code } to finish the password reset that you started, within { $lives }.

    Not you? Do not share this code with anyone.

    Cancel this request: { $cancel }
chat-confirm =
    Someone asked on { $time } to use this number for their account at { $name }. If this was you, confirm it: { $link }

    If not, ignore this message.
chat-admin-link =
    An administrator of { $name } asked you on { $time } to create a new password: { $link }

    Not expecting it? Cancel: { $cancel }

    Do not share this message.
chat-changed-lock =
    Your password for { $name } was changed on { $time }.

    Not you? Lock your account now: { $link }
chat-changed =
    Your password for { $name } was changed on { $time }.

    Not you? Create a new password now: { $link }
chat-proved =
    A WhatsApp message from your number approved a password reset for { $name } on { $time }.

    Not you, or did someone tell you to send it? Cancel it: { $link }
chat-code-requested =
    A password reset code for { $name } was sent to another number of yours on { $time }.

    Not you? Cancel the request: { $link }
chat-admin-requested =
    An administrator of { $name } started a password reset for your account on { $time }. The link went to your other contact.

    Not expecting it? Cancel it: { $link }
chat-cancelled =
    Your password reset for { $name }, requested on { $time }, was cancelled. Your password has not changed.

    Still need a new one? { $link }
chat-contact-changed = This number was removed from your account at { $name } on { $time }. Not you? Contact { $name } right away.
chat-locked =
    Your account at { $name } was locked on { $time }.

    To use it again, create a new password: { $link }

## Pages

page-error = Error:
page-language = Language
page-help = Need help?
page-summary-title = There is a problem
page-sending = One moment…
page-time-left = Time left
page-copy = Copy
page-copied = Copied
page-sign-in = Sign In
page-try-again = Try Again
page-send-again = Send Again
page-continue-button = Continue
page-start-title = Forgot Password
page-start-email-lead = Enter your account's email address. We will send you a link to create a new password.
page-start-username-lead = Enter your username. We will send a link to your account's email address.
page-start-whatsapp-lead = Enter your WhatsApp number. Next, you will send us a code from that number.
page-start-whatsapp-code-lead = Enter your WhatsApp number. We will send you a code.
page-start-methods = How to reset your password
page-start-by-email = Email
page-start-by-username = Username
page-start-by-whatsapp = WhatsApp
page-start-by-whatsapp-code = Code by WhatsApp
page-start-email-label = Email Address
page-start-username-label = Username
page-start-phone-label = WhatsApp Number
page-start-phone-hint = For example 0812 0000 0001 or +62 812 0000 0001
page-start-link-button = Send Link
page-start-code-button = Send Code
page-start-message-button = Continue
page-start-remembered = Remember your password?
page-start-empty-email = Enter your email address.
page-start-empty-username = Enter your username.
page-start-empty-phone = Enter your WhatsApp number.
page-start-bad-email = Enter a full email address, like name@example.com.
page-start-bad-username = Check your username. It cannot start or end with a space.
page-start-bad-phone = Enter a full WhatsApp number, like 0812 0000 0001.
page-challenge-title = A quick check
page-challenge-lead = We are getting many requests right now, so we check your browser first.
page-challenge-widget-lead = We are getting many requests right now. Complete this check to continue.
page-challenge-checking = Checking your browser… This takes a few seconds.
page-challenge-checked = Check complete. Press { $button } to continue.
page-challenge-failed = The check was not completed. Try again.
page-challenge-stuck = This check does not work in your browser. Use another browser, or wait { $time } and try again.
page-challenge-no-script = This check needs JavaScript. Turn it on, or wait { $time } and try again.
page-challenge-missing = No check here? Use another browser, or wait { $time } and try again.
page-mail-title = Request Success,
page-mail-lead = Please check your email to change your password
page-mail-to-email = If there is an account for { $typed }, we will email a link and a code to that address.
page-mail-to-email-list = If there is an account for { $typed }, we will email a link to that address.
page-mail-to-username = If there is an account named { $typed }, we will email a link and a code to its address.
page-mail-link = Open the link in the email, on this or any other device.
page-mail-reference = The subject of the email ends in ({ $reference }).
page-mail-time-left = Link expires in
page-mail-code-title = Or enter the code from the email
page-mail-code-title-list = If the email has a code, enter it here
page-code-sent-title = Check your WhatsApp
page-code-sent-to = If { $typed } is registered, we will send a code to that number.
page-code-label-8 = 8-Digit Code
page-code-label-6 = 6-Digit Code
page-code-hint = Enter the code with or without the space.
page-code-unreadable = Enter every digit of the code.
page-code-wrong = This code is wrong or has expired. Check it, or request a new one.
page-code-attempts-left = { $n ->
    [one] 1 attempt left.
   *[other] { $n } attempts left.
}
page-code-no-attempts-left = Too many attempts. Use the link in the email, or send the email again.
page-code-no-attempts-left-phone = Too many attempts. Start again to get a new code.
page-missing-title = No message yet?
page-missing-spam = Check your spam folder. Email can take a few minutes.
page-missing-whatsapp = Check that this number is on WhatsApp. A message can take a minute.
page-missing-mail-instead = If WhatsApp cannot deliver the code, and the account has an email address, we will email a link there.
page-missing-typo = Check that { $typed } is correct.
page-missing-again = Still nothing? Send it again.
page-start-over = Try another way
page-message-title = Send this code by WhatsApp
page-message-title-sentence = Send this message by WhatsApp
page-message-lead = From { $typed }, send us the text below on WhatsApp. That is how we know it is you.
page-message-number = Our WhatsApp number
page-message-code = Your code
page-message-text = Message to send
page-message-open = Open WhatsApp
page-message-new-tab = opens in a new tab
page-message-qr = QR code that opens WhatsApp with the message to send
page-message-scan = Or scan this with the phone you use for WhatsApp.
page-message-scan-title = WhatsApp on another phone?
page-message-warning = Send this only if you requested it yourself. If someone told you to send it, close this page: they may be trying to take your account.
page-message-waiting = Waiting for your message. You will not get a reply. This page continues by itself.
page-message-waiting-reply = Waiting for your message…
page-message-sent-button = I Have Sent It
page-message-no-script = You will not get a reply. After sending, press the button below.
page-message-not-yet = We have not received your message yet. Wait a moment, then try again.
page-reply-title = Then enter the code from our reply
page-reply-received-title = Enter the code we sent you
page-reply-received = We received your message and replied with a code on WhatsApp.
page-phone-next = We will reply with a link. Open it on your phone to create your new password.
page-phone-received-title = Continue on your phone
page-phone-received = We received your message and replied with a link on WhatsApp. Open it to create your new password. You can close this page.
page-proved-title = Verification complete
page-proved-lead = Now create your new password.
page-over-title = Time is up
page-over-lead = This request has expired. Press the button to try again.
page-link-title = Almost there
page-link-lead = Press Continue to create your new password.
page-link-paste-lead = Copy the whole link from the message and paste it here.
page-link-label = Link from the Message
page-link-hint = The link starts with https:// and contains a #.
page-link-unreadable = This link is incomplete. Copy the whole link from the message.
page-step-up-title = One more step
page-step-up-code-lead = This account uses two-step verification. We are sending a code to your other contact. If you started with email, check WhatsApp. If you started with WhatsApp, check your email.
page-step-up-factor-lead = This account uses two-step verification. Enter the code you use to sign in.
page-step-up-factor-label = Verification Code
page-step-up-factor-hint = Use your authenticator app, or a recovery code.
page-step-up-factor-empty = Enter your verification code.
page-step-up-wrong = This code is wrong or has expired. Check it and try again.
page-new-title = Create New Password
page-new-for = For { $typed }
page-new-username = Account
page-new-label = New Password
page-again-label = Confirm New Password
page-rules-title = Your password
page-rule-met = Met:
page-rule-broken = Not met:
page-show = Show
page-hide = Hide
page-show-label = Show password
page-hide-label = Hide password
page-strength = Strength
page-strength-0 = very weak
page-strength-1 = weak
page-strength-2 = fair
page-strength-3 = good
page-strength-4 = strong
page-again-same = Passwords match
page-again-different = Passwords do not match yet
page-again-wrong = The passwords do not match. Enter the same password in both fields.
page-new-button = Create Password
page-new-refused = { $n ->
    [one] Your password has not been changed. Check the rule marked below.
   *[other] Your password has not been changed. Check the { $n } rules marked below.
}
page-new-busy = We are busy right now. Your password has not been changed. Enter the new password again in a moment.
page-new-over = Time is up. This form has expired.
page-done-title = Your password has been changed
page-done-lead = Sign in with your new password, on this and all your other devices.
page-cancel-title = Cancel this request?
page-cancel-lead = The link and the code will stop working. Your password stays the same.
page-cancel-confirm = I did not request this password reset
page-cancel-button = Cancel Request
page-cancel-not-ticked = Tick the box to confirm that you did not request this.
page-cancelled-title = Request cancelled
page-cancelled-lead = The link and the code no longer work. Your password has not been changed.
page-cancelled-advice = Getting messages like this often? Use a password that you use nowhere else.
page-not-cancelled-title = This request can no longer be cancelled
page-not-cancelled-lead = The request has expired, or a new password was already created with it. If your password was changed without you, press Lock My Account in the email about the change.
page-lock-title = Lock your account?
page-lock-lead = Do this if you did not change your password. The new password will stop working, and all devices will be signed out. You can then create a new password.
page-lock-confirm = I did not change this password
page-lock-button = Lock My Account
page-lock-not-ticked = Tick the box to confirm that you did not change the password.
page-locked-title = Your account is locked
page-locked-lead = The new password no longer works, and all devices are being signed out. Someone may be able to read your email or WhatsApp messages: secure them too.
page-locked-methods = To use your account again, create a new password another way:
page-locked-help = To use your account again, contact support.
page-not-locked-title = This lock link is no longer valid
page-not-locked-lead = The link has expired. If you did not change your password, create a new one now, or contact support.
page-not-locked-button = Reset Password
page-expired-title = This link or code is no longer valid
page-expired-lead = Links and codes work only once and for a short time. Start again to get a new one.
page-not-found-title = Page not found
page-not-found-lead = Check the address, or start again.
page-bad-request-title = We could not process your request
page-bad-request-lead = Go back, reload the page and try again.
page-stale-form-title = This page has expired
page-stale-form-lead = For your security, nothing was sent. Go back, reload the page and try again.
page-no-cookies-title = Your browser is blocking cookies
page-no-cookies-lead = This page needs cookies. Allow them in your browser settings, then start again.
page-too-many-title = Too many requests
page-too-many-lead = There were too many requests from your network. Wait a little before you try again.
page-busy-title = This is not available right now
page-busy-lead = Try again in a moment.
page-internal-title = Something went wrong on our side
page-internal-lead = Try again in a moment. If this keeps happening, contact support.
page-retry-after = Try again in { $time }.
page-start-again = Start Again

## Mails: what they have in common, then each

mail-greeting = Hello { $person },
mail-how = How: { $how }.
mail-footer = Automatic security email from { $name }.
mail-button-fails = If the button does not work, copy this link into your browser:
mail-cancel-open = To cancel the request, open this link:
mail-cancel-label = Cancel this request
mail-cancel-button = Cancel Request
mail-new-button = Create New Password
mail-new-open = To create a new password, open this link:
mail-new-open-page = To create a new password, open this page:
mail-reset-button = Reset Password
mail-not-you = Not you?
mail-do-not-share = Do not share this email.

mail-reset-subject = Reset your password for { $name }
mail-reset-preheader = The link works for { $lives }. Not you? You can ignore this email.
mail-reset-heading = Reset your password
mail-reset-asked = On { $time }, we received a request to reset the password of your account at { $name }.
mail-reset-now = If this was you, create a new password now.
mail-list-asked = On { $time }, we received a request to reset the password of an account at { $name }. Several accounts use this email address.
mail-list-now = If this was you, choose the account that needs a new password.
mail-list-ignore = You do not need to do anything. No password changes.
mail-lives-link = The link works for { $lives } after the request.
mail-lives-both = The link and the code work for { $lives } after the request.
mail-lives-each = The link works for { $lives } after the request, and the code for { $code-lives }.
mail-reset-code = Or enter this code on the page where you made the request:
mail-reset-ignore = You do not need to do anything. Your password stays the same.
mail-reset-share-link = Do not give the link to anyone, even someone who says they are from { $name }.
mail-reset-share-both = Do not give the link or the code to anyone, even someone who says they are from { $name }.

mail-confirm-subject = Confirm your email address for { $name }
mail-confirm-preheader = The link works for { $lives }. Not you? You can ignore this email.
mail-confirm-heading = Confirm your email address
mail-confirm-asked = On { $time }, someone asked to use this email address for their account at { $name }. Once confirmed, it receives the messages of that account and can reset its password.
mail-confirm-now = If this was you, confirm the address. The link works for { $lives } after the request.
mail-confirm-button = Confirm Email Address
mail-confirm-open = To confirm this address, open this link:
mail-confirm-ignore = You do not need to do anything. Nothing changes unless the link is used.

mail-admin-subject = Create a new password for { $name }
mail-admin-preheader = An administrator asked for it. The link works for { $lives }.
mail-admin-heading = Create a new password
mail-admin-asked = On { $time }, an administrator of { $name } asked you to create a new password for your account. Nothing changes until you do.
mail-admin-only-you = Only you will know the new password. The link works for { $lives } after the request.
mail-admin-unexpected = Not expecting this?
mail-admin-check = Check with your administrator before you open the link.
mail-admin-share = No administrator will ever ask you for this link or your password.

mail-step-up-subject = Your verification code for { $name }
mail-step-up-preheader = Enter it to finish your password reset. Do not share it.
mail-step-up-heading = Your verification code
mail-step-up-asked = One more step to reset the password of your account at { $name }, requested on { $time }. The code works for { $lives }.
mail-step-up-code = Enter this code on the page that asks for it:
mail-step-up-not-you = Someone else has completed the first step. Cancel the request, and do not give this code to anyone, even someone who says they are from { $name }.

notice-changed-subject = Your password for { $name } was changed
notice-changed-preheader = Not you? Create a new password now.
notice-changed-lock-preheader = Not you? Lock your account now.
notice-changed-heading = Your password was changed
notice-changed-at = The password of your account at { $name } was changed on { $time }. If this was you, you do not need to do anything.
notice-changed-lock = If this was not you, lock your account now. The new password will stop working, and all devices will be signed out. After that, you can create a new password another way. You do not need to sign in. The link works for { $lives } after the change.
notice-changed-lock-button = Lock My Account
notice-changed-lock-open = To lock your account, open this link:
notice-changed-no-lock = If this was not you, someone else may be using your account. Create a new password now, and change the password of your email account too.
notice-by-email = link or code from your email
notice-by-admin = link requested by an administrator
notice-by-whatsapp-code = code sent to your WhatsApp
notice-by-whatsapp = message from your WhatsApp number
notice-by-password = your previous password

notice-proved-subject = Password reset approved for { $name }
notice-proved-preheader = Approved by a WhatsApp message from your number. Not you? Cancel it now.
notice-proved-heading = Password reset approved
notice-proved-at = On { $time }, a WhatsApp message from your number approved a password reset for your account at { $name }. If this was you, you do not need to do anything.
notice-proved-not-you = If it was not you, or someone told you to send that message, cancel the request within { $lives }. Your password then stays the same.

notice-code-subject = Password reset code requested for { $name }
notice-code-preheader = We sent the code to your WhatsApp. Not you? Cancel the request.
notice-code-heading = We sent a code to your WhatsApp
notice-code-at = On { $time }, someone requested a password reset for your account at { $name }, and we sent a code to your WhatsApp number. That message does not say what the code is for: anyone who has it can create a new password. Do not share it.
notice-code-not-you = If it was not you, cancel the request within { $lives }. Your password then stays the same.

notice-admin-subject = An administrator started your password reset for { $name }
notice-admin-preheader = The link went to another of your contacts. Not expecting it? Cancel it.
notice-admin-heading = An administrator started your password reset
notice-admin-at = On { $time }, an administrator of { $name } asked you to create a new password. The link went to another email address or WhatsApp number of yours. If you were expecting it, you do not need to do anything here.
notice-admin-not-you = If you were not expecting it, or have lost access to that contact, cancel the request within { $lives }. Your password then stays the same.

notice-cancelled-subject = Password reset cancelled for { $name }
notice-cancelled-preheader = Your password has not changed.
notice-cancelled-heading = Password reset cancelled
notice-cancelled-at = The password reset for your account at { $name }, requested on { $time }, was cancelled with a link from one of our messages. Your password has not changed.
notice-cancelled-again = If you still need a new password, start again.
notice-cancelled-open = To start again, open this page:

notice-locked-subject = Your account at { $name } is locked
notice-locked-preheader = Create a new password to use it again.
notice-locked-heading = Your account is locked
notice-locked-at = On { $time }, your account at { $name } was locked with a link from one of our messages. The last password no longer works, and all devices are being signed out.
notice-locked-by-email = To use your account again, create a new password another way, for example with your WhatsApp number. Reset by email is off until then, because someone else may be able to read your email.
notice-locked-by-whatsapp = To use your account again, create a new password another way, for example with your email address. Reset by WhatsApp is off until then, because someone else may have access to your number.
notice-locked-other = To use your account again, create a new password that you have never used before.
notice-locked-no-way = Need help?
notice-locked-contact = Contact { $name }. An administrator can start a reset for you.

notice-contact-subject = Your email address was removed from { $name }
notice-contact-preheader = Not you? Contact { $name } right away.
notice-contact-heading = Your email address was removed
notice-contact-at = On { $time }, this email address was removed from your account at { $name }. If this was you, you do not need to do anything.
notice-contact-not-you = If this was not you, someone else may be using your account. You can no longer reset its password with this address, so contact { $name } right away.

## Problems of the API, for programmers

problem-not-found = There is no resource at this address. See openapi.json.
problem-method-not-allowed = This method is not allowed here. Use one of the methods in the Allow header.
problem-media-type = Send the body as application/json.
problem-too-large = The body is too large. Send less.
problem-too-slow = The body took too long to arrive. Send it again.
problem-malformed = The body does not match the schema. See openapi.json.
problem-bad-identifier = This is not a valid email address, username or phone number. Check it and try again.
problem-channel-off = This way to reset a password is not available. Use another one.
problem-cross-site = The request came from another site, or its form token is missing or has expired. Reload and try again.
problem-no-cookies = Send the cookies that were set.
problem-refused = This link or code is wrong, used or expired. Request a new one.
problem-rejected = The password does not meet the rules. See violations.
problem-challenge-required = Complete the challenge, then try again.
problem-too-many = Too many requests. Try again after retry_after seconds.
problem-busy = This is not available right now. Try again after retry_after seconds.
problem-internal = Something went wrong on our side. Try again later.

## Where a password policy departs from a standard

standard-asks-min-length = asks for at least { $n } characters
standard-asks-max-length = asks that at least { $n } characters are allowed
standard-asks-history = asks that the current password and the { $n } before it are not reused
standard-asks-max-age = asks for a change at least every { $n } days where the password is the only factor, or for access to be reassessed continuously
standard-asks-some-min-length = asks that the number of characters is defined
standard-asks-no-classes = asks that no character types are required
standard-asks-letter-and-digit = asks for letters and numbers
standard-asks-some-mix = asks that the mix of character types is defined
standard-asks-not-common = asks that common passwords are refused
standard-asks-not-breached = asks that passwords from data breaches are refused
standard-asks-not-context = asks that passwords based on the account or the service are refused
standard-asks-no-max-age = asks that a password stays valid until it is changed
standard-asks-some-max-age = asks that the time for which a password is valid is defined
standard-asks-nfc = asks that passwords are brought to Unicode normalisation form C
standard-asks-as-typed = asks that passwords are verified exactly as they were typed
standard-has-max-age = the policy requires a change after { $n } days
standard-has-max-length = the policy allows { $n }
standard-has-number = the policy requires { $n }
standard-has-classes = the policy requires { $classes }
standard-has-only-current = the policy refuses only the current password
standard-has-current-and-earlier = the policy refuses only the current password and { $n } before it
standard-has-no-history = the policy refuses none
standard-has-only-earlier = the policy refuses the { $n } before the current one, but not the current one
standard-has-nfc = the policy brings them to normalisation form C
standard-has-as-typed = the policy takes them as they were typed
standard-has-nothing = the policy has no such rule
standard-class-upper = an uppercase letter
standard-class-lower = a lowercase letter
standard-class-letter = a letter
standard-class-digit = a number
standard-class-symbol = a symbol
