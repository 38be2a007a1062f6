//! The server's address, the protection of the connection, and the credentials.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, TlsParameters};
use password_reset_mail::{MailConfigError, host_name};
use percent_encoding::percent_decode_str;
use url::Url;

/// The protection of the connection. There is no opportunistic TLS, because an attacker on the network can remove the
/// server's offer.
pub(crate) enum Protection {
    /// TLS from the first byte (RFC 8314).
    Implicit(TlsParameters),
    /// STARTTLS, required (RFC 3207).
    StartTls(TlsParameters),
    /// None: the connection stays on this machine and carries no password.
    Loopback,
}

/// The parts of the URL.
pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) protection: Protection,
    pub(crate) credentials: Option<Credentials>,
}

impl Server {
    /// Reads `smtps://user:password@host:port` or `smtp://user:password@host:port`.
    pub(crate) fn from_url(url: &str) -> Result<Self, MailConfigError> {
        let url = parse(url)?;
        let (host, credentials) = (host_of(&url)?, credentials_of(&url)?);
        let (protection, port) = match url.scheme() {
            "smtps" => (Protection::Implicit(tls_parameters(&host, &[])?), 465),
            "smtp" if credentials.is_none() && is_loopback(&host) => (Protection::Loopback, 25),
            "smtp" => (Protection::StartTls(tls_parameters(&host, &[])?), 587),
            _ => return Err(bad("must start with smtps:// (TLS) or smtp:// (STARTTLS; none on localhost)")),
        };
        let port = url.port().unwrap_or(port);
        Ok(Self { host, port, protection, credentials })
    }

    /// Trusts further certificate authorities, in addition to those of the web. A server with one has TLS, on this machine too.
    pub(crate) fn trust(&mut self, roots: &[Certificate]) -> Result<(), MailConfigError> {
        let tls = tls_parameters(&self.host, roots)?;
        self.protection = match self.protection {
            Protection::Implicit(_) => Protection::Implicit(tls),
            Protection::StartTls(_) | Protection::Loopback => Protection::StartTls(tls),
        };
        Ok(())
    }
}

/// Does not show the credentials.
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protection = match self.protection {
            Protection::Implicit(_) => "TLS",
            Protection::StartTls(_) => "STARTTLS, required",
            Protection::Loopback => "none, loopback alone",
        };
        f.debug_struct("Server")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("protection", &protection)
            .field("signs_in", &self.credentials.is_some())
            .finish()
    }
}

fn bad(why: &'static str) -> MailConfigError {
    MailConfigError::new("SMTP URL", why)
}

fn parse(url: &str) -> Result<Url, MailConfigError> {
    // The URL parser silently drops line breaks and trims; a URL that needs that is a mistake.
    if url.chars().any(|letter| letter.is_control() || letter.is_whitespace()) {
        return Err(bad("has a space or control character: percent-encode it (%20)"));
    }
    let url = Url::parse(url).map_err(|_may_hold_the_password| {
        bad("not a valid URL: write smtps://user:password@host:465, and @ : / % in the password as %40 %3A \
                 %2F %25")
    })?;
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err(bad("has a path, query or fragment: remove it, or write # and ? in the password as %23 and %3F"));
    }
    Ok(url)
}

fn host_of(url: &Url) -> Result<String, MailConfigError> {
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(bad("has no host"))?;
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if bare.parse::<IpAddr>().is_ok() {
        return Ok(bare.to_owned());
    }
    percent_decode(host).as_deref().and_then(host_name).ok_or(bad("host is not a valid host name"))
}

/// Whether what is sent to this host stays on this machine. A name other than `localhost` does not, whatever it resolves to.
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn credentials_of(url: &Url) -> Result<Option<Credentials>, MailConfigError> {
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) => Err(bad("has a password but no user name")),
        (_, None | Some("")) => Err(bad("has a user name but no password")),
        (user, Some(password)) => {
            let readable = |part| percent_decode(part).filter(|part| !part.contains(char::is_control));
            match (readable(user), readable(password)) {
                (Some(user), Some(password)) => Ok(Some(Credentials::new(user, password))),
                _ => Err(bad("user name or password is not percent-encoded UTF-8, or has a control character")),
            }
        }
    }
}

/// Decodes percent-encoding. Refuses a percent sign without two hexadecimal digits: it should have been `%25`.
fn percent_decode(text: &str) -> Option<String> {
    let is_digits = |rest: &str| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    let all = text.split('%').skip(1).all(is_digits);
    all.then(|| percent_decode_str(text).decode_utf8().ok()).flatten().map(Cow::into_owned)
}

/// Keeps lettre's defaults, which check certificates and host names.
fn tls_parameters(host: &str, roots: &[Certificate]) -> Result<TlsParameters, MailConfigError> {
    let builder = TlsParameters::builder(host.to_owned());
    roots
        .iter()
        .fold(builder, |builder, root| builder.add_root_certificate(root.clone()))
        .build()
        .map_err(|_only_roots_can_fail| MailConfigError::new("root certificate", "not a usable certificate"))
}

/// Reads certificates in PEM form.
pub(crate) fn certificate(pem: &[u8]) -> Result<Certificate, MailConfigError> {
    let begins = b"-----BEGIN CERTIFICATE-----";
    let why = "not a PEM certificate: the file starts with -----BEGIN CERTIFICATE-----";
    if !pem.windows(begins.len()).any(|window| window == begins) {
        return Err(MailConfigError::new("root certificate", why));
    }
    Certificate::from_pem(pem).map_err(|_has_no_detail| MailConfigError::new("root certificate", why))
}

#[cfg(test)]
mod tests {
    use super::{Protection, Server, certificate};

    #[test]
    fn the_scheme_decides_the_protection_and_the_port() {
        let server = Server::from_url("smtps://mail.example.com").unwrap();
        assert!(matches!(server.protection, Protection::Implicit(_)));
        assert_eq!((server.host.as_str(), server.port), ("mail.example.com", 465));
        let server = Server::from_url("smtp://mail.example.com").unwrap();
        assert!(matches!(server.protection, Protection::StartTls(_)));
        assert_eq!(server.port, 587);
        let server = Server::from_url("smtp://[2001:db8::1]:2525").unwrap();
        assert_eq!((server.host.as_str(), server.port), ("2001:db8::1", 2525));
    }

    #[test]
    fn only_loopback_without_credentials_goes_without_tls() {
        for host in ["localhost", "LocalHost", "127.0.0.1", "127.9.8.7", "[::1]"] {
            let server = Server::from_url(&format!("smtp://{host}:1025")).unwrap();
            assert!(matches!(server.protection, Protection::Loopback), "{host}");
            assert_eq!(Server::from_url(&format!("smtp://{host}")).unwrap().port, 25);
            let signs_in = Server::from_url(&format!("smtp://mailer:p@{host}:1025")).unwrap();
            assert!(matches!(signs_in.protection, Protection::StartTls(_)), "{host}");
            let server = Server::from_url(&format!("smtps://{host}:1025")).unwrap();
            assert!(matches!(server.protection, Protection::Implicit(_)), "{host}");
        }
        for host in [
            "localhost.evil.example",
            "my-localhost",
            "127.0.0.1.nip.example",
            "0.0.0.0",
            "[::]",
            "[::ffff:127.0.0.1]",
            "10.0.0.1",
            "192.168.0.1",
            "mailhog",
            "mail.example.com",
        ] {
            let server = Server::from_url(&format!("smtp://{host}:1025")).unwrap();
            assert!(matches!(server.protection, Protection::StartTls(_)), "{host}");
        }
    }

    #[test]
    fn credentials_are_decoded_and_never_shown() {
        let server = Server::from_url("smtps://apikey%40x:p%40ss%2F%25w%C3%B6rd@mail.example.com").unwrap();
        let expected =
            lettre::transport::smtp::authentication::Credentials::new("apikey@x".to_owned(), "p@ss/%wörd".to_owned());
        assert_eq!(server.credentials.as_ref(), Some(&expected));
        let shown = format!("{server:?}");
        assert!(!shown.contains("apikey") && !shown.contains("p@ss"), "{shown}");
    }

    #[test]
    fn mistakes_in_a_url_are_named_without_showing_it() {
        for url in [
            "",
            "mail.example.com",
            "mail.example.com:465",
            "https://mail.example.com",
            "smtp+starttls://mail.example.com",
            "smtps://",
            "smtps:///",
            "smtps://user@mail.example.com",
            "smtps://user:@mail.example.com",
            "smtps://:hunter2@mail.example.com",
            "smtps://user:hunter2%@mail.example.com",
            "smtps://user:hunter2%0d%0a@mail.example.com",
            "smtps://user:hunter2%00@mail.example.com",
            "smtps://user:hunter2%ff@mail.example.com",
            "smtps://user:hunter2/x@mail.example.com",
            "smtps://user:hunter2#x@mail.example.com",
            "smtps://mail.example.com:99999",
            "smtps://mail.example.com/client",
            "smtps://mail.example.com?tls=opportunistic",
            "smtps://mail.example.com#x",
            "smtps://ma il.example.com",
            "smtps://mail%20.example.com",
            "smtps://mail.example.com\r\n",
            " smtps://mail.example.com",
        ] {
            let error = Server::from_url(url).unwrap_err();
            assert!(error.field == "SMTP URL", "{url:?} {error}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_root_must_be_a_certificate_and_brings_tls() {
        for pem in [&b""[..], b"no", b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
            let mut server = Server::from_url("smtps://mail.example.com").unwrap();
            let refused = certificate(pem).and_then(|root| server.trust(&[root]));
            assert!(refused.is_err_and(|error| error.field == "root certificate"), "{pem:?}");
        }
        let mut server = Server::from_url("smtp://localhost").unwrap();
        server.trust(&[]).unwrap();
        assert!(matches!(server.protection, Protection::StartTls(_)));
    }
}
