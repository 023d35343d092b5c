//! The documentation's site: builds it, and opens every page of it in a browser.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::files::{copy_all, empty};
use crate::process::{program, root, run, target_dir};
use crate::references;
use crate::steps::Outcome;
use crate::tools::QUIETLY;
use crate::wasm;
use crate::web::{chromium, has_browser};

/// The site is built of a copy of `docs`, so that nothing is installed among the sources.
fn work_dir() -> Result<PathBuf> {
    Ok(target_dir()?.join("docs"))
}

/// Builds the site, and answers its folder. A dead link is an error.
pub(crate) fn build(with_references: bool) -> Result<PathBuf> {
    let work = empty(work_dir()?)?;
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
    run(program("npm", "ci").args(QUIETLY).current_dir(&docs))?;
    // The fields that can be tried on a page are the package's. A link would have its `vue` looked for where it leads.
    copy_all(&wasm::build()?, &docs.join("node_modules/bananatech"))?;
    let site = work.join("site");
    run(program("npx", "vitepress build --outDir ../site").current_dir(&docs))?;
    if with_references {
        references::build(&docs, &site)?;
    }
    Ok(site)
}

/// Builds the site, and opens every page.
pub(crate) fn test() -> Result<Outcome> {
    let site = build(true)?;
    if !has_browser() {
        return Ok(Outcome::Missing(chromium().display().to_string()));
    }
    let work = work_dir()?;
    run(program("npm", "run --silent check")
        .current_dir(work.join("docs"))
        .env("BANANATECH_SITE", site)
        .env("BANANATECH_SCREENSHOTS", work.join("screenshots"))
        .env("CHROMIUM", chromium()))?;
    Ok(Outcome::Passed(None))
}
