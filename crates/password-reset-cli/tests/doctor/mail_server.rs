//! A mail server that writes each mail into a folder, with what a receiving server says of its sender.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use mailin_embedded::{Handler, Response, Server, response};

/// What a receiving server writes before a mail whose sender is right.
pub(crate) const RESULTS: &str =
    "Authentication-Results: mx.toko.example; spf=pass smtp.mailfrom=toko.example; dkim=pass; dmarc=pass\r\n";

#[derive(Clone)]
struct Receiving {
    folder: PathBuf,
    edit: fn(String) -> String,
    data: Vec<u8>,
}

impl Handler for Receiving {
    fn mail(&mut self, _: IpAddr, _: &str, _: &str) -> Response {
        self.data.clear();
        response::OK
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.data.extend_from_slice(bytes);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let mail = (self.edit)(format!("{RESULTS}{}", String::from_utf8_lossy(&self.data)));
        let count = std::fs::read_dir(&self.folder).unwrap().count();
        // Complete or absent, as in a Maildir.
        let (part, whole) = (self.folder.with_extension(count.to_string()), self.folder.join(format!("{count}.eml")));
        std::fs::write(&part, mail).unwrap();
        std::fs::rename(part, whole).unwrap();
        response::OK
    }
}

/// Starts it on a free port.
pub(crate) fn start(folder: &Path, edit: fn(String) -> String) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut server = Server::new(Receiving { folder: folder.to_owned(), edit, data: Vec::new() });
    server.with_name("mx.toko.example").with_num_threads(2).with_tcp_listener(listener);
    std::thread::spawn(move || server.serve().unwrap());
    address
}
