#![doc = include_str!("../../../README.md")]

#[doc = include_str!("../../guide.md")]
pub mod guide {
    #[doc = include_str!("../../guide/postgres.md")]
    pub mod postgres {}

    #[doc = include_str!("../../guide/bounces.md")]
    pub mod bounces {}

    #[doc = include_str!("../../guide/mail-services.md")]
    pub mod mail_services {}

    #[doc = include_str!("../../guide/whatsapp.md")]
    pub mod whatsapp {}

    #[doc = include_str!("../../guide/frameworks.md")]
    pub mod frameworks {}

    #[doc = include_str!("../../guide/languages.md")]
    pub mod languages {}

    #[doc = include_str!("../../guide/names.md")]
    pub mod names {}

    #[doc = include_str!("../../guide/single-page-and-mobile.md")]
    pub mod single_page_and_mobile {}

    #[doc = include_str!("../../guide/challenges.md")]
    pub mod challenges {}

    #[doc = include_str!("../../guide/notifier.md")]
    pub mod notifier {}

    #[doc = include_str!("../../guide/tenants.md")]
    pub mod tenants {}

    #[doc = include_str!("../../guide/importing.md")]
    pub mod importing {}

    #[doc = include_str!("../../guide/testing.md")]
    pub mod testing {}
}

#[doc = include_str!("../../mulai-cepat.md")]
pub mod mulai_cepat {}

#[doc = include_str!("../../operations.md")]
pub mod operations {}
