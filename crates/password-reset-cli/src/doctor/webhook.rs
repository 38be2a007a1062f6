//! The webhook of WhatsApp: what the provider signs is taken, and nothing else.

use super::Doctor;

impl Doctor<'_> {
    pub(super) async fn post_to_the_webhook(&mut self) {
        let Some(whatsapp) = self.settings.whatsapp().cloned() else { return };
        let url = format!("{}{}", self.settings.site().base_url(), whatsapp.webhook_path);
        let [right, forged] = match whatsapp.webhook_posts() {
            Ok(posts) => posts,
            Err(error) => return self.find("webhook_refused", error.to_string(), whatsapp.webhook_secret_name()),
        };
        for (is_right, post) in [(true, right), (false, forged)] {
            let url = post.query.map_or_else(|| url.clone(), |query| format!("{url}?{query}"));
            let headers: Vec<(&str, &str)> =
                post.header.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let answered = self.client.post(&url, post.body, &headers).await;
            let status = answered.map(|answer| answer.status);
            let is_taken = status.as_ref().is_ok_and(http::StatusCode::is_success);
            let said = status.map_or_else(|error| error, |status| status.to_string());
            match (is_right, is_taken) {
                (true, false) => self.find(
                    "webhook_refused",
                    format!("a rightly signed post to {} is answered {said}", whatsapp.webhook_path),
                    format!("{}; whatsapp.webhook_path: where it is mounted", whatsapp.webhook_secret_name()),
                ),
                (false, true) => self.find(
                    "webhook_forged",
                    format!("a post with a forged signature to {} is taken", whatsapp.webhook_path),
                    "whatsapp.webhook_path: mount the webhook of the settings there, which checks signatures",
                ),
                _ => {}
            }
        }
    }
}
