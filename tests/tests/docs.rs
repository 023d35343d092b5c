//! What the documentation repeats of the sources.
#![allow(missing_docs)]

use std::fs;
use std::path::Path;

use bananatech_core::Code;

const ERRORS: &str = include_str!("../../docs/errors.md");
const SOURCE: &str = include_str!("../../core/src/error.rs");
const README: &str = include_str!("../../README.md");

/// The codes with their documentation, in the order of the source.
fn codes() -> Vec<(String, String)> {
    let (_, block) = SOURCE.split_once("\ncodes! {\n").unwrap();
    let (block, _) = block.split_once("\n}\n").unwrap();
    let (mut found, mut words) = (Vec::new(), Vec::new());
    for line in block.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("///") {
            words.push(text.trim());
        } else if let Some((_, code)) = line.split_once(" = ") {
            let about = words.join(" ").replace("[`Rejection`]", "`Rejection`");
            found.push((code.trim_matches(['"', ',']).to_owned(), about));
            words.clear();
        }
    }
    found
}

#[test]
fn the_page_of_errors_has_each_code_with_its_documentation() {
    let codes = codes();
    let names: Vec<&str> = codes.iter().map(|(code, _)| code.as_str()).collect();
    let all: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(names, all);
    let rows: Vec<String> = codes
        .iter()
        .map(|(code, about)| format!("| `{code}` | {about} |"))
        .collect();
    let (_, table) = ERRORS.split_once("\n## Codes\n").unwrap();
    let written: Vec<&str> = table
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    assert_eq!(written, rows);
}

/// Lines without what indents them.
fn without_indent(text: &str) -> String {
    let lines = text.lines().map(str::trim_start);
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_readme_shows_parts_of_programs_that_run() {
    for (language, program) in [
        ("js", include_str!("../../docs/samples/quick-start.mjs")),
        ("kotlin", include_str!("../../docs/samples/QuickStart.kt")),
        ("swift", include_str!("../../docs/samples/QuickStart.swift")),
        ("rust", include_str!("../../docs/samples/quick_start.rs")),
    ] {
        let (_, from) = README.split_once(&format!("\n```{language}\n")).unwrap();
        let (part, _) = from.split_once("\n```").unwrap();
        let is_part = without_indent(program).contains(&without_indent(part));
        assert!(is_part, "{language}: {part}");
    }
}

#[test]
fn the_readme_of_the_swift_package_shows_a_program_that_runs() {
    let readme = include_str!("../../bindings-uniffi/swift/README.md");
    let program = include_str!("../../docs/samples/QuickStart.swift");
    assert!(readme.contains(&format!("\n```swift\n{program}```\n")));
}

#[test]
fn the_readme_is_short() {
    assert!(README.lines().count() <= 120);
}

/// The programs that the pages of the documentation show parts of. All are compiled and run by the tests.
const PROGRAMS: [(&str, &[&str]); 4] = [
    (
        "rust",
        &[
            include_str!("../../docs/samples/backend.rs"),
            include_str!("../../docs/samples/core.rs"),
        ],
    ),
    (
        "js",
        &[
            include_str!("../../docs/samples/backend.mjs"),
            include_str!("../../docs/samples/backend-postgres.mjs"),
            include_str!("../../docs/samples/plans.mjs"),
        ],
    ),
    (
        "kotlin",
        &[
            include_str!("../../docs/samples/Backend.kt"),
            include_str!("../../backend/jvm/src/test/kotlin/space/bananatech/backend/Support.kt"),
        ],
    ),
    (
        "java",
        &[include_str!(
            "../../backend/jvm/src/test/java/example/JavaTest.java"
        )],
    ),
];

#[test]
fn the_pages_show_parts_of_programs_that_run() {
    let mut seen = 0;
    for (name, page) in [
        ("backend.md", include_str!("../../docs/backend.md")),
        (
            "physical-card.md",
            include_str!("../../docs/physical-card.md"),
        ),
        ("rust.md", include_str!("../../docs/rust.md")),
    ] {
        for (language, programs) in PROGRAMS {
            let fence = format!("\n```{language}\n");
            let blocks = page.split(&fence).skip(1);
            let blocks = blocks.filter_map(|rest| Some(rest.split_once("\n```")?.0));
            // What is nothing but frameworks' was tried by hand.
            let blocks = blocks.filter(|block| !block.starts_with("// Express"));
            // A program may do more in between.
            for part in blocks.flat_map(|block| block.split("\n\n")) {
                let part = without_indent(part);
                let is_part = programs
                    .iter()
                    .any(|program| without_indent(program).contains(&part));
                assert!(is_part, "{name}, {language}: {part}");
                seen += 1;
            }
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn the_readme_of_the_bindings_shows_text_fields_that_are_tested() {
    let readme = without_indent(include_str!("../../bindings-uniffi/README.md"));
    for (language, tests) in [
        (
            "swift",
            include_str!("../../bindings-uniffi/swift/Tests/BananaTechTests/TextFieldsTests.swift"),
        ),
        (
            "kotlin",
            include_str!(
                "../../bindings-uniffi/kotlin/src/test/kotlin/space/bananatech/TextFieldsTest.kt"
            ),
        ),
    ] {
        let tests = without_indent(tests);
        let fence = format!("```{language}\n");
        let blocks = readme.split(&fence).skip(1);
        let blocks = blocks.map(|rest| rest.split("```").next().unwrap());
        // A view is nothing but its framework's.
        let shared = blocks.filter(|block| !block.contains("NumberInput"));
        let found: Vec<_> = shared.map(|block| tests.contains(block)).collect();
        assert_eq!(found, [true, true], "{language}");
    }
}

/// The file and its region that a line names for the block below it: a link by the file's name, and a colon, at the line's end.
fn named(line: &str) -> Option<(&str, &str)> {
    let (before, target) = line.strip_suffix("):")?.rsplit_once("](")?;
    let (file, region) = target.split_once('#').unwrap_or((target, ""));
    let (_, text) = before.rsplit_once('[')?;
    (text == file.rsplit('/').next()?).then_some((file, region))
}

/// A program's lines between those with `#region` and `#endregion`, without what indents all of them; without a region, all lines.
fn excerpt(program: &str, region: &str) -> String {
    if region.is_empty() {
        return program.to_owned();
    }
    let begins = format!("// #region {region}");
    let ends = format!("// #endregion {region}");
    let lines = program.lines();
    let from = lines.skip_while(|line| line.trim() != begins).skip(1);
    let lines: Vec<&str> = from.take_while(|line| line.trim() != ends).collect();
    assert!(!lines.is_empty(), "there is no region {region}");
    let written = lines.iter().filter(|line| !line.trim().is_empty());
    let indents = written.map(|line| line.len() - line.trim_start().len());
    let indent = indents.min().unwrap();
    let lines = lines.iter().map(|line| line.get(indent..).unwrap_or(""));
    lines.map(|line| format!("{line}\n")).collect()
}

/// A page with each block as its file has it now, and how many such blocks there are.
fn with_excerpts(folder: &Path, page: &str) -> (String, usize) {
    let (mut written, mut seen) = (String::new(), 0);
    let mut last_words = "";
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        written += &format!("{line}\n");
        if line.starts_with("```") {
            if let Some((file, region)) = named(last_words) {
                let program = fs::read_to_string(folder.join(file)).expect(file);
                written += &excerpt(&program, region);
                seen += 1;
                lines.find(|line| *line == "```").expect(file);
                written += "```\n";
            } else {
                for line in lines.by_ref() {
                    written += &format!("{line}\n");
                    if line == "```" {
                        break;
                    }
                }
            }
        }
        if !line.is_empty() {
            last_words = line;
        }
    }
    (written, seen)
}

#[test]
fn a_block_below_a_link_to_a_program_is_that_program() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let (mut seen, mut stale) = (0, Vec::new());
    for entry in fs::read_dir(&docs).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let page = fs::read_to_string(&path).unwrap();
        assert!(!page.contains("\n<<< "), "{path:?} shows a file by name");
        let (written, blocks) = with_excerpts(&docs, &page);
        seen += blocks;
        if written != page {
            if std::env::var_os("BANANATECH_WRITE_API").is_some() {
                fs::write(&path, written).unwrap();
            } else {
                stale.push(path);
            }
        }
    }
    assert!(seen > 20, "{seen}");
    assert!(
        stale.is_empty(),
        "{stale:?}: a block isn't what its file has; \
        BANANATECH_WRITE_API=1 cargo test -p bananatech-tests --test docs writes them anew"
    );
}
