//! The documentation's site: builds it, and opens every page of it in a browser.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::files::{copy_all, empty};
use crate::process::{cargo, program, root, run, target_dir};
use crate::steps::Outcome;
use crate::tools::QUIETLY;
use crate::web::{chromium, has_browser};
use crate::{jvm, kotlin, swift, swift_toolchain, wasm};

/// Builds the site, and answers its folder. A dead link is an error.
pub(crate) fn build(with_references: bool) -> Result<PathBuf> {
    // Of a copy of `docs`, so that nothing is installed among the sources.
    let work = empty(target_dir()?.join("docs"))?;
    // Pages show files of the repository, and links lead to them.
    for entry in fs::read_dir(root())? {
        let entry = entry?;
        let name = entry.file_name();
        if !["docs", "target", ".git"].iter().any(|own| name == *own) {
            symlink(entry.path(), work.join(&name)).context("cannot link the repository")?;
        }
    }
    let docs = work.join("docs");
    copy_all(&root().join("docs"), &docs)?;
    run(program("npm", "ci")
        .args(QUIETLY.split(' '))
        .current_dir(&docs))?;
    // The fields that can be tried on a page are the package's. A link would have its `vue` looked for where it leads.
    copy_all(&wasm::build()?, &docs.join("node_modules/bananatech"))?;
    let site = work.join("site");
    run(program("npx", "vitepress build --outDir ../site").current_dir(&docs))?;
    if with_references {
        references(&docs, &site)?;
    }
    Ok(site)
}

/// Builds the site, and opens every page.
pub(crate) fn test() -> Result<Outcome> {
    let site = build(true)?;
    if !has_browser() {
        return Ok(Outcome::Missing(chromium().display().to_string()));
    }
    let work = target_dir()?.join("docs");
    run(program("npm", "run --silent check")
        .current_dir(work.join("docs"))
        .env("BANANATECH_SITE", site)
        .env("BANANATECH_SCREENSHOTS", work.join("screenshots"))
        .env("CHROMIUM", chromium()))?;
    Ok(Outcome::Passed(None))
}

/// The references of the packages' interfaces, each made by its language's own tool, if that is there: `api/…` of the site. `docs` is the copy of
/// the documentation that has npm's tools.
fn references(docs: &Path, site: &Path) -> Result<()> {
    let api = site.join("api");
    // rustdoc's, as the step `doc` has it, so that it is there after that.
    run(cargo("doc --no-deps").env("RUSTDOCFLAGS", "-D warnings"))?;
    copy_all(&target_dir()?.join("doc"), &api.join("rust"))?;
    // TypeDoc's, by `typedoc.json`.
    run(program("npx", "typedoc --out")
        .arg(api.join("javascript"))
        .current_dir(docs))?;
    if jvm::is_there() {
        on_the_jvm(&api)?;
    } else {
        println!("the reference of Kotlin: skipped, Java or Maven is missing");
    }
    match swift_toolchain::find() {
        Ok(toolchain) => swift::reference(&toolchain, &api.join("swift"))?,
        Err(missing) => println!("the reference of Swift: skipped, missing: {missing}"),
    }
    Ok(())
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
