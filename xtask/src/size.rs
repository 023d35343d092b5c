//! `cargo xtask size`: what a program downloads or ships, against a limit, and what takes the most of npm's module.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use object::read::wasm::WasmFile;
use object::{Object as _, ObjectSection as _, ObjectSymbol as _};

use crate::files::empty;
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
const PLAN: u64 = 116_000;
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

/// The columns that a limit may be of.
const RAW: usize = 0;
const GZIP: usize = 1;

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
    let mut over = table(&entries, GZIP)?;
    println!("\nWhat takes the most of bananatech.wasm (raw bytes):");
    let parts = parts(&wasm::library("bananatech-wasm", "wasm")?)?;
    for (bytes, part) in parts.iter().take(16) {
        println!("{bytes:>9}  {part}");
    }
    println!();
    over.extend(table(&of_mobile(apple)?, RAW)?);
    ensure!(over.is_empty(), "over the limit: {}", over.join(", "));
    Ok(())
}

pub(crate) fn test() -> Result<Outcome> {
    run(false)?;
    Ok(Outcome::Passed(None))
}

/// Prints a table; the names of those whose size in a column is over their limits.
fn table(rows: &[Row], limited: usize) -> Result<Vec<String>> {
    let files: Vec<_> = rows.iter().map(|row| &row.files).collect();
    let files = serde_json::to_string(&files)?;
    let told = output(program("node", "-e").args([COMPRESS, &files]))?;
    let line = |name: &str, cells: &[&str]| {
        let cells: String = cells.iter().map(|cell| format!(" {cell:>9}")).collect();
        println!("{}", format!("{name:<38}{cells}").trim_end());
    };
    println!();
    line("", &["raw", "gzip", "brotli", "limit"]);
    let mut over = Vec::new();
    for (row, sizes) in rows.iter().zip(told.lines()) {
        let limit = row.limit.map_or(String::new(), |limit| limit.to_string());
        let mut cells: Vec<&str> = sizes.split(' ').collect();
        let size: u64 = cells[limited].parse()?;
        cells.push(&limit);
        line(&row.name, &cells);
        if row.limit.is_some_and(|limit| size > limit) {
            over.push(row.name.clone());
        }
    }
    Ok(over)
}

fn of_mobile(apple: bool) -> Result<Vec<Row>> {
    let row = |name: String, file, limit| Row {
        name,
        files: vec![file],
        limit,
    };
    let name = mobile::library_name();
    let stripped = empty(target_dir()?.join("size"))?.join(&name);
    let library = mobile::library(mobile::Build::Shipped, mobile::Language::Swift)?;
    mobile::strip(&library, &stripped)?;
    let mut rows = vec![row(format!("{name}, stripped"), stripped, Some(LIBRARY))];
    if jvm::is_there() {
        let package = kotlin::package()?;
        for jar in jvm::ALL.map(|artifact| artifact.archive("")) {
            rows.push(row(jar.clone(), package.join(jar), None));
        }
    } else {
        println!("the jars: skipped, Java or Maven is missing");
    }
    let package = swift::package()?;
    let name = mobile::STATIC_LIBRARY;
    let library = package.join("lib").join(name);
    rows.push(row(format!("{name} for Swift"), library, None));
    if apple {
        swift::package_xcframework(&package)?;
        for (target, file) in xcframework::parts_on_disk()? {
            rows.push(row(format!("XCFramework: {target}"), file, None));
        }
    }
    Ok(rows)
}

/// The module's bytes by crate, the most first. Generic code counts for the crate that it was written in.
fn parts(library: &Path) -> Result<Vec<(u64, String)>> {
    let module = fs::read(library).context("cannot read the module")?;
    let module = WasmFile::parse(&*module)?;
    let data = module.section_by_name("<data>");
    let mut parts = BTreeMap::from([("(data)".to_owned(), data.map_or(0, |data| data.size()))]);
    // One may be exported by several names.
    let functions = module
        .symbols()
        .map(|function| (function.address(), function));
    for function in BTreeMap::from_iter(functions).values() {
        *parts.entry(crate_of(function.name()?)).or_default() += function.size();
    }
    let mut parts: Vec<_> = parts.into_iter().map(|(name, size)| (size, name)).collect();
    parts.sort_by(|one, other| other.cmp(one));
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
