//! Archives whose bytes depend on nothing but their content.

use std::path::Path;

use anyhow::Result;

use crate::process::{program, run};

/// Packs a file or folder by its name in another folder, as `.zip` or `.tar.gz`.
pub(super) fn pack(within: &Path, name: &str, to: &Path) -> Result<()> {
    let script = include_str!("archive.sh");
    run(program("sh", "-c")
        .args([script, "archive.sh"])
        .args([within, Path::new(name), to]))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::files::empty;
    use crate::process::{target_dir, works};

    #[test]
    fn the_same_content_makes_the_same_archives() {
        if !works(&mut program("zip", "-v")) {
            return;
        }
        let work = empty(target_dir().unwrap().join("archive-test")).unwrap();
        let made = |name: &str, mode: &str| {
            let folder = work.join(name);
            let content = folder.join("content");
            fs::create_dir_all(content.join("inner")).unwrap();
            for file in ["b", "a", "inner/c"] {
                fs::write(content.join(file), file).unwrap();
            }
            run(program("chmod", mode).arg(content.join("a"))).unwrap();
            ["made.zip", "made.tar.gz"].map(|archive| {
                let archive = folder.join(archive);
                pack(&folder, "content", &archive).unwrap();
                fs::read(archive).unwrap()
            })
        };
        let first = made("first", "640");
        // The time that a zip has is of two seconds.
        std::thread::sleep(std::time::Duration::from_secs(2));
        assert!(first == made("second", "600"));
    }
}
