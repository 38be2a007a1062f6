//! A front end on another origin, to click through: `cargo run -p single-page`. The emails are printed here.

use anyhow::Result;
use single_page::Example;

#[tokio::main]
async fn main() -> Result<()> {
    let example = Example::start().await?;
    println!("Open {}/ and type {}. The API is at {}.", example.front, shop::EMAIL, example.api);
    for count in 1.. {
        let sent = example.shop.mail.until_delivered(count).await;
        let Some(email) = sent.get(count - 1) else { break };
        println!("\nAn email arrived ({}).", email.kind());
        for (what, text) in [("link", email.link()), ("code", email.code()), ("this was not me", email.cancel())] {
            if let Some(text) = text {
                println!("  {what}: {text}");
            }
        }
    }
    Ok(())
}
