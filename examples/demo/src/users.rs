//! The application's own users.

use anyhow::{Context, Result};
use password_reset::{AccountId, HashPool, Identifier, Password, PasswordHash};
use sqlx::{AnyPool, FromRow};

use crate::database::HOME_COUNTRY;
use crate::dev::mailbox::GONE;

/// The number of users on a page of the list.
pub const PAGE: usize = 20;

/// A user, as the pages show it.
#[derive(Clone, Debug, FromRow)]
pub struct User {
    /// The number of the row.
    pub id: i64,
    /// The full name.
    pub full_name: String,
    /// The email address.
    pub email: Option<String>,
    /// The username, where there is one.
    pub username: Option<String>,
    /// The WhatsApp number.
    pub phone: Option<String>,
    role: Option<String>,
    two_proofs: Option<String>,
    password_hash: Option<String>,
}

impl User {
    /// The user as the reset crates know them.
    #[must_use]
    pub fn account(&self) -> AccountId {
        AccountId::from(self.id)
    }

    /// The name with which they sign in.
    #[must_use]
    pub fn sign_in_name(&self) -> &str {
        [&self.username, &self.email, &self.phone].into_iter().flatten().next().map_or("", String::as_str)
    }

    /// Whether they may start resets for other users.
    #[must_use]
    pub fn is_administrator(&self) -> bool {
        self.role.as_deref() == Some(ADMINISTRATOR)
    }

    /// Whether a reset also needs a code to another contact.
    #[must_use]
    pub fn wants_two_proofs(&self) -> bool {
        self.two_proofs.is_some()
    }

    /// The stored hash of the password.
    #[must_use]
    pub fn hash(&self) -> Option<PasswordHash> {
        self.password_hash.clone().map(PasswordHash::new)
    }
}

/// The table of users.
#[derive(Clone, Debug)]
pub struct Users {
    db: AnyPool,
    pool: HashPool,
}

impl Users {
    /// Creates the tables where they are missing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open(db: &AnyPool, pool: &HashPool) -> Result<Self> {
        sqlx::raw_sql(SCHEMA).execute(db).await.context("the tables of the application cannot be created")?;
        Ok(Self { db: db.clone(), pool: pool.clone() })
    }

    /// Adds a user with a password, unless there is one with that number.
    ///
    /// # Errors
    /// When the database or the hash pool fails.
    pub async fn seed(&self, seed: &Seed) -> Result<()> {
        let hash = self.pool.hash(&Password::new(seed.password)).await?;
        sqlx::query(
            "insert into users (id, full_name, email, username, phone, language, role, two_proofs, password_hash)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing",
        )
        .bind(seed.id)
        .bind(seed.full_name)
        .bind(&seed.email)
        .bind(seed.username)
        .bind(&seed.phone)
        .bind(seed.language)
        .bind(seed.role)
        .bind(seed.two_proofs.then_some("yes"))
        .bind(hash.as_str())
        .execute(&self.db)
        .await?;
        Ok(())
    }

    /// The user with this number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load(&self, id: i64) -> Result<Option<User>> {
        Ok(sqlx::query_as("select * from users where id = $1").bind(id).fetch_optional(&self.db).await?)
    }

    /// Sets a random password, so that only a reset gives access again. The hash is a real one, so that a sign-in attempt
    /// takes as long as for other users.
    ///
    /// # Errors
    /// When the database or the hash pool fails.
    pub async fn lock(&self, id: i64) -> Result<()> {
        let nobody_knows: [u8; 32] = rand::random();
        let password: String = nobody_knows.iter().map(|byte| format!("{byte:02x}")).collect();
        let hash = self.pool.hash(&Password::new(password)).await?;
        let query = sqlx::query("update users set password_hash = $1 where id = $2");
        query.bind(hash.as_str()).bind(id).execute(&self.db).await?;
        Ok(())
    }

    /// The users whose name, address or number contains this text; one more than a page where there are more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self, find: &str, page: u32) -> Result<Vec<User>> {
        // The typed text is not a pattern.
        let pattern: String = find.trim().to_lowercase().chars().flat_map(|letter| ['!', letter]).collect();
        let size = i64::try_from(PAGE)?;
        let users = sqlx::query_as(
            "select * from users where lower(full_name) like $1 escape '!' or lower(email) like $1 escape '!'
                 or username like $1 escape '!' or phone like $1 escape '!'
             order by full_name, id limit $2 offset $3",
        );
        Ok(users.bind(format!("%{pattern}%")).bind(size + 1).bind(size * i64::from(page)).fetch_all(&self.db).await?)
    }

    /// By email address, username or WhatsApp number, whichever the text can be. `None` where two users match.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, name: &str) -> Result<Option<User>> {
        let name = name.trim();
        let email = Identifier::email(name).ok();
        let phone = Identifier::phone(name, HOME_COUNTRY).ok();
        let username = Identifier::username(name).ok();
        let as_text = |identifier: &Option<Identifier>| identifier.as_ref().map(|it| it.as_str().to_owned());
        let mut found: Vec<User> = sqlx::query_as(
            "select * from users where lower(email) = $1 or phone = $2 or username = $3 order by id limit 2",
        )
        .bind(as_text(&email))
        .bind(as_text(&phone))
        .bind(as_text(&username))
        .fetch_all(&self.db)
        .await?;
        let one = found.len() == 1;
        Ok(found.pop().filter(|_| one))
    }
}

/// A user of a new database.
#[derive(Clone, Debug)]
pub struct Seed {
    /// The number of the row.
    pub id: i64,
    /// The full name.
    pub full_name: &'static str,
    /// The email address.
    pub email: String,
    /// The username, where there is one.
    pub username: Option<&'static str>,
    /// The WhatsApp number, in E.164 form.
    pub phone: Option<String>,
    /// The language of messages.
    pub language: &'static str,
    /// The role.
    pub role: Option<&'static str>,
    /// Whether a reset also needs a code to another contact.
    pub two_proofs: bool,
    /// The password, which the program prints at the start: these users are fictional.
    pub password: &'static str,
}

impl Seed {
    /// One user for each reset method (email address, username, WhatsApp number), an administrator, one with two-step
    /// verification, and one whose mailbox does not exist.
    #[must_use]
    pub fn all() -> [Self; 6] {
        [
            Self {
                id: 1,
                full_name: "Ani Contoh",
                email: "ani@toko.example".to_owned(),
                username: None,
                phone: None,
                language: "en",
                role: None,
                two_proofs: false,
                password: "Kopi-Tubruk-17",
            },
            Self {
                id: 2,
                full_name: "Budi Contoh",
                email: "budi@toko.example".to_owned(),
                username: Some("budi.contoh"),
                phone: None,
                language: "id",
                role: None,
                two_proofs: false,
                password: "Teh-Poci-28",
            },
            Self {
                id: 3,
                full_name: "Citra Contoh",
                email: "citra@toko.example".to_owned(),
                username: None,
                phone: Some("+6281200000003".to_owned()),
                language: "id",
                role: None,
                two_proofs: false,
                password: "Es-Cendol-39",
            },
            Self {
                id: 4,
                full_name: "Dewi Contoh",
                email: "dewi@toko.example".to_owned(),
                username: Some("dewi.admin"),
                phone: None,
                language: "en",
                role: Some(ADMINISTRATOR),
                two_proofs: false,
                password: "Wedang-Jahe-50",
            },
            Self {
                id: 5,
                full_name: "Eka Contoh",
                email: "eka@toko.example".to_owned(),
                username: Some("eka.contoh"),
                phone: Some("+6281200000005".to_owned()),
                language: "id",
                role: None,
                two_proofs: true,
                password: "Bajigur-Hangat-61",
            },
            Self {
                id: 6,
                full_name: "Fajar Contoh",
                email: format!("fajar@{GONE}"),
                username: Some("fajar.contoh"),
                phone: Some("+6281200000006".to_owned()),
                language: "id",
                role: None,
                two_proofs: false,
                password: "Es-Teler-72",
            },
        ]
    }

    /// Whether the mailbox of this program refuses email to them.
    #[must_use]
    pub fn has_no_mailbox(&self) -> bool {
        self.email.ends_with(GONE)
    }

    /// The name with which this user signs in.
    #[must_use]
    pub fn name(&self) -> &str {
        self.username.or(self.phone.as_deref()).unwrap_or(&self.email)
    }
}

/// The role of users who may start resets for others.
const ADMINISTRATOR: &str = "administrator";

const SCHEMA: &str = "
create table if not exists users (
    id bigint primary key,
    full_name text not null,
    email text,
    username text unique,
    phone text unique,
    language text,
    role text,
    two_proofs text,
    password_hash text
);
create unique index if not exists users_email_lower on users (lower(email));
create table if not exists sessions (
    id text primary key,
    user_id bigint not null references users (id),
    fingerprint text not null,
    begun_at bigint not null
);
create index if not exists sessions_user on sessions (user_id);
";
