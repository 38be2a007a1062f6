//! Sends the messages of password-reset over SMTP.
