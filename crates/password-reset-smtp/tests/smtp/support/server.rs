//! An SMTP server (mailin-embedded) that records messages and gives the configured replies.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, TcpListener};
use std::sync::{Arc, Mutex, Once};

use mailin_embedded::response::{AUTH_OK, INVALID_CREDENTIALS, OK};
use mailin_embedded::{AuthMechanism, Handler, Response, Server, SslConfig};

use super::authority::Identity;

pub(crate) const PASSWORD: &str = "correct-horse";

/// A received message.
#[derive(Clone, Debug, Default)]
pub(crate) struct Received {
    pub(crate) hello: String,
    pub(crate) user: String,
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) content: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    Hello,
    SignIn,
    Mail,
    Rcpt,
    Data,
    Content,
}

#[derive(Default)]
struct Shared {
    received: Mutex<Vec<Received>>,
    commands: Mutex<Vec<Step>>,
    replies: Mutex<HashMap<Step, VecDeque<(u16, String)>>>,
}

pub(crate) struct MailServer {
    pub(crate) port: u16,
    shared: Arc<Shared>,
}

impl MailServer {
    /// A server with STARTTLS and sign-in after it.
    pub(crate) fn with_starttls(identity: &Identity) -> Self {
        Self::start(tls(identity), true)
    }

    /// A server with STARTTLS that takes mails in the clear, too.
    pub(crate) fn with_starttls_alone(identity: &Identity) -> Self {
        Self::start(tls(identity), false)
    }

    /// A server without TLS and sign-in.
    pub(crate) fn plain() -> Self {
        Self::start(SslConfig::None, false)
    }

    fn start(tls: SslConfig, signs_in: bool) -> Self {
        use_ring();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared::default());
        let mut server = Server::new(Recorder { shared: Arc::clone(&shared), now: Received::default() });
        server.with_name("mail.toko.example").with_num_threads(32).with_tcp_listener(listener);
        server.with_ssl(tls).unwrap();
        if signs_in {
            server.with_auth(AuthMechanism::Plain);
        }
        // The server has no shutdown; its thread ends with the process.
        std::thread::spawn(move || server.serve().unwrap());
        Self { port, shared }
    }

    /// Sets the server's next reply at this step.
    pub(crate) fn answer(&self, step: Step, code: u16, text: &str) {
        self.shared.replies.lock().unwrap().entry(step).or_default().push_back((code, text.to_owned()));
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// The steps that clients reached, in order.
    pub(crate) fn commands(&self) -> Vec<Step> {
        self.shared.commands.lock().unwrap().clone()
    }

    /// The only message.
    #[track_caller]
    pub(crate) fn only(&self) -> Received {
        let received = self.received();
        assert_eq!(received.len(), 1, "one message");
        received.into_iter().next().unwrap()
    }
}

fn tls(identity: &Identity) -> SslConfig {
    let path = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    SslConfig::SelfSigned { cert_path: path(&identity.certificate_path), key_path: path(&identity.key_path) }
}

/// The server's TLS needs a process-wide crypto provider.
pub(crate) fn use_ring() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tokio_rustls::rustls::crypto::ring::default_provider().install_default().unwrap();
    });
}

#[derive(Clone)]
struct Recorder {
    shared: Arc<Shared>,
    now: Received,
}

impl Recorder {
    fn at(&self, step: Step, otherwise: Response) -> Response {
        self.shared.commands.lock().unwrap().push(step);
        let told = self.shared.replies.lock().unwrap().get_mut(&step).and_then(VecDeque::pop_front);
        told.map_or(otherwise, |(code, text)| Response::custom(code, text))
    }
}

impl Handler for Recorder {
    fn helo(&mut self, _ip: IpAddr, domain: &str) -> Response {
        domain.clone_into(&mut self.now.hello);
        self.at(Step::Hello, OK)
    }

    fn auth_plain(&mut self, _authorization: &str, user: &str, password: &str) -> Response {
        user.clone_into(&mut self.now.user);
        let answer = if password == PASSWORD { AUTH_OK } else { INVALID_CREDENTIALS };
        self.at(Step::SignIn, answer)
    }

    fn mail(&mut self, _ip: IpAddr, _domain: &str, from: &str) -> Response {
        self.now.from = from.to_owned();
        self.now.to.clear();
        self.now.content.clear();
        self.at(Step::Mail, OK)
    }

    fn rcpt(&mut self, to: &str) -> Response {
        let answer = self.at(Step::Rcpt, OK);
        if !answer.is_error {
            self.now.to.push(to.to_owned());
        }
        answer
    }

    fn data_start(&mut self, _domain: &str, _from: &str, _is8bit: bool, _to: &[String]) -> Response {
        self.at(Step::Data, OK)
    }

    fn data(&mut self, line: &[u8]) -> io::Result<()> {
        self.now.content.extend_from_slice(line);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let answer = self.at(Step::Content, OK);
        if !answer.is_error {
            self.shared.received.lock().unwrap().push(self.now.clone());
        }
        answer
    }
}
