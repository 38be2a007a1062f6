//! What a proxy on this machine does: connects to a Unix domain socket, and names the client.

use std::path::{Path, PathBuf};
use std::time::Duration;

use password_reset_web::EdgeLimits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

/// A place for a socket, which goes with the folder.
pub(crate) struct Socket(PathBuf);

impl Socket {
    pub(crate) fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("reset-{name}-{}", std::process::id()));
        let _left_over = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.join("s")
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn two_an_hour() -> EdgeLimits {
    let mut limits = EdgeLimits::default();
    limits.requests = 2;
    limits.requests_refill = Duration::from_secs(3600);
    limits
}

/// The status of the start page, for a client that the proxy names.
pub(crate) async fn ask(socket: &Path, client: Option<&str>) -> u16 {
    let mut stream = UnixStream::connect(socket).await.unwrap();
    let client = client.map(|client| format!("x-forwarded-for: {client}\r\n")).unwrap_or_default();
    let request = format!("GET /reset HTTP/1.1\r\nhost: toko.example\r\n{client}connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _reset = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await.unwrap();
    let answer = String::from_utf8_lossy(&answer);
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

/// Each client has a quota of its own, none can take that of another, and clients that are not named share one.
pub(crate) async fn clients_have_quotas(socket: &Path) {
    for client in ["198.51.100.1", "198.51.100.2"] {
        let asked = [ask(socket, Some(client)).await, ask(socket, Some(client)).await, ask(socket, Some(client)).await];
        assert_eq!(asked, [200, 200, 429], "{client}");
    }
    assert_eq!(ask(socket, Some("198.51.100.3, 198.51.100.1")).await, 429, "an address that the client made up");
    let unnamed = [ask(socket, None).await, ask(socket, Some("unknown")).await, ask(socket, None).await];
    assert_eq!(unnamed, [200, 200, 429]);
}
