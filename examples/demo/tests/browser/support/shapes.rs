//! Kinds of browsers.

use password_reset::Locale;

/// The size of the window, the preferred language and colours, whether scripts may run, cookies are kept, and a tab behind
/// another one is hidden.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub phone: bool,
    pub language: Locale,
    pub script: bool,
    pub dark: bool,
    pub cookies: bool,
    pub hides_tabs: bool,
}

impl Shape {
    pub const DESKTOP: Self =
        Self { phone: false, language: Locale::ENGLISH, script: true, dark: false, cookies: true, hides_tabs: false };
    pub const PHONE: Self = Self { phone: true, ..Self::DESKTOP };

    pub const fn indonesian(self) -> Self {
        self.preferring(Locale::INDONESIAN)
    }

    pub const fn preferring(self, language: Locale) -> Self {
        Self { language, ..self }
    }

    pub const fn without_script(self) -> Self {
        Self { script: false, ..self }
    }

    pub const fn without_cookies(self) -> Self {
        Self { cookies: false, ..self }
    }

    pub const fn hiding_tabs(self) -> Self {
        Self { hides_tabs: true, ..self }
    }

    pub const fn dark(self) -> Self {
        Self { dark: true, ..self }
    }

    pub const fn size(self) -> (u32, u32) {
        if self.phone { (390, 844) } else { (1280, 900) }
    }

    /// For the names of pictures.
    pub fn name(self) -> String {
        format!("{}-{}", self.language, if self.phone { "phone" } else { "desktop" })
    }
}
