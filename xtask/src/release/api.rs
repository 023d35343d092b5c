//! The committed listings of what the crates for users offer. Who changes it changes them too, and so sees what users will see.

use anyhow::Result;

use crate::api::compare;
use crate::needs;
use crate::process::{cargo, output, root};
use crate::tools;

/// The version of cargo-public-api. It reads what nightly's rustdoc writes: if it can't read that of a newer one, there is a newer version.
const PUBLIC_API: &str = "0.52.0";

/// The crates, with the features of what is listed, and where the listing is.
const CRATES: [(&str, &str, &str); 2] = [
    ("bananatech-core", "", "core/api.txt"),
    (
        "bananatech-backend",
        "axum,postgres",
        "backend/rust/api.txt",
    ),
];

/// Compares the listings with the sources, and shows a difference; says what is missing for that.
pub(super) fn check() -> Result<Option<String>> {
    if let Some(what) = needs::nightly() {
        return Ok(Some(format!("the listings of the crates, missing: {what}")));
    }
    let tools = tools::path_with("cargo-public-api", PUBLIC_API)?;
    for (name, features, listing) in CRATES {
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
