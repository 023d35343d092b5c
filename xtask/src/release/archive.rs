//! Archives whose bytes depend on nothing but their content: sorted, of a fixed time, by the system's `zip` and `tar`.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use crate::process::{program, root, run};
use crate::wasm::empty;

/// The time of all entries. The oldest that a zip can have is in 1980.
const TIME: &str = "202601010000";

/// An empty folder for what is to be packed, beside where the archives go.
pub(super) fn stage(to: &Path) -> Result<PathBuf> {
    empty(to.join("staged"))
}

/// Copies a file or a folder into a folder.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    run(program("cp", &["-R"]).args([from, to]))
}

/// Copies both licenses into a folder.
pub(super) fn copy_licenses(to: &Path) -> Result<()> {
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        fs::copy(root().join(name), to.join(name))?;
    }
    Ok(())
}

/// All files under a folder, by their paths in it, sorted.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in
            fs::read_dir(&next).with_context(|| format!("cannot read {}", next.display()))?
        {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder)?.to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Gives everything in a folder the fixed time, and the rights that everybody has.
fn level(folder: &Path) -> Result<()> {
    run(program("chmod", &["-R", "u=rwX,go=rX"]).arg(folder))?;
    let touch = ["-exec", "touch", "-t", TIME, "{}", "+"];
    run(program("find", &[])
        .arg(folder)
        .args(touch)
        .env("TZ", "UTC0"))
}

/// Packs a folder with its own name.
pub(super) fn zip(folder: &Path, to: &Path) -> Result<()> {
    level(folder)?;
    let name = folder.file_name().context("a folder without a name")?;
    let parent = folder.parent().context("a folder without a parent")?;
    let paths = files(folder)?;
    let paths = paths.iter().map(|path| Path::new(name).join(path));
    zip_files(parent, paths, to)
}

/// Packs what is in a folder.
pub(super) fn zip_content(folder: &Path, to: &Path) -> Result<()> {
    level(folder)?;
    zip_files(folder, files(folder)?.into_iter(), to)
}

fn zip_files(within: &Path, paths: impl Iterator<Item = PathBuf>, to: &Path) -> Result<()> {
    let mut zip = program("zip", &["-X", "-q", "-9", "-@"])
        .arg(to)
        .current_dir(within)
        // A zip has local times.
        .env("TZ", "UTC0")
        .stdin(Stdio::piped())
        .spawn()
        .context("cannot run `zip`")?;
    let mut names = zip.stdin.take().context("no standard input")?;
    for path in paths {
        writeln!(names, "{}", path.display())?;
    }
    drop(names);
    ensure!(zip.wait()?.success(), "cannot make {}", to.display());
    Ok(())
}

/// Packs a folder with its own name, as `.tar.gz`.
pub(super) fn tar(folder: &Path, to: &Path) -> Result<()> {
    level(folder)?;
    let name = folder.file_name().context("a folder without a name")?;
    let parent = folder.parent().context("a folder without a parent")?;
    let fixed = "--format=ustar --sort=name --owner=0 --group=0 --numeric-owner";
    run(
        program("tar", &["--create", "--use-compress-program=gzip -9n"])
            .args(fixed.split(' '))
            .arg("--file")
            .arg(to)
            .arg("--directory")
            .args([parent, Path::new(name)]),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{program, target_dir, works};

    #[test]
    fn the_same_content_makes_the_same_archives() {
        if !works(&mut program("zip", &["-v"])) {
            return;
        }
        let work = empty(target_dir().unwrap().join("archive-test")).unwrap();
        let made = |name: &str, mode: &str| {
            let folder = work.join(name).join("content");
            fs::create_dir_all(folder.join("inner")).unwrap();
            for file in ["b", "a", "inner/c"] {
                fs::write(folder.join(file), file).unwrap();
            }
            run(program("chmod", &[mode]).arg(folder.join("a"))).unwrap();
            let archives = [
                work.join(format!("{name}.zip")),
                work.join(format!("{name}.tar.gz")),
            ];
            zip(&folder, &archives[0]).unwrap();
            tar(&folder, &archives[1]).unwrap();
            archives.map(|archive| fs::read(archive).unwrap())
        };
        let first = made("first", "640");
        // The time that a zip has is of two seconds.
        std::thread::sleep(std::time::Duration::from_secs(2));
        assert!(first == made("second", "600"));
    }
}
