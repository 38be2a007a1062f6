//! What a file and the environment may say, and how faults are named.

use std::path::Path;
use std::time::Duration;

use password_reset_config::Settings;

use crate::{FILE, KEYS, SECRETS, read, read_in, users};

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    SECRETS.iter().chain(more).copied().collect()
}

#[test]
fn the_environment_wins_over_the_file() {
    let settings = read(FILE, &SECRETS).unwrap();
    assert_eq!((settings.site().name(), settings.lifetimes().link), ("Toko Contoh", Duration::from_secs(45 * 60)));
    let variables = with(&[
        ("PASSWORD_RESET_SITE_NAME", "Warung"),
        ("PASSWORD_RESET_LIFETIMES_LINK", "1h"),
        ("PASSWORD_RESET_PAGES_TRUSTED_PROXIES", "10.0.0.1, 10.0.0.2"),
    ]);
    let settings = read(FILE, &variables).unwrap();
    assert_eq!((settings.site().name(), settings.lifetimes().link), ("Warung", Duration::from_secs(60 * 60)));
    assert_eq!(settings.trusted_proxies(), ["10.0.0.1", "10.0.0.2"]);
}

/// All at once, each with what to write.
#[test]
fn what_is_missing_is_named_with_what_to_write() {
    let error = read("[mail]\nfrom = \"no-reply@toko.example\"", &[]).unwrap_err();
    let names: Vec<&str> = error.faults().iter().map(|fault| fault.setting.as_str()).collect();
    assert_eq!(names, ["site.name", "site.url", "keys", "database.url", "mail.url"]);
    let said = error.to_string();
    assert!(
        said.contains(
            "site.name: it is missing: write name = \"Toko Contoh\" in [site], or set PASSWORD_RESET_SITE_NAME"
        ),
        "{said}"
    );
    assert!(said.contains("keys: it is missing: set PASSWORD_RESET_KEYS, or write keys_file"), "{said}");
    assert!(said.contains("mail.url: it is missing: set SMTP_URL, or write url_file"), "{said}");
}

#[test]
fn an_unknown_setting_is_refused_by_name() {
    for (more, name) in [
        (
            "[pages]\nproxies = []",
            "pages.proxies: there is no such setting: use one of pages.android_fingerprints, pages.android_package,",
        ),
        ("[page]\nlanguage = \"en\"", "page.language: there is no such section"),
        ("[retention]\nrests = \"1d\"", "retention.rests"),
    ] {
        let error = read(&format!("{FILE}\n{more}"), &SECRETS).unwrap_err().to_string();
        assert!(error.starts_with(name) && error.lines().count() == 1, "{error}");
    }
    let error = read(&format!("sight = 1\n{FILE}"), &SECRETS).unwrap_err().to_string();
    assert!(error.starts_with("sight: "), "{error}");
}

#[test]
fn what_has_another_form_is_refused_by_name() {
    for (setting, value, said) in [
        ("[lifetimes]\ncode", "10", "lifetimes.code: write a time with its unit"),
        ("[limits]\ncode_attempts", "\"5\"", "limits.code_attempts: write a whole number"),
        ("[limits]\nmessage_burst", "-1", "limits.message_burst: write a whole number"),
        ("[pages]\ntrusted_proxies", "\"10.0.0.1\"", "pages.trusted_proxies: write a list of texts"),
        ("[pages]\nlanguage", "\"fr\"", "pages.language: name one of site.languages"),
        ("[hash]\nmemory_kib", "1024", "hash.memory_kib: argon2: `memory_kib` is out of range"),
        ("[accounts]\nsessions_table", "\"sessions\"", "accounts.sessions_table: "),
        ("[accounts]\nsessions_begun_column", "\"begun\"", "accounts.sessions_begun_column: "),
        ("[canary]\nemail", "\"canary@toko.example\"", "canary.email: say where"),
    ] {
        let text = FILE.replace("[lifetimes]\nlink = \"45m\"\n", "");
        let error = read(&format!("{text}\n{setting} = {value}"), &SECRETS).unwrap_err().to_string();
        assert!(error.starts_with(said) && error.lines().count() == 1, "{error}");
    }
    let error = read("[site\nname", &SECRETS).unwrap_err().to_string();
    assert!(error.starts_with("test.toml: line 1 is not TOML"), "{error}");
}

/// Out of the file, out of errors, out of `Debug`.
#[test]
fn secrets_stand_in_no_file_and_no_output() {
    let variables = with(&[("DATABASE_URL", "postgres://app:opensesame@db/app")]);
    let shown = format!("{:?}", read(FILE, &variables).unwrap());
    assert!(!shown.contains("swordfish") && !shown.contains("opensesame") && !shown.contains("AAECAwQF"), "{shown}");
    for (from, to, named) in [
        (
            "[mail]\n",
            "[mail]\nurl = \"smtps://app:hunter2@mail\"\n",
            "mail.url: it is a secret and has no place here: set SMTP_URL",
        ),
        (
            "[site]\n",
            "keys = \"a:hunter2\"\n[site]\n",
            "keys: it is a secret and has no place here: set PASSWORD_RESET_KEYS",
        ),
        (
            "sqlite:app.db",
            "postgres://app:hunter2@db/app",
            "database.url: it has a password, which has no place here: set DATABASE_URL",
        ),
        (
            "sqlite:app.db",
            "postgres://db/app?user=app&password=hunter2",
            "database.url: it has a password, which has no place here: set DATABASE_URL",
        ),
    ] {
        let error = read(&FILE.replace(from, to), &SECRETS).unwrap_err().to_string();
        assert!(error.starts_with(named) && !error.contains("hunter2"), "{error}");
    }
    let error = read(FILE, &[("PASSWORD_RESET_KEYS", "hunter2"), SECRETS[1]]).unwrap_err().to_string();
    assert!(error.starts_with("keys: invalid key entry") && !error.contains("hunter2"), "{error}");
}

#[test]
fn a_secret_comes_from_the_file_that_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("keys"), format!("{KEYS}\n")).unwrap();
    let text = format!("keys_file = \"keys\"\n{FILE}");
    assert_eq!(read_in(folder.path(), &text, &SECRETS[1..]).unwrap().keys().expose(), KEYS);
    let gone = read_in(Path::new("/nowhere"), &text, &[]).unwrap_err().to_string();
    assert!(gone.starts_with("keys_file: /nowhere/keys cannot be read"), "{gone}");
}

/// The service is built from settings alone.
#[tokio::test]
async fn a_service_is_built_from_settings() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("app.db").display());
    users(folder.path());
    let settings = read(FILE, &with(&[("DATABASE_URL", &url)])).unwrap();
    let database = settings.connect().await.unwrap();
    assert!(database.check().await.is_err(), "nothing is migrated");
    database.migrate().await.unwrap();
    let (reset, _worker) = settings.builder(&database).unwrap().build().unwrap();
    assert!(reset.operations().health().await.problems().is_empty());
    assert_eq!(reset.site().base_url(), "https://toko.example/reset");
    let long = with(&[("DATABASE_URL", &url), ("PASSWORD_RESET_LIFETIMES_LINK", "48h")]);
    let refused = read(FILE, &long).unwrap().builder(&database).unwrap().build().unwrap_err().to_string();
    assert!(refused.starts_with("lifetimes.link: "), "{refused}");
}

#[tokio::test]
async fn a_database_is_beside_the_settings_wherever_the_program_runs() {
    let folder = tempfile::tempdir().unwrap();
    users(folder.path());
    let beside = folder.path().join("app.db");
    let absolute = format!("sqlite:{}", beside.display());
    std::fs::write(folder.path().join("url"), "sqlite:app.db").unwrap();
    let of_file = FILE.replace("url = \"sqlite:app.db\"", "url_file = \"url\"");
    for text in [
        FILE.to_owned(),
        FILE.replace("sqlite:app.db", "sqlite://app.db?mode=rwc"),
        FILE.replace("sqlite:app.db", &absolute),
        FILE.replace("sqlite:app.db", &absolute.replace("sqlite:", "sqlite://")),
        of_file,
    ] {
        let settings = read_in(folder.path(), &text, &SECRETS).unwrap();
        settings.connect().await.unwrap().migrate().await.unwrap();
    }
}

/// The README lists each setting, and the variables of those that have another name.
#[test]
fn the_readme_lists_every_setting() {
    let readme = include_str!("../../README.md");
    let mut sections = std::collections::BTreeSet::new();
    for name in
        readme.lines().filter(|line| line.starts_with("| `")).flat_map(|line| line.split('`').skip(1).step_by(2))
    {
        if let Some((section, _)) =
            name.split_once('.').filter(|(section, _)| section.bytes().all(|byte| byte.is_ascii_lowercase()))
        {
            sections.insert(section.to_owned());
        }
    }
    for section in sections {
        let error = read(&format!("{FILE}\n[{section}_]\nnone = 1"), &SECRETS).unwrap_err().to_string();
        assert!(error.contains("there is no such section"), "{error}");
        let known = match read(&format!("{}\n[{section}]\nnone = 1", file_without(&section)), &SECRETS) {
            Err(error) => error.to_string(),
            Ok(_) => panic!("{section}"),
        };
        let said = known.lines().find(|line| line.starts_with(&format!("{section}.none"))).unwrap().to_owned();
        let names = said.rsplit("use one of ").next().unwrap();
        for name in names.split(", ") {
            let name = name.trim();
            let of_secret = name.strip_suffix("_file").filter(|_| !readme.contains(&format!("`{name}`")));
            assert!(readme.contains(&format!("`{}`", of_secret.unwrap_or(name))), "{name} is not in the README");
        }
    }
}

fn file_without(section: &str) -> String {
    let mut skips = false;
    let kept = FILE.lines().filter(|line| {
        if line.starts_with('[') {
            skips = *line == format!("[{section}]");
        }
        !skips
    });
    kept.collect::<Vec<_>>().join("\n")
}

/// What a section needs, all at once; what another kind needs may stay in the file.
#[test]
fn mail_goes_by_a_service_whose_parts_are_named() {
    let file = FILE.replace("from = \"no-reply@toko.example\"\n", "");
    let mail =
        |more: &str| format!("{file}\n[mail]\nfrom = \"no-reply@toko.example\"\n{more}").replace("\n[mail]\n\n", "\n");
    let key = ("PASSWORD_RESET_MAIL_API_KEY", "c7e1a5093f8b4d62a7c8d9e0f1a2b3c4");
    let folder = tempfile::tempdir().unwrap();
    let body = folder.path().join("mail.json");
    std::fs::write(&body, r#"{"to": "{{to}}", "subject": "{{subject}}", "text": "{{text}}"}"#).unwrap();
    let json =
        format!("service = \"json\"\napi_url = \"https://api.mail.example\"\nbody_file = \"{}\"", body.display());
    for more in [
        "service = \"postmark\"\nmessage_stream = \"resets\"",
        "service = \"resend\"\ndomain = \"kept.while.it.is.another\"",
        "service = \"sendgrid\"",
        "service = \"mailgun\"\ndomain = \"mg.toko.example\"\napi_url = \"https://api.eu.mailgun.net\"",
        "service = \"ses\"\nregion = \"ap-southeast-1\"\naccess_key_id = \"AKIDEXAMPLE\"",
        &json,
    ] {
        let settings = read(&mail(more), &[SECRETS[0], key]).unwrap();
        assert!(settings.sends_mail() && settings.mail().unwrap().is_none(), "{more}");
        assert!(settings.mail_service().unwrap().is_some(), "{more}");
        assert!(!format!("{settings:?}").contains("c7e1a509"), "{settings:?}");
    }
    for (more, said) in [
        ("service = \"pigeon\"", "mail.service: write \"postmark\", \"resend\""),
        ("service = \"resend\"", "mail.api_key: it is missing: set PASSWORD_RESET_MAIL_API_KEY"),
        ("service = \"mailgun\"", "mail.domain: it is missing: write domain = \"mg.toko.example\""),
        ("service = \"ses\"", "mail.region: it is missing"),
        ("service = \"json\"", "mail.api_url: it is missing"),
        ("service = \"resend\"\napi_key = \"hunter2\"", "mail.api_key: it is a secret and has no place here"),
    ] {
        let error = read(&mail(more), &SECRETS[..1]).unwrap_err().to_string();
        assert!(error.starts_with(said) && !error.contains("hunter2"), "{error}");
    }
    // What a service refuses is named with the rest.
    for (more, key, said) in [
        ("service = \"postmark\"", "hunter2", "mail: server token"),
        ("service = \"mailgun\"\ndomain = \"a/b\"", key.1, "mail: domain"),
        (
            "service = \"json\"\napi_url = \"https://x.example\"\nbody_file = \"/nowhere\"",
            key.1,
            "mail.body_file: /nowhere",
        ),
        ("service = \"resend\"\napi_url = \"http://x.example\"", key.1, "mail: base URL"),
    ] {
        let error = read(&mail(more), &[SECRETS[0], ("PASSWORD_RESET_MAIL_API_KEY", key)]).unwrap_err().to_string();
        assert!(error.starts_with(said) && !error.contains("hunter2"), "{error}");
    }
    let both = read(FILE, &SECRETS).unwrap();
    assert!(both.mail().unwrap().is_some() && both.mail_service().unwrap().is_none());
}

#[test]
fn pages_of_the_applications_own_have_the_secret_behind_their_hash() {
    let own = "start_page = \"https://app.toko.example/forgot\"\nlink_page = \"https://app.toko.example/#/reset/{secret}\"
        cancel_page = \"https://app.toko.example/#/cancel/{secret}\"\nlock_page = \"https://app.toko.example/lock#{secret}\"";
    let site = |more: &str| FILE.replace("[site]\n", &format!("[site]\n{more}\n"));
    let settings = read(&site(own), &SECRETS).unwrap();
    let before = |page| settings.site().before_secret(page).into_owned();
    assert_eq!(settings.site().start_page(), "https://app.toko.example/forgot");
    assert_eq!(before("link"), "https://app.toko.example/#/reset/");
    assert_eq!(before("cancel"), "https://app.toko.example/#/cancel/");
    assert_eq!(before("lock"), "https://app.toko.example/lock#");
    for wrong in ["https://app.toko.example/reset", "https://app.toko.example/reset?s={secret}", "{secret}"] {
        for setting in ["link_page", "cancel_page", "lock_page"] {
            let error = read(&site(&format!("{setting} = \"{wrong}\"")), &SECRETS).unwrap_err().to_string();
            let said = format!("site.{setting}: write the address with {{secret}} behind its #");
            assert!(error.starts_with(&said) && error.lines().count() == 1, "{error}");
        }
    }
}

#[test]
fn a_challenge_needs_what_its_kind_needs_and_a_limit_that_asks_for_it() {
    let challenge = |more: &str| format!("{FILE}\n[limits]\nchallenge_from = 3\n[challenge]\n{more}");
    read(&challenge("kind = \"proof_of_work\"\nbits = 18"), &SECRETS).unwrap();
    let secret = with(&[("PASSWORD_RESET_CHALLENGE_SECRET", "0x4AAA-only-the-tests-send-this")]);
    for kind in ["turnstile", "hcaptcha"] {
        let settings = read(&challenge(&format!("kind = \"{kind}\"\nsite_key = \"0x4AAAAAAA\"")), &secret).unwrap();
        assert!(!format!("{settings:?}").contains("only-the-tests"), "{settings:?}");
        let error = read(&challenge(&format!("kind = \"{kind}\"")), &SECRETS).unwrap_err().to_string();
        assert!(
            error.contains("challenge.site_key: it is missing") && error.contains("challenge.secret: it is missing"),
            "{error}"
        );
    }
    let error = read(&challenge("kind = \"riddle\""), &SECRETS).unwrap_err().to_string();
    assert!(error.starts_with("challenge.kind: write \"proof_of_work\""), "{error}");
    let error = read(&format!("{FILE}\n[challenge]\nkind = \"proof_of_work\""), &SECRETS).unwrap_err().to_string();
    assert!(error.starts_with("challenge.kind: nothing asks for it: write challenge_from"), "{error}");
    // While it is off.
    read(&format!("{FILE}\n[challenge]\nbits = 18\nsite_key = \"0x4AAAAAAA\""), &SECRETS).unwrap();
}

const WHATSAPP: [(&str, &str); 3] = [
    ("PASSWORD_RESET_WHATSAPP_GATEWAY_KEY", "c7e1a5093f8b4d62a7c8d9e0f1a2b3c4"),
    ("PASSWORD_RESET_WHATSAPP_GATEWAY_SECOND_KEY", "tgw6gVhz"),
    ("PASSWORD_RESET_WHATSAPP_WEBHOOK_SECRET", "5f3c9a1b7e2d4860a1c3e5f708192a3b"),
];

/// Each gateway both ways, in a mode that replies; what it cannot do is refused at the start, with what to write.
#[tokio::test]
async fn a_gateway_receives_and_sends_by_settings_and_what_it_cannot_do_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("app.db").display());
    users(folder.path());
    let variables = with(&[&WHATSAPP[..], &[("DATABASE_URL", &url)]].concat());
    let settings = |more: &str| {
        let whatsapp = "[accounts]\nhome_country = 62\n[whatsapp]\nnumber = \"+6281100000000\"\ncountries = [\"+62\"]";
        read(&format!("{FILE}\n{whatsapp}\n{more}"), &variables)
    };
    let (waha, gowa) = (
        "gateway = \"waha\"\ngateway_url = \"https://waha.toko.example\"",
        "gateway = \"gowa\"\ngateway_url = \"http://localhost:3000\"\ngateway_user = \"toko\"",
    );
    let wablas = "gateway = \"wablas\"\ngateway_url = \"https://tegal.wablas.example\"\nassurance = \"shared_secret\"";
    let fonnte = "gateway = \"fonnte\"\nassurance = \"shared_secret\"";
    let qontak = "gateway = \"qontak\"\ngateway_user = \"toko\"\ngateway_channel = \"31c076d5\"\nassurance = \"shared_secret\"\ncode_template = \"32b18403-e0ee\"";
    for (gateway, mode, refused) in [
        (waha, "type_back", ""),
        (waha, "continue_on_phone", ""),
        (gowa, "type_back", ""),
        (fonnte, "type_back", ""),
        (wablas, "continue_on_phone", ""),
        (qontak, "type_back", ""),
        (fonnte, "page_advances", "whatsapp: provider: does not mark forwarded messages"),
        ("gateway = \"fonnte\"", "type_back", "whatsapp: provider: does not sign its requests"),
        (qontak, "continue_on_phone", "inbound: this mode replies with a link"),
        (&qontak.replace("code_template", "# "), "type_back", "inbound: this mode replies with a code"),
        (
            &format!("{waha}\ncode_template = \"reset\""),
            "type_back",
            "whatsapp.code_template: code template: this gateway sends texts",
        ),
        (&waha.replace("https", "http"), "type_back", "whatsapp: gateway URL"),
    ] {
        let settings = settings(&format!("{gateway}\nmode = \"{mode}\"")).unwrap();
        let database = settings.connect().await.unwrap();
        database.migrate().await.unwrap();
        let built = settings.builder(&database).map_err(|error| error.to_string());
        let built = built.and_then(|builder| builder.build().map_err(|error| error.to_string()));
        let webhook = built
            .and_then(|(reset, _)| settings.whatsapp().unwrap().webhook(&reset).map_err(|error| error.to_string()));
        match webhook {
            Ok(_) => assert_eq!(refused, "", "{gateway} {mode}"),
            Err(error) => assert!(!refused.is_empty() && error.starts_with(refused), "{gateway} {mode}: {error}"),
        }
    }
    for (more, said) in [
        ("gateway = \"pigeon\"", "whatsapp.gateway: write \"waha\", \"gowa\""),
        ("gateway = \"waha\"", "whatsapp.gateway_url: it is missing"),
        ("gateway = \"qontak\"\ngateway_user = \"toko\"", "whatsapp.gateway_channel: it is missing"),
        ("gateway = \"qontak\"\ngateway_channel = \"c\"", "whatsapp.gateway_user: it is missing"),
        ("assurance = \"none\"", "whatsapp.assurance: write \"signed\", or \"shared_secret\""),
        ("gateway = \"fonnte\"\ngateway_key = \"hunter2\"", "whatsapp.gateway_key: it is a secret"),
    ] {
        let error = settings(more).unwrap_err().to_string();
        assert!(error.starts_with(said) && !error.contains("hunter2"), "{error}");
    }
    assert!(!format!("{:?}", settings(waha).unwrap()).contains("5f3c9a1b"), "secrets are not shown");
}

/// The pages that settings describe.
#[cfg(feature = "pages")]
#[tokio::test]
async fn pages_are_built_from_settings() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("app.db").display());
    users(folder.path());
    let variables =
        with(&[("DATABASE_URL", &url), ("PASSWORD_RESET_CHALLENGE_SECRET", "0x4AAA-only-the-tests-send-this")]);
    let pages = |more: &str| {
        format!("{FILE}\n[pages]\nsign_in_url = \"/sign-in\"\ncontact_url = \"/help\"\nlanguage = \"id\"\n{more}")
    };
    for (more, refused) in [
        ("", ""),
        ("trusted_proxies = [\"unix\", \"count:1\"]\ntrusted_origins = [\"https://app.toko.example\"]", ""),
        ("[limits]\nchallenge_from = 3\n[challenge]\nkind = \"proof_of_work\"\nbits = 18", ""),
        ("[limits]\nchallenge_from = 3\n[challenge]\nkind = \"turnstile\"\nsite_key = \"0x4AAAAAAA\"", ""),
        ("[limits]\nchallenge_from = 3\n[challenge]\nkind = \"hcaptcha\"\nsite_key = \"0x4AAAAAAA\"", ""),
        ("trusted_proxies = [\"proxy\"]", "trusted_proxies: `proxy`"),
        ("trusted_origins = [\"app.toko.example\"]", "trusted_origins: `app.toko.example`"),
        ("[limits]\nchallenge_from = 3", "limits.challenge_from: these pages"),
    ] {
        let settings = read(&pages(more), &variables).unwrap();
        let database = settings.connect().await.unwrap();
        database.migrate().await.unwrap();
        let (reset, _worker) = settings.builder(&database).unwrap().build().unwrap();
        let web: password_reset_web::Web = settings.web(&reset).unwrap();
        match web.build() {
            Ok(_) => assert_eq!(refused, "", "{more}"),
            Err(error) => assert!(!refused.is_empty() && error.to_string().starts_with(refused), "{more}: {error}"),
        }
    }
}

#[test]
fn a_site_has_the_languages_that_are_named_and_the_first_is_for_everybody_else() {
    let of = |list: &str| read(FILE, &with(&[("PASSWORD_RESET_SITE_LANGUAGES", list)]));
    let tags = |settings: &Settings| {
        settings.site().languages().iter().map(|language| language.locale().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(tags(&read(FILE, &SECRETS).unwrap()), ["en", "id"]);
    assert_eq!(tags(&of("id, ms, ar").unwrap()), ["id", "ms", "ar"]);
    for (list, reason) in [
        ("id, fr", "site.languages: \"fr\" is neither en, id, ms or ar, nor a file"),
        ("id, texts/xx.ftl", "site.languages: cannot read texts/xx.ftl"),
    ] {
        let error = of(list).unwrap_err().to_string();
        assert!(error.contains(reason), "{list}: {error}");
    }
    let none = FILE.replace("[database]", "languages = []\n[pages]\nlanguage = \"en\"\n\n[database]");
    let none = read(&none, &SECRETS).unwrap_err().to_string();
    assert_eq!(none, "site.languages: name one language at least, as in [\"en\", \"id\"]");
    let variables = with(&[("PASSWORD_RESET_SITE_LANGUAGES", "id"), ("PASSWORD_RESET_PAGES_LANGUAGE", "en")]);
    assert!(read(FILE, &variables).unwrap_err().to_string().contains("pages.language: name one of site.languages"));
}

#[test]
fn a_file_beside_the_settings_is_a_language() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jv.ftl");
    let read = || {
        let text = FILE.replace("[database]", "languages = [\"id\", \"jv.ftl\"]\n\n[database]");
        read_in(folder.path(), &text, &SECRETS)
    };
    std::fs::write(&file, "language-name = Basa Jawa").unwrap();
    assert!(read().unwrap_err().to_string().contains("site.languages: language \"jv\""));
    std::fs::copy("../password-reset/texts/id.ftl", &file).unwrap();
    assert!(read().unwrap().site().languages().has("jv".parse().unwrap()));
}
