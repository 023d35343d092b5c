//! A Swift 6: the machine's own, or the one that `.ci/swift` put into a folder, with a Debian around it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::target_dir;

/// The oldest that can compile what we ship: it is in language mode 6.
const OLDEST: u32 = 6;
/// Where `.ci/swift` puts one, unless `BANANATECH_SWIFT_ROOT` names another folder.
const USUAL_ROOT: &str = "/var/cache/bananatech-swift";
/// What `.ci/swift` writes there at the very end: without it, half of something lies there.
const READY: &str = ".bananatech-ready";
/// Inside, Debian keeps all but `swift` and `swiftc` apart. The rest is for the programs that get us there.
const PATH: &str =
    "/usr/libexec/swift/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Goes inside: arguments are the root, the folders to be seen there, `--`, the folder to be in, and the program with its
/// arguments. The mounts are seen by nobody else, so nobody has to undo them; each program replaces the one before, so
/// signals, input and exit code are the last one's.
const ENTER: &str = r#"
set -e
root=$1
shift
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"
while [ "$1" != -- ]; do
    mkdir -p "$root$1"
    mount --rbind "$1" "$root$1"
    shift
done
shift
exec chroot "$root" sh -c 'cd "$1" && shift && exec "$@"' sh "$@"
"#;

/// A Swift that works.
pub(crate) struct Toolchain(Kind);

enum Kind {
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
pub(crate) fn find() -> Option<Toolchain> {
    if is_new_enough(Command::new("swift").arg("--version")) {
        return Some(Toolchain(Kind::Native));
    }
    let root = std::env::var_os("BANANATECH_SWIFT_ROOT")
        .map_or_else(|| PathBuf::from(USUAL_ROOT), PathBuf::from);
    if !root.join(READY).exists() {
        return None;
    }
    let home = target_dir().ok()?.join("swift-home");
    std::fs::create_dir_all(&home).ok()?;
    let toolchain = Toolchain(Kind::Chroot {
        root,
        home: home.clone(),
    });
    // Whoever isn't root, or in a container without the right to mount, can't enter.
    is_new_enough(&mut toolchain.command("swift", &["--version"], &home, &[], &[]))
        .then_some(toolchain)
}

/// What to do if there is none.
pub(crate) fn missing() -> String {
    "Swift 6 (from swift.org, Debian trixie's swiftlang, or `sudo .ci/swift`, and run this as root then)"
        .to_owned()
}

fn is_new_enough(question: &mut Command) -> bool {
    // Silently: it's no fault if there is none.
    question
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .is_ok_and(|answer| {
            answer.status.success()
                && major(&String::from_utf8_lossy(&answer.stdout))
                    .is_some_and(|major| major >= OLDEST)
        })
}

/// The major version in what `swift --version` told.
fn major(told: &str) -> Option<u32> {
    let (_, version) = told.split_once("Swift version ")?;
    version.split(['.', ' ', '-']).next()?.parse().ok()
}

impl Toolchain {
    /// A program, to be run in `dir`: `swift`, or what it built by its absolute path. `dir` and `places` are folders, by
    /// absolute path, that it finds where they are outside; it may see no others. It is in the same network, and ends by the
    /// signals that are sent to what was started. Nothing but `environment` is sure to be set.
    pub(crate) fn command(
        &self,
        program: impl AsRef<OsStr>,
        arguments: &[&str],
        dir: &Path,
        places: &[&Path],
        environment: &[(&str, &str)],
    ) -> Command {
        let mut command = match &self.0 {
            Kind::Native => {
                let mut command = Command::new(program);
                command.current_dir(dir);
                command
            }
            Kind::Chroot { root, home } => {
                let mut command = Command::new("unshare");
                command
                    .args(["--mount", "sh", "-c", ENTER, "sh"])
                    .arg(root)
                    .arg(home)
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
        };
        command.args(arguments).envs(environment.iter().copied());
        command
    }
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, Result};

    use super::{find, major};
    use crate::process::{output, target_dir};

    #[test]
    fn the_version_is_found_in_what_swift_says_of_itself() {
        let linux = "Swift version 6.0.3 (swift-6.0.3-RELEASE)\nTarget: x86_64-unknown-linux-gnu\n";
        assert_eq!(major(linux), Some(6));
        let apple = "swift-driver version: 1.115.1 Apple Swift version 5.10 (swiftlang-5.10.0.13)";
        assert_eq!(major(apple), Some(5));
        let development = "Swift version 10-dev (LLVM 0123456789, Swift 0123456789)";
        assert_eq!(major(development), Some(10));
        // OpenStack's client has the same name.
        assert_eq!(major("python-swiftclient 4.1.0"), None);
        assert_eq!(major(""), None);
    }

    #[test]
    fn a_program_gets_just_what_it_is_given() -> Result<()> {
        let Some(toolchain) = find() else {
            // The step that needs one says so, and fails where nothing may be missing.
            return Ok(());
        };
        let dir = target_dir()?.join("it's \"a\" $HOME=");
        std::fs::create_dir_all(&dir)?;
        std::fs::write(dir.join("a file"), "what is in it\n")?;
        let script = "pwd; cat 'a file'; printf '%s\\n' \"$GIVEN\" \"$@\"";
        let odd = "a  \"b\" 'c' $d `e` \\ *";
        let environment = [("GIVEN", odd)];
        let arguments = ["-c", script, "sh", odd, "", "--"];
        let told = output(&mut toolchain.command("sh", &arguments, &dir, &[], &environment))?;
        let dir = dir.to_str().context("not UTF-8")?;
        assert_eq!(told, format!("{dir}\nwhat is in it\n{odd}\n{odd}\n\n--\n"));
        Ok(())
    }
}
