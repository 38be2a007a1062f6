//! Putting it together.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use axum::Router;
use password_reset::{Argon2Hasher, HashPool, HashPoolConfig, PasswordReset, Site};
use password_reset_axum::{Ask, Web, well_known_at};
use password_reset_smtp::SmtpNotifier;
use password_reset_sqlite::SqliteStore;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use tokio::net::TcpListener;

use crate::clock::DemoClock;
use crate::dev;
use crate::dev::mailbox::Mailbox;
use crate::sessions::Sessions;
use crate::settings::{Mail, Settings};
use crate::throttle::SignInThrottle;
use crate::users::Users;
use crate::web::{self, App};

/// The name of the made-up shop.
const NAME: &str = "Toko Contoh";

/// The running application.
pub struct Demo {
    /// Where people reach it.
    pub origin: String,
    /// The reset, as the application's own code uses it.
    pub reset: PasswordReset,
    /// The time in it.
    pub clock: DemoClock,
    /// What stands in for the outside world.
    pub tools: dev::Tools,
    /// All pages.
    pub router: Router,
    listener: TcpListener,
}

impl Demo {
    /// Opens the database, puts the parts together and starts the worker. Nothing is answered before
    /// [`serve`](Self::serve).
    ///
    /// # Errors
    /// Says which setting is wrong, or what is out of reach.
    pub async fn start(settings: Settings) -> Result<Self> {
        ensure!(settings.listen.ip().is_loopback(), "listen on this machine alone, and put a proxy with TLS before it");
        let listener = TcpListener::bind(settings.listen)
            .await
            .with_context(|| format!("{} is taken; name another with --port", settings.listen))?;
        let address = listener.local_addr()?;
        let origin = settings.origin.unwrap_or_else(|| format!("http://localhost:{}", address.port()));

        let db = open(&settings.database).await?;
        let pool = HashPool::new(Arc::new(Argon2Hasher::default()), HashPoolConfig::default())?;
        let users = Users::open(&db, &pool).await?;
        for seed in &settings.seeds {
            users.seed(seed).await?;
        }

        let clock = settings.clock;
        let (notifier, mailbox) = notifier(&settings.mail, &clock)?;
        let tools = dev::Tools { mailbox };
        let accounts = users.accounts();
        let store = SqliteStore::new(&db).writing(accounts.clone());
        store.migrate().await?;
        let site = Site::new(NAME, format!("{origin}/reset"));
        let (reset, worker) = PasswordReset::builder(accounts, store, settings.keys, site)
            .notifier(notifier)
            .policy(settings.policy)
            .hash_pool(pool)
            .clock(clock.clone())
            .build()?;
        tokio::spawn(worker.run());

        let secure = origin.starts_with("https:");
        let sessions = Sessions::new(&db, &users, &reset, Arc::new(clock.clone()), secure);
        let pages = Web::new(reset.clone())
            .sign_in_url("/sign-in")
            .locale(settings.language)
            .ask_for([Ask::Email, Ask::Username])
            .build()?;
        let own = web::router(App {
            users,
            sessions,
            reset: reset.clone(),
            throttle: Arc::new(SignInThrottle::default()),
            language: settings.language,
            seeds: settings.seeds.into(),
            tools: tools.clone(),
        });
        // Password managers open a well-known address to change a password; here the account page does that.
        let router = Router::new().nest("/reset", pages).merge(well_known_at("/account")?).merge(own);
        Ok(Self { origin, reset, clock, tools, router, listener })
    }

    /// Answers until the process ends.
    ///
    /// # Errors
    /// When the listening socket fails.
    pub async fn serve(self) -> Result<()> {
        let service = self.router.into_make_service_with_connect_info::<SocketAddr>();
        Ok(axum::serve(self.listener, service).await?)
    }
}

async fn open(database: &str) -> Result<SqlitePool> {
    let Some(file) = database.strip_prefix("sqlite:") else {
        if database.starts_with("postgres:") || database.starts_with("postgresql:") {
            bail!("this program has no Postgres adapter yet; name a file: --database sqlite:demo-data/demo.db");
        }
        bail!("the database is named like this: --database sqlite:demo-data/demo.db");
    };
    if let Some(folder) = Path::new(file).parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    let options =
        SqliteConnectOptions::new().filename(file).create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
    SqlitePool::connect_with(options).await.with_context(|| format!("{file} cannot be opened"))
}

fn notifier(mail: &Mail, clock: &DemoClock) -> Result<(SmtpNotifier, Option<Mailbox>)> {
    match mail {
        Mail::Development => {
            let mailbox = Mailbox::start(Arc::new(clock.clone()))?;
            let url = format!("smtp://{}", mailbox.address());
            // Nothing leaves this machine, so this server may go without TLS.
            let notifier = SmtpNotifier::dangerous_plaintext(&url, &format!("{NAME} <no-reply@toko.example>"))?;
            Ok((notifier.with_clock(Arc::new(clock.clone())), Some(mailbox)))
        }
        Mail::Smtp { url, from } => Ok((SmtpNotifier::new(url, from)?, None)),
    }
}
