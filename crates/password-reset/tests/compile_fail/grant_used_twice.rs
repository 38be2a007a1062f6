//! Setting a password takes the grant.
use password_reset::{Grant, NewPassword, PasswordReset};

async fn twice(reset: PasswordReset, grant: Grant) {
    let _ = reset.set_password(grant, NewPassword::new("one")).await;
    let _ = reset.set_password(grant, NewPassword::new("two")).await;
}

fn main() {}
