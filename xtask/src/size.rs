//! `cargo xtask size`: what a program downloads or ships, against a limit, and what takes the most of npm's module.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use wasmparser::{KnownCustom, Name, Parser, Payload};

use crate::process::{output, program, target_dir};
use crate::steps::Outcome;
use crate::{jvm, kotlin, mobile, swift, wasm, xcframework};

/// The files of each npm entry, and the bytes of gzip that they may have. The limits only stop accidents.
const ENTRIES: &[(&[&str], u64)] = &[
    (&["index.js"], FULL),
    (&["index.cjs"], FULL),
    (&["slim.js", "bananatech.wasm"], FULL),
    (&["workerd.js", "bananatech.wasm"], FULL),
    (&["plan.js"], PLAN),
    (&["plan.cjs"], PLAN),
    (&["plan-workerd.js", "plan.wasm"], PLAN),
    (&["forms.js"], FORMS),
    (&["forms.cjs"], FORMS),
    (&["forms-workerd.js", "forms.wasm"], FORMS),
];
const FULL: u64 = 470_000;
const PLAN: u64 = 112_000;
const FORMS: u64 = 14 * 1024;

/// Bytes that the mobile library may have, stripped: what was reached, and a little.
const LIBRARY: u64 = 1_900_000;

const COMPRESS: &str = include_str!("compressed-sizes.js");

/// A row of a table: what it is, its files, and a limit.
struct Row {
    name: String,
    files: Vec<PathBuf>,
    limit: Option<u64>,
}

/// Which of a row's sizes its limit is for.
#[derive(Clone, Copy)]
enum Limited {
    Raw,
    Gzip,
}

/// Builds the packages, prints their sizes, and fails if one is over its limit. The libraries for Apple's platforms take
/// minutes to build, so they are left out unless they are wished.
pub(crate) fn run(apple: bool) -> Result<()> {
    let package = wasm::build()?;
    let entry = |(files, limit): &(&[&str], u64)| Row {
        name: files.join(" + "),
        files: files.iter().map(|file| package.join(file)).collect(),
        limit: Some(*limit),
    };
    let entries: Vec<_> = ENTRIES.iter().map(entry).collect();
    let mut over = table(&entries, Limited::Gzip)?;
    println!("\nWhat takes the most of bananatech.wasm (raw bytes):");
    for (bytes, part) in parts(&wasm::library("bananatech-wasm", "wasm")?)?
        .iter()
        .take(16)
    {
        println!("{bytes:>9}  {part}");
    }
    println!();
    over.extend(table(&of_mobile(apple)?, Limited::Raw)?);
    ensure!(over.is_empty(), "over the limit: {}", over.join(", "));
    Ok(())
}

pub(crate) fn test() -> Result<Outcome> {
    run(false)?;
    Ok(Outcome::Passed(None))
}

/// Prints a table; the names of those over their limits.
fn table(rows: &[Row], limited: Limited) -> Result<Vec<String>> {
    let files: Vec<_> = rows.iter().map(|row| &row.files).collect();
    let told = output(
        program("node", "-e")
            .arg(COMPRESS)
            .arg(serde_json::to_string(&files)?),
    )?;
    let line = |name: &str, cells: [&str; 4]| {
        let [raw, gzip, brotli, limit] = cells;
        let line = format!("{name:<38} {raw:>9} {gzip:>9} {brotli:>9} {limit:>9}");
        println!("{}", line.trim_end());
    };
    println!();
    line("", ["raw", "gzip", "brotli", "limit"]);
    let mut over = Vec::new();
    for (row, sizes) in rows.iter().zip(told.lines()) {
        let sizes: Vec<&str> = sizes.split(' ').collect();
        let [raw, gzip, brotli] = sizes[..] else {
            anyhow::bail!("expected three sizes");
        };
        let limit = row.limit.map_or(String::new(), |limit| limit.to_string());
        line(&row.name, [raw, gzip, brotli, &limit]);
        let size: u64 = match limited {
            Limited::Raw => raw.parse()?,
            Limited::Gzip => gzip.parse()?,
        };
        if row.limit.is_some_and(|limit| size > limit) {
            over.push(row.name.clone());
        }
    }
    Ok(over)
}

fn of_mobile(apple: bool) -> Result<Vec<Row>> {
    let library = target_dir()?.join("size").join(mobile::library_name());
    fs::create_dir_all(library.with_file_name(""))?;
    fs::copy(
        mobile::library(mobile::Build::Shipped, mobile::Language::Swift)?,
        &library,
    )?;
    mobile::strip(&library)?;
    let row = |name: String, file| Row {
        name,
        files: vec![file],
        limit: None,
    };
    let stripped = format!("{}, stripped", mobile::library_name());
    let mut rows = vec![Row {
        limit: Some(LIBRARY),
        ..row(stripped, library)
    }];
    if jvm::is_there() {
        let package = kotlin::package()?;
        for jar in jvm::ALL.map(|artifact| artifact.archive("")) {
            rows.push(row(jar.clone(), package.join(jar)));
        }
    } else {
        println!("the jars: skipped, Java or Maven is missing");
    }
    let package = swift::package()?;
    rows.push(row(
        format!("{} for Swift", mobile::STATIC_LIBRARY),
        package.join("lib").join(mobile::STATIC_LIBRARY),
    ));
    if apple {
        swift::package_xcframework(&package)?;
        let parts = xcframework::parts_on_disk()?.into_iter();
        rows.extend(parts.map(|(target, file)| row(format!("XCFramework: {target}"), file)));
    }
    Ok(rows)
}

/// The module's bytes by crate, the most first. Generic code counts for the crate that it was written in.
fn parts(library: &Path) -> Result<Vec<(usize, String)>> {
    let module = fs::read(library).context("cannot read the module")?;
    let (mut names, mut sizes, mut imported) = (BTreeMap::new(), Vec::new(), 0);
    let mut parts: BTreeMap<String, usize> = BTreeMap::new();
    for payload in Parser::new(0).parse_all(&module) {
        match payload? {
            // wasm-bindgen's, which are all functions.
            Payload::ImportSection(imports) => imported = imports.count(),
            Payload::CodeSectionEntry(body) => sizes.push(body.range().len()),
            Payload::DataSection(data) => {
                parts.insert("(data)".to_owned(), data.range().len());
            }
            Payload::CustomSection(section) => {
                let KnownCustom::Name(subsections) = section.as_known() else {
                    continue;
                };
                for subsection in subsections {
                    if let Name::Function(functions) = subsection? {
                        for function in functions {
                            let function = function?;
                            names.insert(function.index, function.name);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    for (index, size) in (imported..).zip(sizes) {
        let name = names.get(&index).copied().unwrap_or_default();
        *parts.entry(crate_of(name)).or_default() += size;
    }
    let mut parts: Vec<_> = parts.into_iter().map(|(name, size)| (size, name)).collect();
    parts.sort();
    parts.reverse();
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
