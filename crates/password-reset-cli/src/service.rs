//! The service of the settings, as this command uses it: without a worker, which is the application's.

use async_trait::async_trait;
use password_reset::ports::{AdminContext, AdminDecision, Decision, Delivery, Notifier, ProofContext, RiskPolicy};
use password_reset::{Account, AccountId, ContactKind, Identifier, Message, PasswordReset, PortError};
use password_reset_config::{Database, Settings};

use crate::failure::Failure;

/// The service and its database.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) reset: PasswordReset,
    pub(crate) database: Database,
}

impl Service {
    pub(crate) async fn open(settings: &Settings) -> Result<Self, Failure> {
        let database = settings.connect().await.map_err(Failure::of)?;
        let mut builder = settings.builder(&database).map_err(Failure::unusable)?.risk_policy(Operator);
        if !settings.sends_mail() {
            // The application sends mail in a way that settings cannot describe.
            builder = builder.notifier(Elsewhere);
        }
        let (reset, _never_run) = builder.build().map_err(Failure::unusable)?;
        Ok(Self { reset, database })
    }

    /// The id of an account that is named by it, or by its address.
    pub(crate) async fn id(&self, named: &str) -> Result<AccountId, Failure> {
        match named.contains('@') {
            true => self.account(named).await.map(|account| account.id().clone()),
            false => Ok(AccountId::new(named)),
        }
    }

    /// The account itself.
    pub(crate) async fn account(&self, named: &str) -> Result<Account, Failure> {
        let accounts = self.database.accounts();
        if !named.contains('@') {
            let found = accounts.load(&AccountId::new(named)).await.map_err(Failure::of)?;
            return found
                .ok_or_else(|| Failure::wrong("there is no account with this id: look it up in the user table"));
        }
        let address = Identifier::email(named).map_err(Failure::unusable)?;
        let mut found = accounts.find(&address).await.map_err(Failure::of)?;
        match (found.pop(), found.is_empty()) {
            (Some(account), true) => Ok(account),
            (None, _) => Err(Failure::wrong("there is no account with this address: look it up in the user table")),
            (Some(_), false) => Err(Failure::wrong("several accounts have this address: name one by its id")),
        }
    }
}

/// Who may run this command on the application's database may start resets.
#[derive(Debug)]
struct Operator;

#[async_trait]
impl RiskPolicy for Operator {
    async fn assess(&self, _context: &ProofContext) -> Result<Decision, PortError> {
        Ok(Decision::Allow)
    }

    async fn authorize_admin(&self, _context: &AdminContext) -> Result<AdminDecision, PortError> {
        Ok(AdminDecision::Allow)
    }
}

/// Stands for the application's own notifier: messages are sent by its worker, never by this command.
#[derive(Debug)]
struct Elsewhere;

#[async_trait]
impl Notifier for Elsewhere {
    fn reaches(&self) -> ContactKind {
        ContactKind::Email
    }

    async fn deliver(&self, _message: &Message) -> Delivery {
        Delivery::Later { after: None, why: PortError::transient("the application's worker sends") }
    }
}
