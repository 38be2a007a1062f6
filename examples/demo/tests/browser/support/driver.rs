//! One chromedriver for all tests that run at a time.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tempfile::TempDir;

/// The advice when a program is missing.
const INSTALL: &str = "run scripts/browser, which installs what the browser tests need, or says what to install";

/// Runs the driver until the input of the shell ends, which happens however the tests end; then ends the shell's own
/// process group, which holds only the driver and its browsers.
const UNTIL_CLOSED: &str = r#""$0" --port=0 --allowed-ips=127.0.0.1 & read -r _; trap '' TERM; kill -TERM 0; wait"#;

static RUNNING: Mutex<Weak<Driver>> = Mutex::new(Weak::new());

/// A chromedriver on a free port of this machine. It ends with the last test that holds it.
pub struct Driver {
    port: u16,
    child: Child,
    /// What a browser writes while it ends, after its own profile was removed, goes with this.
    _profiles: TempDir,
    /// The shell around the driver ends it when this is closed.
    _lives_while_open: ChildStdin,
}

impl Driver {
    /// The running driver, or a new one.
    pub fn shared() -> Arc<Self> {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        running.upgrade().unwrap_or_else(|| {
            let driver = Arc::new(Self::start());
            *running = Arc::downgrade(&driver);
            driver
        })
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn start() -> Self {
        let profiles = tempfile::tempdir().unwrap();
        let driver = on_path(&["chromedriver"]).unwrap_or_else(|| panic!("there is no chromedriver: {INSTALL}"));
        let mut child = Command::new("/bin/sh")
            .args(["-c", UNTIL_CLOSED, &driver])
            .env("TMPDIR", profiles.path())
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let stdin = child.stdin.take().expect("it is piped");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
        // "ChromeDriver was started successfully on port 35417."
        let said = lines.find(|line| line.contains("started successfully")).expect("chromedriver says its port");
        let port = said.trim_end_matches('.').rsplit(' ').next().and_then(|port| port.parse().ok());
        // Its later output is dropped, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Self { port: port.expect("chromedriver says its port"), child, _profiles: profiles, _lives_while_open: stdin }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // An empty line has the same effect as the end of its input, and comes first.
        let _ = std::io::Write::write_all(&mut self._lives_while_open, b"\n");
        let _ = self.child.wait();
    }
}

/// The path of the browser without windows, which starts in a quarter of the time, or else of the whole browser.
pub fn headless_shell() -> String {
    on_path(&["chromium-headless-shell", "chrome-headless-shell"]).unwrap_or_else(chromium)
}

/// The path of the whole browser.
pub fn chromium() -> String {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    on_path(&names).unwrap_or_else(|| panic!("there is no Chromium: {INSTALL}"))
}

/// The source of the accessibility rules.
pub fn axe() -> String {
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/../axe-core/axe.min.js");
    std::fs::read_to_string(file).unwrap_or_else(|_| panic!("there is no axe-core at {file}: {INSTALL}"))
}

fn on_path(names: &[&str]) -> Option<String> {
    let folders: Vec<_> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    let all = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    all.into_iter().find(|file| file.is_file()).map(|file| file.display().to_string())
}
