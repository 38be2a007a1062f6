//! A private cluster.

use std::io::Seek;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use tempfile::TempDir;

use crate::NoServer;
use crate::programs::Programs;

/// The role that owns the cluster.
const ROLE: &str = "postgres";

/// Starts the server, and stops it and removes its directory when the input ends: the other end of that pipe is held by
/// the process that wanted the server, and is closed when that ends, by whatever.
const KEEPER: &str = r#"
"$1" -D "$2/data" -l "$2/log" -w -t 120 start >/dev/null || { cat "$2/log" >&2; exit 1; }
echo started
cat >/dev/null
"$1" -D "$2/data" -m immediate -w stop >/dev/null 2>&1
rm -rf "$2"
"#;

/// Past how many blocks of 512 bytes, in which `ulimit` counts, no file grows where there is little room: more than any file
/// of a new cluster has, and half a page too many, so that the page at the end is written in part as on a full disk.
const LITTLE_ROOM: &str = "4104";

/// Runs a program with little room. The server ignores the signal that comes with it.
const IN_LITTLE_ROOM: &str = r#"ulimit -f "$1" && shift && exec "$@""#;

/// A Postgres cluster of this process alone, with its default settings, `fsync` among them.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    programs: Programs,
    keeper: Child,
    // While it is open the server runs.
    pipe: Option<ChildStdin>,
}

impl Cluster {
    /// Makes a cluster and starts it.
    ///
    /// # Errors
    /// When there are no server programs, or they fail.
    pub fn start() -> Result<Self, NoServer> {
        Self::start_with(&[])
    }

    /// Makes a cluster and starts it, whose log is kept in files of a mebibyte, so that it can be
    /// [restarted with little room](Self::restart_with_little_room).
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_with_small_log() -> Result<Self, NoServer> {
        Self::start_with(&["--wal-segsize=1"])
    }

    fn start_with(options: &[&str]) -> Result<Self, NoServer> {
        let temporary = tempfile::Builder::new().prefix("pg-").tempdir().map_err(failed("no temporary directory"))?;
        // A directory that was just made belongs to the user who runs this.
        let owner = temporary.path().metadata().map_err(failed("no temporary directory"))?.uid();
        let programs = Programs::find(owner)?;
        prepare(&temporary, &programs, options)?;
        let folder = temporary.path().to_owned();
        let pg_ctl = programs.path("pg_ctl");
        let mut command = programs.command("sh");
        command.arg("-c").arg(KEEPER).arg("keeper").arg(pg_ctl).arg(&folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // What is typed at the terminal to end the tests must not end the keeper before its work is done.
        command.process_group(0);
        let mut keeper = command.spawn().map_err(failed("cannot run sh"))?;
        let pipe = keeper.stdin.take();
        let cluster = Self { folder: temporary.keep(), programs, keeper, pipe };
        cluster.started()
    }

    /// Waits for the server's start.
    fn started(mut self) -> Result<Self, NoServer> {
        use std::io::{BufRead, BufReader, Read};

        let mut line = String::new();
        let out = self.keeper.stdout.take().map(BufReader::new);
        out.map(|mut out| out.read_line(&mut line)).transpose().map_err(failed("Postgres does not start"))?;
        if line == "started\n" {
            // Whatever reads what the tests print must not wait for the server's end.
            self.keeper.stderr = None;
            return Ok(self);
        }
        let mut log = String::new();
        if let Some(mut errors) = self.keeper.stderr.take() {
            errors.read_to_string(&mut log).map_err(failed("Postgres does not start"))?;
        }
        Err(NoServer::new(format!("the Postgres server does not start:\n{log}")))
    }

    /// The address of the cluster's first database.
    #[must_use]
    pub fn url(&self) -> String {
        let host: String = self.folder.to_string_lossy().replace('/', "%2F");
        format!("postgres://{ROLE}@{host}:5432/postgres")
    }

    /// Restarts the server: every connection is cut.
    ///
    /// # Errors
    /// When it does not start again.
    pub fn restart(&self) -> Result<(), NoServer> {
        self.control(&["-m", "fast", "-w", "-t", "120", "restart"])
    }

    /// Ends the server as a loss of power would, without its having written anything more, and starts it again.
    ///
    /// # Errors
    /// When it does not start again.
    pub fn crash(&self) -> Result<(), NoServer> {
        self.control(&["-m", "immediate", "-w", "-t", "120", "restart"])
    }

    /// Stops the server: every connection is cut, and new ones are refused, as by a machine on which no server listens.
    ///
    /// # Errors
    /// When it does not stop.
    pub fn stop(&self) -> Result<(), NoServer> {
        self.control(&["-m", "fast", "-w", "-t", "120", "stop"])?;
        // A socket without a listener: the server removed its own, and nothing at all is another error.
        let socket = UnixListener::bind(self.folder.join(".s.PGSQL.5432"));
        socket.map(drop).map_err(|error| NoServer::new(format!("no socket in place of the server's: {error}")))
    }

    /// Starts the server after [`stop`](Self::stop).
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_again(&self) -> Result<(), NoServer> {
        self.control(&["-w", "-t", "120", "start"])
    }

    /// Restarts the server so that no table can grow past two mebibytes, until it is restarted by another way: what needs
    /// more room then fails as on a full disk. Postgres 15 and older give the code of a full disk (53100), newer ones that
    /// of any error of a file (XX000), and all the same hint, to look for free space. Only for a cluster with a
    /// [small log](Self::start_with_small_log): where there is no room for the log, the server ends.
    ///
    /// # Errors
    /// When it does not start again.
    pub fn restart_with_little_room(&self) -> Result<(), NoServer> {
        let mut command = self.programs.command("sh");
        command.args(["-c", IN_LITTLE_ROOM, "sh", LITTLE_ROOM]).arg(self.programs.path("pg_ctl"));
        self.control_by(command, &["-m", "fast", "-w", "-t", "120", "restart"])
    }

    fn control(&self, arguments: &[&str]) -> Result<(), NoServer> {
        self.control_by(self.programs.command(self.programs.path("pg_ctl")), arguments)
    }

    fn control_by(&self, mut command: Command, arguments: &[&str]) -> Result<(), NoServer> {
        command.arg("-D").arg(self.folder.join("data")).arg("-l").arg(self.folder.join("log")).args(arguments);
        run(&mut command)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.pipe.take());
        drop(self.keeper.wait());
    }
}

/// Makes the files of a cluster. Its directory belongs to the user who runs the server, and no other may enter it, so
/// connections by the socket are trusted.
fn prepare(temporary: &TempDir, programs: &Programs, options: &[&str]) -> Result<(), NoServer> {
    let folder = temporary.path();
    if let Some(user) = programs.user() {
        chown(folder, Some(user.id), Some(user.group)).map_err(failed(
            "cannot change the owner of the data \
                 directory",
        ))?;
    }
    let data = folder.join("data");
    let mut initdb = programs.command(programs.path("initdb"));
    // Only the making is not synchronised to the disk: what is lost then was never used.
    initdb.arg("-D").arg(&data).args(["-U", ROLE, "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]);
    initdb.args(options);
    run(&mut initdb)?;
    append(&data.join("postgresql.conf"), &settings(folder))
}

fn settings(folder: &Path) -> String {
    let socket = folder.to_string_lossy();
    format!("listen_addresses = ''\nunix_socket_directories = '{socket}'\nport = 5432\nmax_connections = 200\n")
}

fn append(file: &Path, text: &str) -> Result<(), NoServer> {
    use std::io::Write;

    let opened = std::fs::OpenOptions::new().append(true).open(file);
    opened.and_then(|mut file| file.write_all(text.as_bytes())).map_err(failed("cannot write the server's settings"))
}

fn run(command: &mut Command) -> Result<(), NoServer> {
    // Into a file and not a pipe: a server that was started keeps what it was given open.
    let mut log = tempfile::tempfile().map_err(failed("no temporary file"))?;
    let out = || log.try_clone().map_err(failed("no temporary file"));
    command.stdin(Stdio::null()).stdout(out()?).stderr(out()?);
    let status = command.status().map_err(failed("cannot run a program of Postgres"))?;
    if status.success() {
        return Ok(());
    }
    let told = log.rewind().and_then(|()| std::io::read_to_string(&log)).map_err(failed("no temporary file"))?;
    Err(NoServer::new(format!("{command:?} failed:\n{told}")))
}

fn failed(what: &'static str) -> impl Fn(std::io::Error) -> NoServer {
    move |error| NoServer::new(format!("{what}: {error}"))
}
