//! What the instances told.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

/// All notices, in the order in which they came.
#[derive(Default)]
pub struct Notices(Mutex<Told>);

#[derive(Default)]
struct Told {
    count: usize,
    by_reference: BTreeMap<String, Vec<(usize, Value)>>,
    others: Vec<Value>,
}

impl Notices {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One came.
    pub fn add(&self, notice: Value) {
        let mut told = self.told();
        let reference = notice.pointer("/operation/reference");
        match reference.and_then(Value::as_str).map(str::to_owned) {
            Some(reference) => {
                let at = told.count;
                told.by_reference
                    .entry(reference)
                    .or_default()
                    .push((at, notice));
            }
            None => told.others.push(notice),
        }
        told.count += 1;
    }

    /// How many came.
    pub fn len(&self) -> usize {
        self.told().count
    }

    /// Whether none came.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Of how many operations something was told, of those whose reference begins so.
    pub fn operations(&self, reference: &str) -> usize {
        let told = self.told();
        let names = told.by_reference.keys();
        names.filter(|name| name.starts_with(reference)).count()
    }

    /// Those of one operation, with their places in the order of all.
    pub fn of(&self, reference: &str) -> Vec<(usize, Value)> {
        let told = self.told();
        told.by_reference
            .get(reference)
            .cloned()
            .unwrap_or_default()
    }

    /// Those of no operation: somebody else acts.
    pub fn others(&self) -> Vec<Value> {
        self.told().others.clone()
    }
}
