//! Databases in a PostgreSQL of the tests' own, for as long as the tests run.

use std::sync::OnceLock;

use bananatech_backend::Postgres;
use bananatech_postgres::Server;
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use tokio_postgres::{Config, NoTls};

/// The server, started at its first use; nothing if PostgreSQL isn't installed here.
fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let started = SERVER.get_or_init(|| {
        let server = Server::start().unwrap();
        if server.is_none() {
            assert!(
                std::env::var_os("CI").is_none(),
                "PostgreSQL isn't installed"
            );
            eprintln!("skipped: PostgreSQL isn't installed");
        }
        server
    });
    started.as_ref()
}

/// A new database; nothing if PostgreSQL isn't installed here.
pub async fn database() -> Option<Database> {
    // Starting it takes a while.
    let url = tokio::task::spawn_blocking(|| Some(server()?.database().unwrap()));
    let config = url.await.unwrap()?.parse().unwrap();
    Some(Database { config })
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
