//! The references of the packages' interfaces, each made by its language's own tool, within the documentation's site: `api/…`.

use std::path::Path;

use anyhow::Result;

use crate::files::{copy_all, empty};
use crate::process::{cargo, program, run, target_dir};
use crate::swift_toolchain;
use crate::{jvm, kotlin, swift};

/// Makes those whose tools are there. `docs` is the copy of the documentation that has npm's tools.
pub(crate) fn build(docs: &Path, site: &Path) -> Result<()> {
    let api = site.join("api");
    rust(&api.join("rust"))?;
    javascript(docs, &api.join("javascript"))?;
    if jvm::is_there() {
        on_the_jvm(&api)?;
    } else {
        println!("the reference of Kotlin: skipped, Java or Maven is missing");
    }
    match swift_toolchain::find() {
        Some(toolchain) => swift::reference(&toolchain, &api.join("swift"))?,
        None => println!(
            "the reference of Swift: skipped, missing: {}",
            swift_toolchain::missing()
        ),
    }
    Ok(())
}

/// rustdoc's, of all crates.
fn rust(to: &Path) -> Result<()> {
    // As the step `doc` has it, so that it is there after that.
    run(cargo("doc --no-deps").env("RUSTDOCFLAGS", "-D warnings"))?;
    copy_all(&target_dir()?.join("doc"), to)
}

/// TypeDoc's, by `typedoc.json`.
fn javascript(docs: &Path, to: &Path) -> Result<()> {
    run(program("npx", "typedoc --out").arg(to).current_dir(docs))
}

/// Dokka's: what the archives with the documentation hold.
fn on_the_jvm(api: &Path) -> Result<()> {
    let package = kotlin::package()?;
    for artifact in jvm::ALL {
        let to = empty(api.join("kotlin").join(artifact.name))?;
        run(program("jar", "--extract --file")
            .arg(package.join(artifact.archive("-javadoc")))
            .current_dir(to))?;
    }
    Ok(())
}
