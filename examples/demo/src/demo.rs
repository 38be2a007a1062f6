//! Puts the application together.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use axum::Router;
use password_reset::hashing::{Argon2Hasher, HashPoolConfig};
use password_reset::message::Zone;
use password_reset::{Channel, ContactKind, HashPool, Lifetimes, PasswordReset, Site};
use password_reset_axum::{ProofOfWork, ResetMethod, Server, Web, well_known_at};
use password_reset_smtp::SmtpNotifier;
use password_reset_whatsapp::UtilityMessage;
use tokio::net::TcpListener;

use crate::clock::DemoClock;
use crate::contacts::ContactChanges;
use crate::database::Database;
use crate::dev;
use crate::dev::mailbox::Mailbox;
use crate::dev::phone::Phone;
use crate::risk_policy::{Locks, Roles};
use crate::sessions::Sessions;
use crate::settings::{Mail, Settings, WhatsApp};
use crate::throttle::SignInThrottle;
use crate::users::Users;
use crate::web::{self, App, Proxies};
use crate::whatsapp::{MetaAccount, WEBHOOK};

/// The name of the fictional shop.
const NAME: &str = "Toko Contoh";

/// The shop is in Jakarta.
pub const ZONE: Zone = Zone::WIB;

/// The path of the reset pages.
const RESET: &str = "/reset";

/// The running application.
pub struct Demo {
    /// The address of the site.
    pub origin: String,
    /// Where it listens.
    pub address: SocketAddr,
    /// The reset service, as the application's own code uses it.
    pub reset: PasswordReset,
    /// The clock of the application.
    pub clock: DemoClock,
    /// Stand-ins for mail and WhatsApp.
    pub tools: dev::Tools,
    /// All pages.
    pub router: Router,
    listener: TcpListener,
    proxies: Vec<String>,
}

/// Where users who cannot help themselves write to: an administrator reads it.
const HELP: &str = "mailto:bantuan@toko.example";

impl Demo {
    /// Opens the database, puts the parts together and starts the worker. Requests are answered from
    /// [`serve`](Self::serve) on.
    ///
    /// # Errors
    /// Names the wrong setting, or what is unreachable.
    pub async fn start(settings: Settings) -> Result<Self> {
        ensure!(settings.listen.ip().is_loopback(), "listen on a loopback address and put a TLS proxy in front");
        let listener = TcpListener::bind(settings.listen)
            .await
            .with_context(|| format!("{} is already in use: choose another port with --port", settings.listen))?;
        let address = listener.local_addr()?;
        let origin = settings.origin.unwrap_or_else(|| format!("http://localhost:{}", address.port()));

        let db = Database::open(&settings.database).await?;
        let pool = HashPool::new(Arc::new(Argon2Hasher::default()), HashPoolConfig::default())?;
        let users = Users::open(&db.pool, &pool).await?;
        for seed in &settings.seeds {
            users.seed(seed).await?;
        }

        let clock = settings.clock;
        let (mail, mailbox) = mail(&settings.mail, &clock)?;
        let webhook = format!("http://{address}{RESET}{WEBHOOK}");
        let (account, phone) = whatsapp(settings.whatsapp, webhook, &clock).await?;
        let tools = dev::Tools { mailbox, phone };

        let (accounts, store) = db.adapters().await?;
        let site =
            Site::new(NAME, format!("{origin}{RESET}")).with_zone(ZONE).with_languages(settings.languages.clone());
        let lifetimes = Lifetimes::default();
        let mut builder = PasswordReset::builder(Arc::clone(&accounts), store, settings.keys, site)
            .policy(settings.policy)
            .limits(settings.limits)
            .risk_policy(Roles(users.clone()))
            .account_locker(Locks(users.clone()))
            .lifetimes(lifetimes)
            .hash_pool(pool)
            .clock(clock.clone());
        if let Some(mail) = mail {
            builder = builder.notifier(mail);
        }
        if let Some(account) = &account {
            builder = builder
                .notifier(account.notifier(Arc::new(clock.clone()), &lifetimes)?)
                .inbound(account.inbound(settings.inbound)?);
        }
        let (reset, worker) = builder.build()?;
        tokio::spawn(worker.run());

        let of_people = Arc::new(clock.clone());
        let kinds = confirmed_here(&reset, account.as_ref());
        let contacts = ContactChanges::open(&db.pool, &users, accounts, &reset, &origin, of_people, kinds).await?;

        let mut pages = Web::new(reset.clone())
            .sign_in_url("/sign-in")
            .contact_url(HELP)
            .locale(settings.language)
            .trusted_proxies(settings.proxies.clone())
            .reset_methods(methods(&reset, account.as_ref()));
        if reset.without_challenge_after().is_some() {
            pages = pages.challenge(ProofOfWork::new(&reset));
        }
        if let Some(account) = &account {
            let webhook = account.webhook(&reset, Arc::new(clock.clone()))?;
            let first = webhook.clone();
            pages = pages.webhook(
                WEBHOOK,
                move |head| first.refuse(head),
                move |request| {
                    let webhook = webhook.clone();
                    async move { webhook.handle(request).await }
                },
            );
        }

        let secure = origin.starts_with("https:");
        let sessions = Sessions::new(&db.pool, &users, &reset, Arc::new(clock.clone()), secure);
        let own = web::router(App {
            users,
            sessions,
            contacts,
            reset: reset.clone(),
            throttle: Arc::new(SignInThrottle::default()),
            proxies: Proxies::parse(&settings.proxies)?,
            language: settings.language,
            seeds: settings.seeds.into(),
            tools: tools.clone(),
        });
        // Password managers open a well-known address to change a password; here it leads to the account page.
        let router = Router::new().merge(pages.build()?).merge(well_known_at("/account")?).merge(own);
        Ok(Self { origin, address, reset, clock, tools, router, listener, proxies: settings.proxies })
    }

    /// Serves until the process ends.
    ///
    /// # Errors
    /// When the listening socket fails.
    pub async fn serve(self) -> Result<()> {
        Ok(Server::new(self.router).trusted_proxies(self.proxies).serve(self.listener, std::future::pending()).await?)
    }
}

fn mail(mail: &Mail, clock: &DemoClock) -> Result<(Option<SmtpNotifier>, Option<Mailbox>)> {
    match mail {
        Mail::Off => Ok((None, None)),
        Mail::Development => {
            let mailbox = Mailbox::start(Arc::new(clock.clone()))?;
            let url = format!("smtp://{}", mailbox.address());
            // The connection stays on this machine, so it needs no TLS.
            let notifier = SmtpNotifier::new(&url, &format!("{NAME} <no-reply@toko.example>"))?;
            Ok((Some(notifier.with_clock(Arc::new(clock.clone()))), Some(mailbox)))
        }
        Mail::Smtp { url, from } => Ok((Some(SmtpNotifier::new(url, from)?), None)),
    }
}

async fn whatsapp(
    settings: WhatsApp,
    webhook: String,
    clock: &DemoClock,
) -> Result<(Option<MetaAccount>, Option<Phone>)> {
    match settings {
        WhatsApp::Off => Ok((None, None)),
        WhatsApp::Development => {
            let phone = Phone::start(webhook, Arc::new(clock.clone())).await?;
            Ok((Some(phone.account().clone()), Some(phone)))
        }
        WhatsApp::Meta(account) => Ok((Some(*account), None)),
    }
}

/// The kinds of contacts that users can change by themselves: those to which the site can send a link.
fn confirmed_here(reset: &PasswordReset, account: Option<&MetaAccount>) -> Vec<ContactKind> {
    let email = reset.offers(Channel::EmailLink).then_some(ContactKind::Email);
    let phone = account.filter(|account| account.sends(UtilityMessage::ConfirmContact)).map(|_| ContactKind::Phone);
    email.into_iter().chain(phone).collect()
}

/// All methods that this site can carry out. An application offers the one or two that its users know.
fn methods(reset: &PasswordReset, account: Option<&MetaAccount>) -> Vec<ResetMethod> {
    let mut methods = Vec::new();
    if reset.offers(Channel::EmailLink) {
        methods.extend([ResetMethod::Email, ResetMethod::Username]);
    }
    if let Some(account) = account {
        methods.push(ResetMethod::WhatsApp);
        methods.extend(account.code_template.as_ref().map(|_| ResetMethod::WhatsAppCode));
    }
    methods
}
