//! The public address: its pages, its clock, and a reset through its API.

use std::net::IpAddr;

use chrono::DateTime;
use password_reset::ports::{Clock as _, RandomSource as _, SystemClock, SystemRandom};
use serde_json::json;
use tokio::net::TcpStream;
use zeroize::Zeroizing;

use super::http::Answer;
use super::mail::Link;
use super::source::FORGED;
use super::{Doctor, apart};

impl Doctor<'_> {
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.settings.site().base_url())
    }

    /// Whether the pages are there.
    pub(super) async fn look_at_the_public_address(&mut self) -> bool {
        let url = self.url("/api/policy");
        let change =
            "site.url: write the URL under which the world reaches the reset pages, or route it there in the proxy";
        let answer = match self.client.get(&url).await {
            Ok(answer) => answer,
            Err(error) => {
                self.find("public_address", format!("{} does not answer: {error}", self.url("")), change);
                return false;
            }
        };
        let date = answer.header("date").and_then(|date| DateTime::parse_from_rfc2822(date).ok());
        if let Some(apart) = date.and_then(|date| apart(date.signed_duration_since(SystemClock.now()))) {
            let what = format!("the clock behind {} is {apart} this machine's", self.url(""));
            self.find("public_clock", what, "set both clocks by NTP");
        }
        let is_ours = answer.status.is_success() && answer.json().is_object();
        if !is_ours {
            let what = format!("{} answers {} where the reset pages are expected", self.url(""), answer.status);
            self.find("public_address", what, change);
        }
        is_ours
    }

    /// Asks for the canary's reset, with a forged header; the address from which the public address should see this machine.
    pub(super) async fn request(&mut self) -> Option<Option<IpAddr>> {
        let seen_from = match self.canary.seen_from {
            Some(address) => Some(address),
            None => self.own_address().await,
        };
        let body = json!({ "by": "email", "identifier": self.canary.email });
        let forged = FORGED.to_string();
        let answered = self.client.post_json(&self.url("/api/requests"), &body, &[("x-forwarded-for", &forged)]).await;
        let what = match answered {
            Ok(answer) if answer.status == http::StatusCode::ACCEPTED => return Some(seen_from),
            Ok(answer) => format!("the request for a reset is answered {} {}", answer.status, answer.text("code")),
            Err(error) => format!("the request for a reset is not answered: {error}"),
        };
        self.find(
            "request",
            what,
            "the proxy: let POST requests with JSON through to the reset pages; or wait, where it is 429",
        );
        None
    }

    /// The address of this end of a connection to the public address.
    async fn own_address(&self) -> Option<IpAddr> {
        let url = url::Url::parse(self.settings.site().base_url()).ok()?;
        let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
        let stream = TcpStream::connect((host, url.port_or_known_default()?)).await.ok()?;
        stream.local_addr().ok().map(|address| address.ip())
    }

    /// Opens the page of the link, proves by its secret, and sets a password; whether it was said to be set.
    pub(super) async fn follow(&mut self, link: &Link) -> bool {
        match self.client.get(&link.page).await {
            Ok(answer) if answer.status.is_success() => {}
            Ok(answer) => {
                let what = format!("the page of the link answers {}", answer.status);
                self.find("link_page", what, "the proxy: let the paths below site.url through, without redirects, which may lose the part after #");
            }
            Err(error) => {
                self.find(
                    "link_page",
                    format!("the page of the link does not answer: {error}"),
                    "the proxy: let the paths below site.url through",
                );
                return false;
            }
        }
        let proof = json!({ "link": *link.secret });
        let answer = self.client.post_json(&self.url("/api/verify"), &proof, &[]).await;
        let changes = [
            "PASSWORD_RESET_KEYS: give all nodes the same ring, and one site.realm",
            "the proxy: let POST requests with JSON through",
        ];
        let Some(answer) = self.answered("link_refused", "the link", answer, changes) else { return false };
        let grant = Zeroizing::new(answer.text("grant"));
        if grant.is_empty() {
            let what = "the canary needs a second step, which the doctor cannot take";
            let change = "the application's risk policy: let the canary's account be reset by its mail alone";
            self.find("link_refused", what, change);
            return false;
        }
        self.set_password(&grant).await
    }

    async fn set_password(&mut self, grant: &str) -> bool {
        let mut bytes = Zeroizing::new([0; 24]);
        if SystemRandom.fill(bytes.as_mut_slice()).is_err() {
            self.find("password_refused", "this machine has no random bytes", "run the doctor elsewhere");
            return false;
        }
        // One of each class that a policy may want.
        let letters: String = bytes.iter().map(|byte| char::from(b'a'.saturating_add(byte.rem_euclid(26)))).collect();
        let password = Zeroizing::new(format!("{letters}-K7%"));
        let body = json!({ "grant": grant, "password": *password, "again": *password });
        let answer = self.client.post_json(&self.url("/api/password"), &body, &[]).await;
        let changes = [
            "passwords.policy_file, or the log of the application, which says why",
            "the proxy: wait longer than hashing takes",
        ];
        self.answered("password_refused", "the new password", answer, changes).is_some()
    }

    /// The answer, if it is a success; what to change where it refuses, and where there is none.
    fn answered(
        &mut self,
        name: &'static str,
        asked: &str,
        answer: Result<Answer, String>,
        [refused, silent]: [&str; 2],
    ) -> Option<Answer> {
        let (what, change) = match answer {
            Ok(answer) if answer.status.is_success() => return Some(answer),
            Ok(answer) => (format!("{asked} is answered {} {}", answer.status, answer.text("code")), refused),
            Err(error) => (format!("{asked} is not answered: {error}"), silent),
        };
        self.find(name, what, change);
        None
    }
}
