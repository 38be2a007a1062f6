//! "Create new password".

use password_reset::{PasswordPolicy, Violations};

use super::rendered_by;
use crate::pages::shell::Shell;

/// "Create new password": the rules beforehand, the new password, and once more where the policy asks for it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct NewPasswordPage<'a> {
    /// What every page has; with a form token and the reset's name.
    pub shell: Shell<'a>,
    /// What was typed when the reset was asked for, so that password managers know which account it is (R83).
    pub username: &'a str,
    /// The rules: hints, `passwordrules` and the second field come from it.
    pub policy: &'a PasswordPolicy,
    /// The rules that the last try broke, each shown beside the field; empty the first time.
    pub violations: &'a Violations,
    /// Why the page is shown again, other than by broken rules.
    pub problem: Option<NewPasswordProblem>,
    /// Seconds until the grant is over.
    pub seconds_left: u64,
}

/// Why the form is shown again although no rule was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NewPasswordProblem {
    /// Too much is going on; the same try in a moment will do.
    Busy,
}

rendered_by!(NewPasswordPage, new_password);
