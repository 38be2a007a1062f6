//! Settings, what they refuse, and what the page shows.

use password_reset_captcha::{HCaptcha, Turnstile};
use password_reset_web::Challenge;

use crate::stand_in::SECRET;

#[test]
fn invalid_settings_are_named_and_not_shown() {
    for secret in ["", "hunter2", "1x0000000000000000000000000000000AA", "0x0000000000000000000000000000000000000000"] {
        let errors = [Turnstile::new("key", secret, "toko.example").map(drop), HCaptcha::new("key", secret).map(drop)];
        for error in errors {
            let error = error.unwrap_err();
            assert_eq!(error.field, "secret");
            assert!(secret.is_empty() || !error.to_string().contains(secret), "{error}");
        }
    }
    for key in ["", "a b", "\"><script>", &"x".repeat(200)] {
        assert_eq!(Turnstile::new(key, SECRET, "toko.example").unwrap_err().field, "site key");
        assert_eq!(HCaptcha::new(key, SECRET).unwrap_err().field, "site key");
    }
    for host in ["", "https://toko.example", "toko.example/reset", "toko.example:443"] {
        assert_eq!(Turnstile::new("key", SECRET, host).unwrap_err().field, "host name", "{host}");
    }
    let turnstile = Turnstile::new("key", SECRET, "toko.example").unwrap();
    assert_eq!(turnstile.clone().with_verify_url("http://captcha.example").unwrap_err().field, "verify URL");
    assert!(!format!("{turnstile:?}").contains(SECRET));
    assert!(!format!("{:?}", HCaptcha::new("key", SECRET).unwrap()).contains(SECRET));
}

/// As their documentation says.
#[test]
fn the_widgets_are_those_of_the_services() {
    let turnstile = format!("{:?}", Turnstile::new("the-key", SECRET, "toko.example").unwrap().widget());
    for part in [
        "\"turnstile\"",
        "\"https://challenges.cloudflare.com/turnstile/v0/api.js\"",
        "\"cf-turnstile\"",
        "\"the-key\"",
        "(\"action\", \"password-reset\")",
        "\"cf-turnstile-response\"",
        "[(Script, \"https://challenges.cloudflare.com\"), (Frame, \"https://challenges.cloudflare.com\")]",
    ] {
        assert!(turnstile.contains(part), "{part}: {turnstile}");
    }
    let hcaptcha = format!("{:?}", HCaptcha::new("the-key", SECRET).unwrap().widget());
    for part in [
        "\"hcaptcha\"",
        "\"https://js.hcaptcha.com/1/api.js?recaptchacompat=off\"",
        "\"h-captcha\"",
        "\"the-key\"",
        "\"h-captcha-response\"",
    ] {
        assert!(hcaptcha.contains(part), "{part}: {hcaptcha}");
    }
    for directive in ["Script", "Frame", "Style", "Connect"] {
        for source in ["https://hcaptcha.com", "https://*.hcaptcha.com"] {
            assert!(hcaptcha.contains(&format!("({directive}, \"{source}\")")), "{directive} {source}: {hcaptcha}");
        }
    }
    assert_eq!(hcaptcha.matches("https://").count(), 9, "and nothing else");
}
