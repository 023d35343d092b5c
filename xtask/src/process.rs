//! Running programs, and finding out whether they are there.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, IsTerminal};
use std::iter;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// Cargo's target directory: this program was built into it.
pub(crate) fn target_dir() -> Result<PathBuf> {
    let exe = env::current_exe().context("cannot find this program's own path")?;
    let dir = exe.parent().and_then(Path::parent);
    Ok(dir.context("not run from a target directory")?.to_owned())
}

/// Builds a program of the workspace; where it lies. No package is named, so cargo takes the features that all of them ask for together, as it
/// does for the tests: what these are built of isn't compiled once more.
pub(crate) fn build(name: &str) -> Result<PathBuf> {
    run(cargo("build --quiet --bin").arg(name))?;
    let program = format!("{name}{}", env::consts::EXE_SUFFIX);
    Ok(target_dir()?.join("debug").join(program))
}

/// On a continuous-integration machine, what is missing is a failure.
pub(crate) fn on_ci() -> bool {
    env::var_os("CI").is_some_and(|value| value == "true" || value == "1")
}

/// A program, to be run in the repository's root, with the words of a text as its arguments.
pub(crate) fn program(name: impl AsRef<OsStr>, words: &str) -> Command {
    let mut command = Command::new(name);
    command.args(words.split_whitespace()).current_dir(root());
    command
}

/// The cargo that runs this program.
pub(crate) fn cargo(words: &str) -> Command {
    program(
        env::var_os("CARGO").unwrap_or_else(|| "cargo".into()),
        words,
    )
}

/// The compiler that cargo runs.
pub(crate) fn rustc() -> Command {
    program(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()), "")
}

/// The cargo of another toolchain, whose variables must not be those of the one that runs this program.
pub(crate) fn cargo_of(toolchain: &str, words: &str) -> Command {
    let mut command = program("cargo", &format!("+{toolchain} {words}"));
    for variable in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
        command.env_remove(variable);
    }
    command
}

/// The compiler's flags as `CARGO_ENCODED_RUSTFLAGS` takes them: these, and those that keep this machine's paths out of
/// what ships. Panics name source files. Whose machine built the package is nobody's business, and must not change its bytes.
pub(crate) fn shipping_flags(first: &[&str]) -> Result<OsString> {
    // With the component rust-src, the compiler names its files where it would else name this place.
    let sysroot = output(rustc().args(["--print", "sysroot"]))?;
    let source = Path::new(sysroot.trim()).join("lib/rustlib/src/rust");
    let version = output(rustc().arg("-vV"))?;
    let place = version
        .lines()
        .find_map(|line| line.strip_prefix("commit-hash: "))
        .map_or("/rustc".to_owned(), |hash| format!("/rustc/{hash}"));

    let mut flags: Vec<OsString> = first.iter().map(OsString::from).collect();
    let home = cargo_home()?;
    for (from, to) in [(&*home, "cargo"), (root(), "bananatech"), (&source, &place)] {
        let mut flag = OsString::from("--remap-path-prefix=");
        flag.push(from);
        flag.push(format!("={to}"));
        flags.push(flag);
    }
    Ok(flags.join(OsStr::new("\u{1f}")))
}

/// Where cargo keeps what it has fetched.
pub(crate) fn cargo_home() -> Result<PathBuf> {
    if let Some(home) = env::var_os("CARGO_HOME") {
        return Ok(home.into());
    }
    let home = env::home_dir().context("no home directory")?;
    Ok(home.join(".cargo"))
}

fn shown(command: &Command) -> String {
    let path = Path::new(command.get_program());
    let name = path.file_name().unwrap_or(command.get_program());
    let words = iter::once(name).chain(command.get_args());
    let words: Vec<_> = words.map(OsStr::to_string_lossy).collect();
    words.join(" ")
}

fn start_failed(command: &Command) -> String {
    format!("cannot run `{}`", shown(command))
}

/// Runs it, with its output as it comes.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = status(command)?;
    if !status.success() {
        bail!("`{}` ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs it, with its output as it comes; how it ended.
pub(crate) fn status(command: &mut Command) -> Result<ExitStatus> {
    command.status().with_context(|| start_failed(command))
}

/// Runs it silently; what it wrote to its output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| start_failed(command))?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        // Some programs, Maven among them, say there what went wrong.
        eprint!("{told}");
        bail!("`{}` ended with {}", shown(command), output.status);
    }
    Ok(told)
}

/// Runs it, and gives each line of its output to `each` after showing it. Whether it succeeded.
pub(crate) fn watch(command: &mut Command, mut each: impl FnMut(&str)) -> Result<bool> {
    if std::io::stdout().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| start_failed(command))?;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line?;
            let text = String::from_utf8_lossy(&line);
            println!("{text}");
            each(text.trim_end());
        }
    }
    Ok(child.wait()?.success())
}

/// Whether a program is there and works.
pub(crate) fn works(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
