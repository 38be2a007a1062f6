//! New passwords, judged by each preset.

use std::sync::LazyLock;

use password_reset::hashing::Normalization;
use password_reset::{Language, NewPassword, PasswordPolicy};

static PRESETS: LazyLock<Vec<PasswordPolicy>> = LazyLock::new(|| {
    let presets = [
        PasswordPolicy::nist_800_63b(),
        PasswordPolicy::four_classes(),
        PasswordPolicy::asvs_5(),
        PasswordPolicy::bssn(),
        PasswordPolicy::pci_dss_4(),
    ];
    let plain = presets.iter().cloned().map(|policy| policy.with_normalization(Normalization::AsTyped));
    plain.chain(presets.iter().cloned()).collect()
});

/// The bytes are a new password, its repetition and a word of its context, on a line each. Each broken rule has a sentence, and
/// a password that is not repeated is never accepted.
pub(crate) fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.splitn(3, '\n');
    let (typed, again, word) = (lines.next().unwrap_or_default(), lines.next(), lines.next().unwrap_or_default());
    for policy in PRESETS.iter() {
        let new = NewPassword::confirmed(typed, again.unwrap_or(typed));
        let violations = policy.check(&new, &[word]);
        let same = policy.password(typed).expose() == policy.password(again.unwrap_or(typed)).expose();
        assert!(same || !violations.is_empty(), "another password was accepted as the repetition");
        for violation in &violations {
            for language in [Language::english(), Language::indonesian()] {
                assert!(!violation.sentence(&language).is_empty());
            }
        }
    }
}
