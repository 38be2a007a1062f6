//! `POST /api/password-check`: tells which rules a password breaks, while the user types it.

use http::StatusCode;
use password_reset::policy::{Rule, RuleKind};
use password_reset::secret::GrantToken;
use password_reset::{NewPassword, Proof};
use serde::{Deserialize, Serialize};

use super::json::{JsonRequest, given};
use crate::cookies::ResetName;
use crate::failure::Failure;
use crate::post::Origin;
use crate::problem::BrokenRule;
use crate::request_context::Posted;
use crate::respond::{self, Response};
use crate::state::AppState;

/// The highest score of zxcvbn.
const STRONGEST: u8 = 4;

/// The grant is in the body, or in the cookie of the named reset.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckRequest {
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
    feedback: Vec<String>,
}

pub(crate) async fn post(state: &AppState, posted: Posted) -> Result<Response, Failure> {
    let JsonRequest { context, origin, body: typed } = JsonRequest::<CheckRequest>::read(posted)?;
    let token = match (&typed.grant, &typed.reset) {
        (Some(grant), None) => GrantToken::parse(grant)?,
        (None, Some(name)) => {
            let name = ResetName::parse(name).ok_or(Failure::Malformed)?;
            let field = typed.form_token.as_deref().unwrap_or_default();
            // Browsers attach cookies by themselves, so the request needs the same forgery check as a form.
            if origin != Origin::Own && !context.jar.form_token().is_some_and(|own| own.is(field)) {
                return Err(Failure::CrossSite);
            }
            context.jar.grant(&name).ok_or(Failure::Refused)?
        }
        _ => return Err(Failure::Malformed),
    };
    state.edge.checks.take(context.source).map_err(Failure::TooMany)?;
    let grant = state.reset.verify(Proof::Grant(token)).await?;
    let new = match typed.again {
        Some(again) => NewPassword::confirmed(typed.password, again),
        None => NewPassword::new(typed.password),
    };
    let (policy, language) = (state.reset.policy(), state.languages().get(context.locale));
    let min_score = policy.number(RuleKind::Strength);
    // With the highest threshold the check always yields a score for the meter, whatever the policy requires.
    let measured = policy.clone().with(Rule::Strength(STRONGEST));
    let words = [state.reset.site().name(), grant.identifier().as_str()];
    let mut answer = Answer { violations: Vec::new(), score: STRONGEST, feedback: Vec::new() };
    for violation in &measured.check(&new, &words) {
        if let Some(weakness) = violation.weakness() {
            answer.score = weakness.score();
            answer.feedback = violation.advice(language);
            match min_score {
                Some(min_score) if u16::from(weakness.score()) < min_score => {
                    answer.violations.push(BrokenRule::of(violation, language).with("min", min_score));
                }
                _ => {}
            }
            continue;
        }
        if violation.rule().kind() == RuleKind::MaxBytes {
            // Too long to be measured.
            answer.score = 0;
        }
        answer.violations.push(BrokenRule::of(violation, language));
    }
    respond::json(StatusCode::OK, &answer)
}
