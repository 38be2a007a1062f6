#![doc = include_str!("../../../README.md")]

/// The programs in the guide.
#[doc = include_str!("../../guide.md")]
pub mod guide {
    /// The programs of its chapter on Postgres.
    #[doc = include_str!("../../guide/postgres.md")]
    pub mod postgres {}

    /// The programs of its chapter on bounces.
    #[doc = include_str!("../../guide/bounces.md")]
    pub mod bounces {}

    /// The programs of its chapter on mail services.
    #[doc = include_str!("../../guide/mail-services.md")]
    pub mod mail_services {}

    /// The programs of its chapter on WhatsApp.
    #[doc = include_str!("../../guide/whatsapp.md")]
    pub mod whatsapp {}

    /// The programs of its chapter on frameworks.
    #[doc = include_str!("../../guide/frameworks.md")]
    pub mod frameworks {}

    /// The programs of its chapter on languages.
    #[doc = include_str!("../../guide/languages.md")]
    pub mod languages {}

    /// The programs of its chapter on names.
    #[doc = include_str!("../../guide/names.md")]
    pub mod names {}

    /// The program of its chapter on single pages and mobile applications.
    #[doc = include_str!("../../guide/single-page-and-mobile.md")]
    pub mod single_page_and_mobile {}

    /// The program of its chapter on challenges.
    #[doc = include_str!("../../guide/challenges.md")]
    pub mod challenges {}

    /// The programs of its chapter on notifiers.
    #[doc = include_str!("../../guide/notifier.md")]
    pub mod notifier {}

    /// The program of its chapter on tenants.
    #[doc = include_str!("../../guide/tenants.md")]
    pub mod tenants {}

    /// The program of its chapter on what is imported.
    #[doc = include_str!("../../guide/importing.md")]
    pub mod importing {}

    /// The programs of its chapter on tests.
    #[doc = include_str!("../../guide/testing.md")]
    pub mod testing {}
}

/// The program in the Indonesian quick start.
#[doc = include_str!("../../mulai-cepat.md")]
pub mod mulai_cepat {}

/// The programs in the document for operators.
#[doc = include_str!("../../operations.md")]
pub mod operations {}
