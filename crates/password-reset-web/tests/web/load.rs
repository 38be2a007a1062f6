//! More new passwords at once than the hash pool takes.

use std::sync::{Arc, Condvar, Mutex};

use axum::http::StatusCode;
use password_reset::hashing::HashPoolConfig;
use password_reset::ports::{HashError, HashWorker, PasswordHasher, Verdict};
use password_reset::{AccountStatus, HashPool, Password, PasswordHash};
use password_reset_testkit::PlainHasher;

use crate::answers::account;
use crate::support::{App, NEW, named};

/// Hashes nothing until the test releases it.
#[derive(Clone, Debug, Default)]
struct Held(Arc<(Mutex<bool>, Condvar)>);

impl Held {
    fn release(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    fn wait(&self) {
        let gone = self.0.0.lock().unwrap();
        drop(self.0.1.wait_while(gone, |gone| !*gone).unwrap());
    }
}

impl PasswordHasher for Held {
    fn worker(&self) -> Box<dyn HashWorker> {
        Box::new(self.clone())
    }
}

impl HashWorker for Held {
    fn hash(&mut self, password: &Password) -> Result<PasswordHash, HashError> {
        self.wait();
        Ok(PlainHasher::hash_of(password.expose(), 1))
    }

    fn verify(&mut self, _: &Password, _: &PasswordHash) -> Result<Verdict, HashError> {
        self.wait();
        Ok(Verdict::Mismatch)
    }
}

/// One password is hashed and two wait. Further requests get 503 with `Retry-After` at once and keep their grants, and other
/// pages stay fast.
#[tokio::test]
async fn requests_beyond_the_hash_queue_get_503_at_once() {
    let held = Held::default();
    let pool = HashPool::new(Arc::new(held.clone()), HashPoolConfig::default().threads(1).queue(2)).unwrap();
    let app = App::with(|setup| setup.build = Box::new(|builder| builder.hash_pool(pool)));
    let mut submitted = tokio::task::JoinSet::new();
    let mut forms = Vec::new();
    for number in 10..18_u8 {
        let name = format!("user{number}");
        let account = account(&number.to_string(), AccountStatus::Active, &format!("{name}@toko.example"));
        app.accounts.add_named(&name, account);
        let mut browser = app.browser();
        browser.peer.set_ip([203, 0, 113, number].into());
        browser.post("/reset", &[("by", "username"), ("identifier", &name)]).await;
        app.worker.run_once().await.unwrap();
        let mail = app.mail.last().unwrap();
        let opened = browser.post("/reset/link", &[("link", mail.link().unwrap())]).await;
        forms.push((browser, named(opened.location()).to_owned()));
    }
    for (mut browser, reset) in forms {
        let post =
            async move { browser.post("/reset/new", &[("reset", &reset), ("password", NEW), ("again", NEW)]).await };
        submitted.spawn(post);
    }
    let mut busy = 0;
    while busy < 5 {
        let answer = submitted.join_next().await.unwrap().unwrap();
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.body);
        assert!(!answer.header("retry-after").is_empty() && answer.body.contains("name=\"password\""));
        assert!(!answer.body.contains(NEW));
        busy += 1;
    }
    // Three requests wait, and the rest of the site answers.
    assert_eq!(app.browser().get("/reset").await.status, StatusCode::OK);
    assert_eq!(app.browser().get("/reset/api/policy").await.status, StatusCode::OK);
    held.release();
    while let Some(answer) = submitted.join_next().await {
        assert_eq!(answer.unwrap().location(), "/reset/done");
    }
}
