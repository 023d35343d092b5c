//! Ordered sets and maps, filled one by one. `collect` sorts first, and each sort is 10 to 20 kB of the compiled module.

use std::collections::{BTreeMap, BTreeSet};

pub(super) fn set_of<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    set.extend(items);
    set
}

pub(super) fn map_of<K: Ord, V>(items: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    map.extend(items);
    map
}
