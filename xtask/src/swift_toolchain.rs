//! A Swift 6: the machine's own, or the one that `.ci/swift` put into a folder, with a Debian around it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, ensure};

use crate::process::{root as repository, target_dir};

/// The oldest that can compile what we ship: it is in language mode 6.
const OLDEST: u32 = 6;
/// Where `.ci/swift` puts one, unless `BANANATECH_SWIFT_ROOT` names another folder.
const USUAL_ROOT: &str = "/var/cache/bananatech-swift";
/// What `.ci/swift` writes there at the very end: without it, half of something lies there.
const READY: &str = ".bananatech-ready";
/// Inside, Debian keeps all but `swift` and `swiftc` apart. The rest is for the programs that get us there.
const PATH: &str =
    "/usr/libexec/swift/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A Swift that works.
pub(crate) enum Toolchain {
    /// The machine's own.
    Native,
    /// In a folder with a Debian around it.
    Chroot {
        root: PathBuf,
        /// Keeps SwiftPM's caches between runs, and out of the user's own.
        home: PathBuf,
    },
}

/// The machine's own Swift if it is new enough, or else that of `.ci/swift`, if it is whole and may be entered.
pub(crate) fn find() -> Result<Toolchain> {
    if is_new_enough(Command::new("swift").arg("--version")) {
        return Ok(Toolchain::Native);
    }
    let root = std::env::var_os("BANANATECH_SWIFT_ROOT");
    let root = root.map_or_else(|| PathBuf::from(USUAL_ROOT), PathBuf::from);
    let is_whole = root.join(READY).exists();
    let home = target_dir()?.join("swift-home");
    std::fs::create_dir_all(&home)?;
    let dir = home.clone();
    let toolchain = Toolchain::Chroot { root, home };
    // Whoever isn't root, or in a container without the right to mount, can't enter.
    let mut swift = toolchain.command("swift", &dir, &[]);
    ensure!(is_whole && is_new_enough(swift.arg("--version")), MISSING);
    Ok(toolchain)
}

/// What to do if there is none.
const MISSING: &str = "Swift 6 (from swift.org, Debian trixie's swiftlang, or `sudo .ci/swift`, and run this as root then)";

fn is_new_enough(question: &mut Command) -> bool {
    // Silently: it's no fault if there is none.
    let answer = question.stdin(Stdio::null()).stderr(Stdio::null()).output();
    answer.is_ok_and(|answer| {
        answer.status.success() && major(&String::from_utf8_lossy(&answer.stdout)) >= Some(OLDEST)
    })
}

/// The major version in what `swift --version` told. (OpenStack's client has the same name, and tells another.)
fn major(told: &str) -> Option<u32> {
    let (_, version) = told.split_once("Swift version ")?;
    version.split(['.', ' ', '-']).next()?.parse().ok()
}

impl Toolchain {
    /// A program, to be run in `dir`: `swift`, or what it built by its absolute path. `dir` and `places` are folders, by
    /// absolute path, that it finds where they are outside; it may see no others. It is in the same network, and ends by the
    /// signals that are sent to what was started. Nothing but what the caller adds to its environment is sure to be set.
    pub(crate) fn command(
        &self,
        program: impl AsRef<OsStr>,
        dir: &Path,
        places: &[&Path],
    ) -> Command {
        match self {
            Self::Native => {
                let mut command = Command::new(program);
                command.current_dir(dir);
                command
            }
            Self::Chroot { root, home } => {
                let mut command = Command::new("unshare");
                command
                    .args(["--mount", "sh"])
                    .arg(repository().join(".ci/swift-enter"))
                    .args([root, home])
                    .args(places)
                    .arg(dir)
                    .arg("--")
                    .arg(dir)
                    .arg(program)
                    .env_clear()
                    .env("PATH", PATH)
                    .env("HOME", home)
                    .env("LANG", "C.UTF-8");
                command
            }
        }
    }
}
