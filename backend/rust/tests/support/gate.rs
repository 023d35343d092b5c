//! A database that stops one transaction at a chosen statement.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bananatech_backend::{Dialect, Rows, Statement, Store, StoreError, Transaction};
use tokio::sync::Semaphore;

/// Where to stop, and who waits for what.
pub struct Gate {
    /// How many statements, begins and ends pass before it stops.
    left: AtomicU64,
    /// It has stopped.
    reached: Semaphore,
    /// It may go on.
    open: Semaphore,
}

impl Gate {
    /// Stops before the one after so many.
    pub fn after(count: u64) -> Arc<Self> {
        Arc::new(Self {
            left: AtomicU64::new(count + 1),
            reached: Semaphore::new(0),
            open: Semaphore::new(0),
        })
    }

    pub async fn reached(&self) {
        let _ = self.reached.acquire().await.unwrap();
    }

    pub fn open(&self) {
        self.open.add_permits(1);
    }

    async fn pass(&self) {
        let left = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            });
        if left == Ok(1) {
            self.reached.add_permits(1);
            self.open.acquire().await.unwrap().forget();
        }
    }
}

pub struct Gated<S> {
    pub store: S,
    pub gate: Arc<Gate>,
}

impl<S: Store> Store for Gated<S> {
    type Transaction = GatedTransaction<S::Transaction>;

    fn dialect(&self) -> Dialect {
        self.store.dialect()
    }

    async fn begin(&self) -> Result<Self::Transaction, StoreError> {
        self.gate.pass().await;
        Ok(GatedTransaction {
            transaction: self.store.begin().await?,
            gate: Arc::clone(&self.gate),
        })
    }
}

pub struct GatedTransaction<T> {
    transaction: T,
    gate: Arc<Gate>,
}

impl<T: Transaction> Transaction for GatedTransaction<T> {
    /// One after the other, so that it can be stopped between them.
    async fn run(&mut self, statements: &[Statement]) -> Result<Vec<Rows>, StoreError> {
        let mut rows = Vec::new();
        for statement in statements {
            self.gate.pass().await;
            let statement = std::slice::from_ref(statement);
            rows.extend(self.transaction.run(statement).await?);
        }
        Ok(rows)
    }

    async fn commit(mut self, statements: &[Statement]) -> Result<(), StoreError> {
        self.run(statements).await?;
        self.gate.pass().await;
        let done = self.transaction.commit(&[]).await;
        // Also between the commit and what follows.
        self.gate.pass().await;
        done
    }

    async fn roll_back(self) -> Result<(), StoreError> {
        self.gate.pass().await;
        self.transaction.roll_back().await
    }
}
