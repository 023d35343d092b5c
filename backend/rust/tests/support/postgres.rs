//! A PostgreSQL of the tests' own: in a folder of its own, under an ordinary user, on loopback, for as long as the tests run.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bananatech_backend::Postgres;
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use tokio_postgres::{Config, NoTls};

/// The server ends when this process does: it then reads the end of its standard input.
const SCRIPT: &str = r#"
set -e
"$0/initdb" --pgdata="$1" --username=tests --auth=trust --no-sync --encoding=UTF8 --locale=C >"$1.log" 2>&1
"$0/postgres" -D "$1" -h 127.0.0.1 -p "$2" -k "$1" -c fsync=off -c max_connections=60 >>"$1.log" 2>&1 </dev/null &
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

/// The port of the server, started at its first use; nothing if PostgreSQL isn't installed here.
fn port() -> Option<u16> {
    static PORT: OnceLock<Option<u16>> = OnceLock::new();
    *PORT.get_or_init(|| {
        let Some(programs) = programs() else {
            assert!(
                std::env::var_os("CI").is_none(),
                "PostgreSQL isn't installed"
            );
            eprintln!("skipped: PostgreSQL isn't installed");
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let data = std::env::temp_dir().join(format!("bananatech-postgres-{}", std::process::id()));
        let mut command = as_ordinary_user();
        command
            .args(["sh", "-c", SCRIPT])
            .arg(programs)
            .arg(&data)
            .arg(port.to_string());
        let child = command
            .current_dir("/")
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        // Its standard input stays open until this process ends.
        std::mem::forget(child);
        Some(port)
    })
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

/// A new database; nothing if PostgreSQL isn't installed here.
pub async fn database() -> Option<Database> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let port = port()?;
    let name = format!("tests_{}", COUNT.fetch_add(1, Ordering::SeqCst));
    let config = |name: &str| {
        let mut config = Config::new();
        config
            .host("127.0.0.1")
            .port(port)
            .user("tests")
            .dbname(name);
        config
    };
    let administrator = loop {
        match config("postgres").connect(NoTls).await {
            Ok((client, connection)) => {
                tokio::spawn(connection);
                break client;
            }
            // It is starting.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    };
    administrator
        .batch_execute(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    Some(Database {
        config: config(&name),
    })
}

pub struct Database {
    config: Config,
}

impl Database {
    /// A pool of its own, as each instance has.
    pub fn pool(&self) -> Pool {
        let manager = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let manager = Manager::from_config(self.config.clone(), NoTls, manager);
        Pool::builder(manager).max_size(8).build().unwrap()
    }

    pub async fn store(&self) -> Postgres {
        Postgres::new(self.pool()).await.unwrap()
    }
}
