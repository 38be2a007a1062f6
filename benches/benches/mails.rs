//! How many mails leave a second, to a server that answers at once, beside the same conversation on bare connections.
#![allow(clippy::disallowed_methods, reason = "benches measure real time")]

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Instant;

use anyhow::{Result, ensure};
use password_reset::Contact;
use password_reset::ports::{Delivery, Notifier};
use password_reset_smtp::SmtpNotifier;
use password_reset_testkit::sample::link_message;

/// As many as the notifier has unless told otherwise.
const CONNECTIONS: usize = 4;
/// How many messages a worker gives it at once.
const AT_ONCE: usize = 128;
const ROUNDS: usize = 5;

fn main() -> Result<()> {
    let mails = if benches::measures() { 4_096 } else { 256 };
    let server = serve()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let notifier = SmtpNotifier::new(&format!("smtp://{server}"), "no-reply@toko.example")?;
    let (mut bare_best, mut best) = (0.0_f64, 0.0_f64);
    for _ in 0..ROUNDS {
        bare_best = bare_best.max(a_second(mails, || bare(server, mails))?);
        best = best.max(a_second(mails, || runtime.block_on(deliver(&notifier, mails)))?);
    }
    println!(
        "mails a second: {best:.0}; the same conversation on bare connections {bare_best:.0}, {:.2} times",
        best / bare_best
    );
    Ok(())
}

fn a_second(mails: usize, run: impl FnOnce() -> Result<()>) -> Result<f64> {
    let start = Instant::now();
    run()?;
    Ok(f64::from(u32::try_from(mails)?) / start.elapsed().as_secs_f64())
}

async fn deliver(notifier: &SmtpNotifier, mails: usize) -> Result<()> {
    let message = link_message(Contact::email("ani@toko.example"));
    for _ in 0..mails / AT_ONCE {
        let sending = (0..AT_ONCE).map(|_| notifier.deliver(&message));
        for delivery in futures_util::future::join_all(sending).await {
            ensure!(matches!(delivery, Delivery::Delivered), "{delivery:?}");
        }
    }
    Ok(())
}

/// The commands of a mail of four kilobytes, from a thread for each connection.
fn bare(server: SocketAddr, mails: usize) -> Result<()> {
    let content = format!("{}.\r\n", "a line of a mail that is about as long as lines are\r\n".repeat(75));
    let commands = ["MAIL FROM:<no-reply@toko.example>\r\n", "RCPT TO:<ani@toko.example>\r\n", "DATA\r\n", &content];
    let connection = || -> Result<()> {
        let mut stream = BufReader::new(TcpStream::connect(server)?);
        let mut line = String::new();
        stream.read_line(&mut line)?;
        for _ in 0..mails / CONNECTIONS {
            for command in commands {
                stream.get_mut().write_all(command.as_bytes())?;
                line.clear();
                stream.read_line(&mut line)?;
            }
        }
        Ok(())
    };
    thread::scope(|scope| {
        let running = [(); CONNECTIONS].map(|()| scope.spawn(connection));
        running.into_iter().try_for_each(|thread| thread.join().expect("no thread panics"))
    })
}

/// A server that takes everything, on a thread for each connection.
fn serve() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that goes away ends its thread.
            thread::spawn(move || converse(stream));
        }
    });
    Ok(address)
}

fn converse(stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    stream.get_mut().write_all(b"220 mail.toko.example\r\n")?;
    let (mut line, mut in_content) = (Vec::new(), false);
    loop {
        line.clear();
        if stream.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let answer: &[u8] = match (in_content, line.as_slice()) {
            (true, b".\r\n") => b"250 ok\r\n",
            (true, _) => continue,
            (false, b"DATA\r\n") => b"354 go on\r\n",
            (false, _) => b"250 mail.toko.example\r\n",
        };
        in_content = answer.starts_with(b"354");
        stream.get_mut().write_all(answer)?;
    }
}
