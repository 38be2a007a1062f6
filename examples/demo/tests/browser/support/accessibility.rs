//! Accessibility of a page: the rules of axe-core in the browser, and the order of the Tab key.

use serde_json::Value;
use thirtyfour::prelude::*;

use super::browser::Browser;
use super::driver::axe;
use super::page::Page;

/// Without frames: the only one shows a mail and runs no script. Mails are checked by themselves.
const RUN: &str = "
    const done = arguments[arguments.length - 1];
    axe.run(document, {
        runOnly: arguments[0],
        preload: false,
        iframes: false,
    }).then((results) => done({
        passes: results.passes.map((rule) => rule.id),
        violations: results.violations.map((rule) => ({
            rule: rule.id, help: rule.help, nodes: rule.nodes.map((node) => node.target.join(' ') + ': ' + node.failureSummary),
        })),
    }), (error) => done({ error: String(error) }));";

const RULES: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/// Rules that must have passed, so that a rule that did not run does not count as success.
const MUST_PASS: [&str; 3] = ["color-contrast", "html-has-lang", "document-title"];

impl Browser {
    /// Looks at the page that is open: its language, its accessibility, and a picture.
    pub async fn look(&self, name: &str) -> WebDriverResult<()> {
        let language: String = self.execute("return document.documentElement.lang", Vec::new()).await?.convert()?;
        assert_eq!(language, self.shape.language.tag(), "{name}");
        self.is_accessible().await?;
        self.picture(name).await
    }
}

impl Page {
    /// Panics when the page breaks a rule.
    pub async fn is_accessible(&self) -> WebDriverResult<()> {
        self.keeps(&RULES).await
    }

    /// The same for a mail, which has no landmarks: it stands inside the page of a mail program.
    pub async fn is_accessible_mail(&self) -> WebDriverResult<()> {
        let [rules @ .., _best_practice] = &RULES;
        self.keeps(rules).await
    }

    async fn keeps(&self, rules: &[&str]) -> WebDriverResult<()> {
        self.execute(axe(), Vec::new()).await?;
        let found: Value = self.execute_async(RUN, vec![rules.into()]).await?.convert()?;
        let at = self.path().await?;
        let violations = found["violations"].as_array().unwrap_or_else(|| panic!("axe did not run at {at}: {found}"));
        assert!(violations.is_empty(), "{at} is not accessible: {violations:#?}");
        for rule in MUST_PASS {
            let passed = found["passes"].as_array().is_some_and(|all| all.iter().any(|it| it == rule));
            assert!(passed, "{rule} did not run at {at}");
        }
        assert!(self.fits().await?, "{at} is wider than the window");
        self.tab_goes_in_order().await
    }

    /// Whether the page needs no horizontal scrolling (WCAG 1.4.10).
    async fn fits(&self) -> WebDriverResult<bool> {
        let script = "return document.documentElement.scrollWidth <= document.documentElement.clientWidth";
        self.execute(script, Vec::new()).await?.convert()
    }

    /// Tab follows the reading order (WCAG 2.4.3): no tabindex above 0, and every control is reachable.
    async fn tab_goes_in_order(&self) -> WebDriverResult<()> {
        let script = "
            const can = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]';
            const seen = (it) => it.checkVisibility({ visibilityProperty: true }) && !it.disabled;
            const all = [...document.querySelectorAll(can)].filter(seen).filter((it) => it.tabIndex !== -1);
            const bad = all.filter((it) => it.tabIndex > 0 || it.closest('[inert]'));
            return bad.map((it) => it.outerHTML);";
        let bad: Vec<String> = self.execute(script, Vec::new()).await?.convert()?;
        assert!(bad.is_empty(), "the Tab key does not go in order: {bad:#?}");
        Ok(())
    }
}
