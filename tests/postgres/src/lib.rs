//! A PostgreSQL of one's own, for tests and demos: in a folder of its own, under an ordinary user, on loopback. It ends with the
//! process that started it, whatever ends that.

use std::io;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The server ends when the process that started it does: its standard input then ends.
const SCRIPT: &str = r#"
set -e
"$0/initdb" --pgdata="$1" --username=tests --auth=trust --no-sync --encoding=UTF8 --locale=C >"$1.log" 2>&1 || { cat "$1.log" >&2; rm -rf "$1" "$1.log"; exit 1; }
"$0/postgres" -D "$1" -h 127.0.0.1 -p "$2" -k "$1" -c fsync=$3 -c max_connections=60 >>"$1.log" 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -INT $server
wait $server || true
rm -rf "$1" "$1.log"
"#;

/// The programs, if they are here.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders
        .into_iter()
        .rev()
        .find(|folder| folder.join("initdb").exists())
}

/// Whether PostgreSQL is installed here.
pub fn is_here() -> bool {
    programs().is_some()
}

/// The server doesn't run as root.
fn as_ordinary_user() -> Command {
    if Path::new("/root").read_dir().is_ok() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]);
        return command;
    }
    Command::new("env")
}

/// A server that runs until this is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    programs: PathBuf,
    port: u16,
    databases: AtomicU32,
}

impl Server {
    /// Starts one, and waits until it takes connections. Nothing if PostgreSQL isn't installed here.
    ///
    /// Errors if it doesn't start.
    pub fn start() -> io::Result<Option<Self>> {
        Self::start_with("off")
    }

    /// The same, and what is committed is on the disk, as in production: to measure.
    pub fn start_durable() -> io::Result<Option<Self>> {
        Self::start_with("on")
    }

    fn start_with(fsync: &str) -> io::Result<Option<Self>> {
        let Some(programs) = programs() else {
            return Ok(None);
        };
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let data = std::env::temp_dir().join(format!("bananatech-postgres-{}", std::process::id()));
        let child = as_ordinary_user()
            .args(["sh", "-c", SCRIPT])
            .arg(&programs)
            .arg(data)
            .args([&port.to_string(), fsync])
            .current_dir("/")
            .stdin(Stdio::piped())
            // An interrupt from the keyboard is for the process that started it.
            .process_group(0)
            .spawn()?;
        let mut server = Self {
            child,
            programs,
            port,
            databases: AtomicU32::new(0),
        };
        while !server.run("pg_isready", &["--quiet"])? {
            if let Some(status) = server.child.try_wait()? {
                return Err(io::Error::other(format!("PostgreSQL ended with {status}")));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(Some(server))
    }

    /// Runs one of PostgreSQL's programs against it: whether it succeeded.
    fn run(&self, program: &str, arguments: &[&str]) -> io::Result<bool> {
        let port = self.port.to_string();
        let status = Command::new(self.programs.join(program))
            .args(["-h", "127.0.0.1", "-p", &port, "-U", "tests"])
            .args(arguments)
            .stdin(Stdio::null())
            .status()?;
        Ok(status.success())
    }

    /// Makes a new database, and tells its URL.
    pub fn database(&self) -> io::Result<String> {
        let name = format!("tests_{}", self.databases.fetch_add(1, Ordering::SeqCst));
        if !self.run("createdb", &[&name])? {
            return Err(io::Error::other("a database couldn't be made"));
        }
        Ok(format!("postgres://tests@127.0.0.1:{}/{name}", self.port))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // Its folder is gone then.
        let _ = self.child.wait();
    }
}
