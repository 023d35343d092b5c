//! The crates: those for crates.io, whose manifests don't say `publish = false`, and what is checked of them.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::api::compare;
use crate::files::{self, empty};
use crate::process::{cargo, cargo_home, cargo_of, output, program, root, run, target_dir, works};
use crate::{needs, tools};

/// The version of cargo-deny.
const DENY: &str = "0.20.2";

/// The oldest Rust that the crates promise to be compiled by.
const OLDEST: &str = env!("CARGO_PKG_RUST_VERSION");

/// The version of cargo-public-api. It reads what nightly's rustdoc writes: if it can't read that of a newer one, there is a newer version.
const PUBLIC_API: &str = "0.52.0";

/// The crates that users call, with the features of what is listed, and where the listing is.
#[rustfmt::skip]
const LISTINGS: [(&str, &str, &str); 2] = [
    ("bananatech-core", "", "core/api.txt"),
    ("bananatech-backend", "axum,postgres", "backend/rust/api.txt"),
];

/// Fails for a license that we can't ship with, and for a crate from elsewhere than crates.io.
pub(super) fn deny() -> Result<()> {
    let path = tools::path_with("cargo-deny", DENY)?;
    // Its database of advisories is in a repository that it would have to fetch.
    let check = "deny check licenses bans sources";
    run(program("cargo", check).env("PATH", path))
}

/// Compiles everything with the oldest Rust but this program and the benchmarks, which nobody gets.
pub(super) fn check_oldest_rust() -> Result<()> {
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

/// Compares the listings of what the crates offer with the sources, and shows a difference; says what is missing for that.
pub(super) fn check_listings() -> Result<Option<String>> {
    if let Some(what) = needs::nightly() {
        return Ok(Some(format!("the listings of the crates, missing: {what}")));
    }
    let tools = tools::path_with("cargo-public-api", PUBLIC_API)?;
    for (name, features, listing) in LISTINGS {
        let mut command = cargo("public-api -sss --package");
        command.args([name, "--features", features]);
        // It chooses a nightly by itself.
        for variable in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
            command.env_remove(variable);
        }
        let offered = output(command.env("PATH", &tools))?;
        let write = "this with BANANATECH_WRITE_API=1";
        compare(&root().join(listing), &offered, write)?;
    }
    Ok(None)
}

/// Has cargo pack the crates in order, and compile each from its archive alone and from the archives of the others.
pub(super) fn pack(to: &Path) -> Result<()> {
    forget_rehearsals()?;
    // A folder of its own: cargo takes what it has compiled of a version for the same, too.
    let work = empty(target_dir()?.join("crates"))?;
    run(cargo("publish --dry-run --locked --workspace").env("CARGO_TARGET_DIR", &work))?;
    // Where a rehearsal leaves its archives.
    let made = work.join("package/tmp-crate");
    for archive in files::all(&made)? {
        fs::copy(made.join(&archive), to.join(&archive))?;
    }
    Ok(())
}

/// Cargo keeps what it has unpacked of a version, and takes it again. That of an earlier rehearsal is of older sources.
fn forget_rehearsals() -> Result<()> {
    let unpacked = cargo_home()?.join("registry/src");
    for registry in fs::read_dir(unpacked).into_iter().flatten() {
        for package in fs::read_dir(registry?.path())? {
            let package = package?;
            let name = package.file_name();
            if name.to_string_lossy().starts_with("bananatech-") {
                fs::remove_dir_all(package.path())?;
            }
        }
    }
    Ok(())
}
