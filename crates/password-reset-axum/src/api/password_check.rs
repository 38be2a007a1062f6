//! `POST /api/password-check`: which rules a password breaks, while it is being typed.

use axum::extract::{Request, State as FromState};
use axum::http::StatusCode;
use axum::response::Response;
use password_reset::{GrantToken, NewPassword, Proof, Rule, Violation};
use serde::{Deserialize, Serialize};

use super::json::{Sent, given};
use crate::cookies::ResetName;
use crate::failure::Failure;
use crate::forgery::Sender;
use crate::problem::BrokenRule;
use crate::respond;
use crate::shared::State;

/// The strength that zxcvbn cannot exceed.
const STRONGEST: u8 = 4;

/// With a grant in the body, or in the cookie of the reset that is named.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Typed {
    password: String,
    #[serde(default, deserialize_with = "given")]
    again: Option<String>,
    #[serde(default, deserialize_with = "given")]
    grant: Option<String>,
    #[serde(default, deserialize_with = "given")]
    reset: Option<String>,
    #[serde(default, deserialize_with = "given")]
    form_token: Option<String>,
}

#[derive(Serialize)]
struct Answer {
    violations: Vec<BrokenRule>,
    score: u8,
    feedback: Vec<&'static str>,
}

pub(crate) async fn post(FromState(web): State, request: Request) -> Result<Response, Failure> {
    let Sent { mut visit, sender, body: typed } = Sent::<Typed>::read(&web, request).await?;
    let token = match (&typed.grant, &typed.reset) {
        (Some(grant), None) => GrantToken::parse(grant)?,
        (None, Some(name)) => {
            let name = ResetName::parse(name).ok_or(Failure::Malformed)?;
            let field = typed.form_token.as_deref().unwrap_or_default();
            // A cookie comes by itself; what sent it must be shown as for a form.
            if sender != Sender::Own && !visit.jar.form_token().is_some_and(|held| held.is(field)) {
                return Err(Failure::CrossSite);
            }
            visit.jar.grant(&name).ok_or(Failure::Refused)?
        }
        _ => return Err(Failure::Malformed),
    };
    web.edge.checks.take(visit.source).map_err(Failure::TooMany)?;
    let grant = web.reset.verify(Proof::Grant(token)).await?;
    let new = match typed.again {
        Some(again) => NewPassword::confirmed(typed.password, again),
        None => NewPassword::new(typed.password),
    };
    let policy = web.reset.policy();
    let least =
        policy.rules().iter().find_map(|rule| if let Rule::Strength(least) = rule { Some(*least) } else { None });
    // The strongest estimate is asked for, so that the meter has a score whatever the policy takes.
    let measured = policy.clone().with(Rule::Strength(STRONGEST));
    let words = [web.reset.site().name(), grant.identifier().as_str()];
    let mut answer = Answer { violations: Vec::new(), score: STRONGEST, feedback: Vec::new() };
    for violation in &measured.check(&new, &words) {
        if let Violation::TooWeak(weakness) = violation {
            answer.score = weakness.score();
            answer.feedback = violation.advice(visit.locale);
            match least {
                Some(least) if weakness.score() < least => {
                    answer.violations.push(BrokenRule::of(violation, visit.locale).with("min", least));
                }
                _ => {}
            }
            continue;
        }
        answer.violations.push(BrokenRule::of(violation, visit.locale));
    }
    respond::json(StatusCode::OK, &answer)
}
