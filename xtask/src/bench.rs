//! `cargo xtask bench`.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::process::{cargo, pass_through, program, root, works};

/// Whether the system's OpenSSL can be linked: the benchmarks need it.
pub(crate) fn openssl_is_there() -> bool {
    works(&mut program("pkg-config", &["--exists", "openssl"]))
}

/// Measures, prints the table, and writes it into the documentation if that is wished.
pub(crate) fn run(quick: bool, write: bool) -> Result<ExitCode> {
    if !openssl_is_there() {
        bail!("OpenSSL's headers are missing: install libssl-dev and pkg-config");
    }
    let mut bench = cargo(&["run", "--release", "-p", "bananatech-benches", "--"]);
    if quick {
        bench.arg("--quick");
    }
    if write {
        bench.arg("--write").arg(root().join("docs/benchmarks.md"));
    }
    pass_through(&mut bench)
}
