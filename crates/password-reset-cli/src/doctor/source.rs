//! Whether a forwarded address is believed once: the one that the proxy adds, and none that a client sends.

use std::net::{IpAddr, Ipv4Addr};

use password_reset::flow::AuditRow;

use super::Doctor;

/// An address for documents (RFC 5737), which no client has.
pub(super) const FORGED: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 199));

impl Doctor<'_> {
    /// Compares what the application noted as the source of the request.
    pub(super) fn compare_source(&mut self, row: Option<&AuditRow>, seen_from: Option<IpAddr>) {
        let (Some(row), Some(seen_from)) = (row, seen_from) else { return };
        let reset = &self.service.reset;
        if reset.admin().is_from(row, seen_from) {
            return;
        }
        let proxies = self.settings.trusted_proxies().join("\", \"");
        if reset.admin().is_from(row, FORGED) {
            let what = "an X-Forwarded-For that the client itself sent is believed";
            let change = format!(
                "pages.trusted_proxies: name the proxies alone, not those in front of them, count none too many, and let the outermost \
                 replace the header (now [\"{proxies}\"])"
            );
            self.find("forwarded_forged", what, change);
            return;
        }
        let what = format!("the request came from {seen_from}, and counts for another address: that of a proxy");
        let change = format!(
            "pages.trusted_proxies: add the address from which the proxy connects (now [\"{proxies}\"]), and let it send \
             X-Forwarded-For; behind NAT write canary.seen_from"
        );
        self.find("forwarded_unknown", what, change);
    }
}
