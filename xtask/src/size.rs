//! `cargo xtask size`: what a program downloads or ships, against a limit, and what takes the most of npm's module.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use wasmparser::{KnownCustom, Name, Parser, Payload};

use crate::process::{output, program, target_dir};
use crate::{kotlin, mobile, swift, wasm, xcframework};

/// An entry, and the files that it is.
struct Entry {
    name: &'static str,
    files: &'static [&'static str],
    /// Whether it is all that a program needs, so that the limit holds for it.
    full: bool,
}

const ENTRIES: &[Entry] = &[
    Entry {
        name: "index.js (default)",
        files: &["index.js"],
        full: true,
    },
    Entry {
        name: "index.cjs (default)",
        files: &["index.cjs"],
        full: true,
    },
    Entry {
        name: "slim.js + bananatech.wasm",
        files: &["slim.js", "bananatech.wasm"],
        full: true,
    },
    Entry {
        name: "workerd.js + bananatech.wasm",
        files: &["workerd.js", "bananatech.wasm"],
        full: true,
    },
    Entry {
        name: "bananatech.wasm alone",
        files: &["bananatech.wasm"],
        full: false,
    },
];

/// Bytes of gzip that a full entry may have: what was reached, and a little.
const LIMIT: u64 = 114_000;

/// What it was meant to have. Why it doesn't: docs/decisions/0007.
const GOAL: u64 = 50_000;

/// Bytes of gzip that the fields alone may have: what card-validator and restricted-input weigh together.
const FORMS: u64 = 9_200;

/// Prints raw, gzip and brotli sizes of a JSON list of files, summed per line.
const COMPRESS: &str = r#"
const zlib = require("node:zlib"), fs = require("node:fs");
for (const files of JSON.parse(process.argv[1])) {
  const sum = (size) => files.reduce((all, file) => all + size(fs.readFileSync(file)), 0);
  console.log(
    sum((bytes) => bytes.length),
    sum((bytes) => zlib.gzipSync(bytes, { level: 9 }).length),
    sum((bytes) => zlib.brotliCompressSync(bytes).length),
  );
}"#;

/// Bytes that the library may have, stripped: what was reached, and a little.
const LIBRARY_LIMIT: u64 = 995_000;

/// What it was meant to have. Why it doesn't: docs/decisions/0008.
const LIBRARY_GOAL: u64 = 700_000;

/// A row of the table: what it is, its files, and the limit and goal for one of its sizes.
struct Row {
    name: String,
    files: Vec<PathBuf>,
    bound: Option<Bound>,
}

/// A limit, a goal, and why that isn't reached.
#[derive(Clone, Copy)]
struct Bound {
    limit: u64,
    goal: u64,
    /// Which size: what is downloaded by every visitor counts compressed.
    gzip: bool,
    decision: &'static str,
}

/// Builds the packages, prints their sizes, and fails if one is over its limit. The libraries for Apple's platforms take
/// minutes to build, so they are left out unless they are wished.
pub(crate) fn run(apple: bool) -> Result<ExitCode> {
    let mut over = of_npm()?;
    println!();
    over.extend(of_mobile(apple)?);
    if over.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    println!("\nover the limit: {}", over.join(", "));
    Ok(ExitCode::FAILURE)
}

/// Prints a table; the names of those over their limits.
fn table(rows: &[Row]) -> Result<Vec<String>> {
    let files: Vec<_> = rows.iter().map(|row| &row.files).collect();
    let told = output(program("node", &["-e", COMPRESS]).arg(serde_json::to_string(&files)?))?;
    println!(
        "\n{:<38} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "", "raw", "gzip", "brotli", "limit", "goal"
    );
    let (mut over, mut missed) = (Vec::new(), BTreeSet::new());
    for (row, line) in rows.iter().zip(told.lines()) {
        let sizes: Vec<u64> = line
            .split(' ')
            .map(|size| size.parse().context("a size"))
            .collect::<Result<_>>()?;
        let [raw, gzip, brotli] = sizes[..] else {
            anyhow::bail!("expected three sizes");
        };
        let (limit, goal) = row.bound.map_or_else(Default::default, |bound| {
            (bound.limit.to_string(), bound.goal.to_string())
        });
        let line = format!(
            "{:<38} {raw:>9} {gzip:>9} {brotli:>9} {limit:>9} {goal:>9}",
            row.name
        );
        println!("{}", line.trim_end());
        if let Some(bound) = row.bound {
            let size = if bound.gzip { gzip } else { raw };
            if size > bound.limit {
                over.push(row.name.clone());
            }
            if size > bound.goal {
                missed.insert(bound.decision);
            }
        }
    }
    for decision in missed {
        println!("The goal is not reached: {decision} says why.");
    }
    Ok(over)
}

fn of_npm() -> Result<Vec<String>> {
    let package = wasm::build()?;
    let row = |entry: &Entry| Row {
        name: entry.name.to_owned(),
        files: entry.files.iter().map(|file| package.join(file)).collect(),
        bound: entry.full.then_some(Bound {
            limit: LIMIT,
            goal: GOAL,
            gzip: true,
            decision: "docs/decisions/0007",
        }),
    };
    let forms = ["forms.js", "forms.cjs"].map(|file| Row {
        name: file.to_owned(),
        files: vec![package.join(file)],
        bound: Some(Bound {
            limit: FORMS,
            goal: FORMS,
            gzip: true,
            decision: "docs/decisions/0009",
        }),
    });
    let rows: Vec<_> = ENTRIES.iter().map(row).chain(forms).collect();
    let over = table(&rows)?;

    let library = target_dir()?
        .join(wasm::TARGET)
        .join("wasm/bananatech_wasm.wasm");
    println!("\nWhat takes the most of the module (raw bytes):");
    for (part, bytes) in parts(&library)?.into_iter().take(16) {
        println!("{bytes:>9}  {part}");
    }
    Ok(over)
}

fn of_mobile(apple: bool) -> Result<Vec<String>> {
    let library = target_dir()?.join("size").join(mobile::library_name());
    fs::create_dir_all(library.with_file_name(""))?;
    fs::copy(mobile::library(mobile::Build::Shipped)?, &library)?;
    mobile::strip(&library)?;
    let mut rows = vec![Row {
        name: format!("{}, stripped", mobile::library_name()),
        files: vec![library],
        bound: Some(Bound {
            limit: LIBRARY_LIMIT,
            goal: LIBRARY_GOAL,
            gzip: false,
            decision: "docs/decisions/0008",
        }),
    }];
    if kotlin::is_there() {
        rows.push(Row {
            name: kotlin::archive(""),
            files: vec![kotlin::package()?.join(kotlin::archive(""))],
            bound: None,
        });
    } else {
        println!("the jar: skipped, Java or Maven is missing");
    }
    let package = swift::package()?;
    rows.push(Row {
        name: format!("{} for Swift", mobile::STATIC_LIBRARY),
        files: vec![package.join("lib").join(mobile::STATIC_LIBRARY)],
        bound: None,
    });
    if apple {
        swift::package_xcframework(&package)?;
        for (target, file) in xcframework::parts_on_disk()? {
            rows.push(Row {
                name: format!("XCFramework: {target}"),
                files: vec![file],
                bound: None,
            });
        }
    }
    table(&rows)
}

/// The module's bytes by crate, the most first. Generic code counts for the crate that it was written in.
fn parts(library: &Path) -> Result<Vec<(String, usize)>> {
    let module = fs::read(library).context("cannot read the module")?;
    let mut names = BTreeMap::new();
    let mut sizes = Vec::new();
    let mut imported = 0;
    let mut parts: BTreeMap<String, usize> = BTreeMap::new();
    for payload in Parser::new(0).parse_all(&module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports {
                    if matches!(import?.ty, wasmparser::TypeRef::Func(_)) {
                        imported += 1;
                    }
                }
            }
            Payload::CodeSectionEntry(body) => sizes.push(body.range().len()),
            Payload::DataSection(data) => {
                *parts.entry("(data)".to_owned()).or_default() += data.range().len();
            }
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(subsections) = section.as_known() {
                    for subsection in subsections {
                        if let Name::Function(functions) = subsection? {
                            for function in functions {
                                let function = function?;
                                names.insert(function.index, function.name);
                            }
                        }
                    }
                }
            }
            _ => {}
        }
    }
    for (index, size) in (imported..).zip(sizes) {
        let part = names
            .get(&index)
            .map_or("(glue)".to_owned(), |name| crate_of(name));
        *parts.entry(part).or_default() += size;
    }
    let mut parts: Vec<_> = parts.into_iter().collect();
    parts.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    Ok(parts)
}

/// The crate of a function: the first path in its name, `<core::option::Option<T> as serde::…>` is core's.
fn crate_of(mangled: &str) -> String {
    let name = format!("{:#}", rustc_demangle::demangle(mangled));
    let start = name.trim_start_matches(['<', '&', '(', '[', ' ']);
    match start.split_once("::") {
        Some((krate, _)) if krate.chars().all(|c| c.is_alphanumeric() || c == '_') => {
            krate.to_owned()
        }
        _ => "(glue)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::crate_of;

    #[test]
    fn names_tell_their_crate() {
        for (name, expected) in [
            ("_ZN4core3ptr4read17h0123456789abcdefE", "core"),
            ("<aes::Block as core::Clone>::clone", "aes"),
            ("__wbindgen_malloc", "(glue)"),
        ] {
            assert_eq!(crate_of(name), expected, "{name}");
        }
    }
}
