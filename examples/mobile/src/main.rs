//! A native client that resets a password by the JSON API: it keeps no cookies, sends no `Origin`, and decides by statuses and codes.
//!
//! `cargo run -p mobile` needs no set-up: the service runs in the same program, and emails are kept in memory.

use anyhow::{Context, Result, ensure};
use password_reset::Site;
use password_reset_axum::{Server, Web};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use shop::{EMAIL, NEW, OLD, Shop};
use tokio::net::TcpListener;

/// The application on the phone.
struct Phone {
    client: Client,
    api: String,
}

/// An answer of the API.
struct Answer {
    status: StatusCode,
    body: Value,
}

impl Phone {
    /// The name of an application is in no table of browsers, so messages say no device.
    fn new(api: String) -> Result<Self> {
        Ok(Self { client: Client::builder().no_proxy().user_agent("TokoApp/2.1").build()?, api })
    }

    async fn posts(&self, path: &str, body: Value) -> Result<Answer> {
        // The answers have sentences for the person, in this language.
        let asked = self.client.post(format!("{}/{path}", self.api)).header("accept-language", "en");
        Answer::read(asked.json(&body).send().await?).await
    }

    async fn gets(&self, path: &str, token: &str) -> Result<Answer> {
        Answer::read(self.client.get(format!("{}/{path}", self.api)).bearer_auth(token).send().await?).await
    }
}

impl Answer {
    async fn read(response: Response) -> Result<Self> {
        ensure!(!response.headers().contains_key("set-cookie"), "a client without a browser gets no cookie");
        Ok(Self { status: response.status(), body: response.json().await? })
    }

    /// A text of the answer.
    fn text(&self, name: &str) -> Result<String> {
        let text = self.body[name].as_str().with_context(|| format!("{name} in {}: {}", self.status, self.body))?;
        Ok(text.to_owned())
    }

    /// A problem is known by its code; `detail` is what the person reads.
    fn is(&self, status: u16, code: &str) -> bool {
        self.status == status && self.body["code"] == code && self.body["detail"].is_string()
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://{}", listener.local_addr()?);
    // The address of the link is claimed by the application on the phone (App Links, Universal Links).
    let site =
        Site::new("Toko Contoh", format!("{origin}/reset")).with_link_page(format!("{origin}/app/reset#{{secret}}"));
    let shop = Shop::open(site).await?;
    let pages = Web::new(shop.reset.clone()).build()?;
    tokio::spawn(Server::new(pages).serve(listener, std::future::pending()));
    let phone = Phone::new(format!("{origin}/reset/api"))?;

    by_code(&phone, &shop).await?;
    by_link(&phone, &shop).await?;
    println!("\nDone: every step worked.");
    Ok(())
}

/// The person types the code of the email into the application.
async fn by_code(phone: &Phone, shop: &Shop) -> Result<()> {
    let misspelt = phone.posts("requests", json!({ "by": "email", "identifier": "ani at toko" })).await?;
    ensure!(misspelt.is(422, "bad_identifier"), "{}: {}", misspelt.status, misspelt.body);
    let [asked, unknown] = [
        phone.posts("requests", json!({ "by": "email", "identifier": EMAIL })).await?,
        phone.posts("requests", json!({ "by": "email", "identifier": "nobody@toko.example" })).await?,
    ];
    ensure!(asked.status == 202 && unknown.status == 202, "the answer does not show who has an account");
    let (token, email) = (asked.text("requester_token")?, shop.email(1).await?);
    println!("1. The phone requested a reset, and shows {} and a field for the code.", asked.text("reference")?);

    let wrong = if email.code() == Some("00000000") { "11111111" } else { "00000000" };
    let refused = phone.posts("verify", json!({ "requester_token": token, "code": wrong })).await?;
    let left = phone.gets("status", &token).await?.body["code_attempts_left"].clone();
    ensure!(refused.is(403, "refused"), "{}: {}", refused.status, refused.body);
    println!("2. A wrong code is refused; {left} attempts are left.");

    let code = email.code().context("a code in the email")?;
    let grant = phone.posts("verify", json!({ "requester_token": token, "code": code })).await?.text("grant")?;
    let rules = phone.gets("policy", &token).await?;
    let short = phone.posts("password", json!({ "grant": grant, "password": "kort", "again": "kort" })).await?;
    ensure!(short.is(422, "password_rejected"), "{}: {}", short.status, short.body);
    println!(
        "3. The right code leads to the form, with {} rules. A short password is refused: it {}.",
        rules.body["rules"].as_array().map_or(0, Vec::len),
        short.body["violations"][0]["text"].as_str().unwrap_or_default()
    );

    let new = json!({ "grant": grant, "password": NEW, "again": NEW });
    ensure!(phone.posts("password", new.clone()).await?.status == 200, "the password must be set");
    ensure!(phone.gets("status", &token).await?.body["stage"] == "done", "the requester sees it");
    // The answer was lost on the way, and the client sends the request again.
    ensure!(phone.posts("password", new).await?.status == 200, "the same again has the same answer");
    ensure!(shop.sign_in(EMAIL, NEW).await.is_ok() && shop.sign_in(EMAIL, OLD).await.is_err(), "the new one signs in");
    ensure!(shop.email(2).await?.kind() == "password_changed", "and the owner is notified");
    println!("4. A long one is set, and signs in.");
    Ok(())
}

/// The person opens the link of the email, which the phone gives to the application.
async fn by_link(phone: &Phone, shop: &Shop) -> Result<()> {
    phone.posts("requests", json!({ "by": "email", "identifier": EMAIL })).await?;
    let email = shop.email(3).await?;
    let (_, secret) = email.link().context("a link in the email")?.split_once("/app/reset#").context("its address")?;
    // Nothing was sent so far: only when the person presses the button of the screen.
    let grant = phone.posts("verify", json!({ "link": secret })).await?.text("grant")?;
    let new = "lantern orchard meridian 7";
    let set = phone.posts("password", json!({ "grant": grant, "password": new, "again": new })).await?;
    ensure!(set.status == 200 && shop.sign_in(EMAIL, new).await.is_ok(), "{}: {}", set.status, set.body);
    let used = phone.posts("verify", json!({ "link": secret })).await?;
    ensure!(used.is(403, "refused"), "a used link is refused: {}: {}", used.status, used.body);
    println!("5. The link of another email opens the application, which sets the next password. It works once.");
    Ok(())
}
