//! The oldest Rust that the crates promise to be compiled by: `rust-version` in `Cargo.toml`.

use anyhow::Result;

use crate::process::{cargo_of, program, run, target_dir, works};

/// The promise.
const OLDEST: &str = env!("CARGO_PKG_RUST_VERSION");

/// Compiles everything with it but this program and the benchmarks, which nobody gets.
pub(super) fn check() -> Result<()> {
    if !works(&mut cargo_of(OLDEST, "--version")) {
        let install = format!("toolchain install {OLDEST} --profile=minimal");
        run(&mut program("rustup", &install))?;
    }
    run(cargo_of(OLDEST, "check --locked --quiet --workspace")
        .args(["--exclude=bananatech-benches", "--exclude=xtask"])
        // Of its own: what another compiler made would be made anew.
        .arg("--target-dir")
        .arg(target_dir()?.join("msrv")))
}
