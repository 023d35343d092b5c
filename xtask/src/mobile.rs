//! The Swift and Kotlin sources: what UniFFI generates from the library, and what is generated beside it from the core's
//! sources, because UniFFI can't express it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use bananatech_model::{Core, Operation, lower, snake};

use crate::process::{cargo, on_ci, output, program, root, run, shipping_flags, target_dir, works};

/// A language that the binding speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Kotlin,
    Swift,
}

/// How the library is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    /// For tests: the same code, there in a fraction of the time, and what only tests call.
    Testing,
    /// For benchmarks: as it is shipped, and what only benchmarks call.
    Measured,
    /// As it is shipped.
    Shipped,
}

/// Functions of equal code become one, which spares a fifth of the library (Rust promises no function an address of its own).
/// Only LLVM's linker does it: Rust brings that along on x86-64 Linux, and Android's NDK links with it.
pub(crate) const SMALLER: &[&str] = &["-Clink-arg=-Wl,--icf=all"];

/// Takes out what only the generator reads, in a section of its own: see `metadata.ld`. 80 kB.
pub(crate) const WITHOUT_METADATA: &str = "--remove-section=.uniffi_meta";

/// Puts it there, where the linker is LLVM's.
pub(crate) fn metadata_apart() -> [String; 2] {
    let script = root().join("bindings-uniffi/metadata.ld");
    [
        "-Clink-arg=-T".to_owned(),
        format!("-Clink-arg={}", script.display()),
    ]
}

/// The library's name on this host.
pub(crate) fn library_name() -> String {
    format!(
        "{}bananatech_uniffi{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    )
}

/// The static library's name.
pub(crate) const STATIC_LIBRARY: &str = "libbananatech_uniffi.a";

/// Builds the library for this host; where it lies. It isn't stripped: the sources are generated from its symbols. As it is
/// shipped, the static one comes out beside it.
pub(crate) fn library(build: Build) -> Result<PathBuf> {
    let mut command = cargo(&["rustc", "--package=bananatech-uniffi", "--lib"]);
    if build != Build::Shipped {
        command.arg("--features=testing");
    }
    let profile = if build == Build::Testing {
        command.arg("--crate-type=cdylib");
        "debug"
    } else {
        // Together, since each by itself would be compiled anew after the other.
        command.args(["--crate-type=cdylib,staticlib", "--profile=mobile"]);
        command.env("CARGO_ENCODED_RUSTFLAGS", shipping_flags(&[], rustc)?);
        if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
            command.arg("--").args(SMALLER).args(metadata_apart());
        }
        "mobile"
    };
    run(&mut command)?;
    Ok(target_dir()?.join(profile).join(library_name()))
}

/// The compiler that cargo runs.
pub(crate) fn rustc() -> Command {
    program(
        std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()),
        &[],
    )
}

/// Takes out of a dynamic library what nobody needs who loads it: symbols, and what the sources were generated from.
pub(crate) fn strip(library: &Path) -> Result<()> {
    let options: &[&str] = if cfg!(target_os = "macos") {
        &["--discard-all"]
    } else {
        &["--strip-unneeded", WITHOUT_METADATA]
    };
    let stripped = library.with_extension("stripped");
    strip_to(options, library, &stripped)?;
    fs::rename(stripped, library).context("cannot replace a library")
}

/// Copies a library without what no app has a use for. The compiler has the tool for it.
pub(crate) fn strip_to(options: &[&str], library: &Path, to: &Path) -> Result<()> {
    let libraries = output(rustc().args(["--print", "target-libdir"]))?;
    // lib/rustlib/HOST/lib
    let libraries = Path::new(libraries.trim());
    let host = libraries.parent().context("rustc has no folder")?;
    let lib = host.ancestors().nth(2).context("rustc has no folder")?;
    let objcopy = host.join(format!("bin/rust-objcopy{}", std::env::consts::EXE_SUFFIX));
    let command = || {
        let mut command = program(&objcopy, &[]);
        // It finds LLVM only so.
        for variable in ["LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"] {
            command.env(variable, lib);
        }
        command
    };
    if works(command().arg("--version")) {
        return run(command().args(options).args([library, to]));
    }
    ensure!(!on_ci(), "rustc came without rust-objcopy");
    println!("rustc came without rust-objcopy: the library stays as large as it is");
    fs::copy(library, to).context("cannot copy a library")?;
    Ok(())
}

/// Generates a language's sources from the library into a folder, which is emptied first.
pub(crate) fn sources(language: Language, library: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to).context("cannot empty the folder of generated sources")?;
    }
    fs::create_dir_all(to).context("cannot make the folder of generated sources")?;
    // The dev profile: optimised, the generator takes minutes to build.
    run(cargo(&[
        "run",
        "--quiet",
        "--package=bananatech-uniffi",
        "--features=bindgen",
        "--bin=bananatech-uniffi-bindgen",
        "--",
        "generate",
        "--no-format",
        match language {
            Language::Kotlin => "--language=kotlin",
            Language::Swift => "--language=swift",
        },
        "--out-dir",
    ])
    .arg(to)
    .arg(library))?;

    let core = Core::read(&root().join("core"))?;
    let layer = Layer { core: &core };
    match language {
        Language::Kotlin => {
            let folder = to.join("space/bananatech");
            rewrite(&folder.join("bananatech.kt"), mend_kotlin)?;
            fs::write(folder.join("Operations.kt"), layer.kotlin_operations()?)?;
            fs::write(folder.join("ErrorCode.kt"), layer.kotlin_codes())?;
            fs::write(folder.join("Words.kt"), layer.kotlin_words()?)?;
        }
        Language::Swift => {
            rewrite(&to.join("BananaTech.swift"), mend_swift)?;
            fs::write(to.join("Operations.swift"), layer.swift_operations()?)?;
            fs::write(to.join("ErrorCode.swift"), layer.swift_codes())?;
            fs::write(to.join("Words.swift"), layer.swift_words()?)?;
        }
    }
    Ok(())
}

fn rewrite(path: &Path, mend: impl FnOnce(&str) -> Result<String>) -> Result<()> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    fs::write(path, mend(&text)?).with_context(|| format!("cannot write {}", path.display()))
}

/// The variants of the error, as the library has them.
const ERRORS: &[&str] = &[
    "InvalidInput",
    "Rejected",
    "NotAuthentic",
    "Unexpected",
    "NoRandomness",
];

/// What is mended in UniFFI's Kotlin, and how often it stands there.
const KOTLIN: &[(&str, &str, usize)] = &[
    // Half of a character in a text is the caller's fault like any other.
    (
        "            encode(CharBuffer.wrap(value))
",
        "            try {
                encode(CharBuffer.wrap(value))
            } catch (_: java.nio.charset.CharacterCodingException) {
                throw BananaTechException.InvalidInput(
                    ErrorCode.FIELD_TYPE, null, \"expected text without lone surrogates [field.type]\",
                )
            }
",
        1,
    ),
    // A merchant that was closed takes no new calls: else its key stayed for as long as any call runs.
    (
        "        // Check and increment the call counter, to keep the object alive.
",
        "        if (wasDestroyed.get()) {
            throw IllegalStateException(\"${this.javaClass.simpleName} object has already been destroyed\")
        }
        // Check and increment the call counter, to keep the object alive.
",
        2,
    ),
];

/// UniFFI's message of an exception lists the exception's fields; ours has one that is the message. Its variants without data
/// print as addresses.
fn mend_kotlin(text: &str) -> Result<String> {
    let mut out = String::with_capacity(text.len());
    let mut messages = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with("get() = \"") && line.contains("summary=${ `summary` }") {
            out.push_str("            get() = `summary`\n");
            messages += 1;
        } else if line.starts_with("    object ") && line.trim_end().ends_with("()") {
            out.push_str(&line.replacen("object", "data object", 1));
        } else {
            out.push_str(line);
        }
    }
    ensure!(
        messages == ERRORS.len(),
        "UniFFI's exceptions look different: {messages} messages were found"
    );
    ensure!(
        !out.contains("`v1`"),
        "a variant's value has no name: uniffi.toml must name it"
    );
    for (from, to, times) in KOTLIN {
        ensure!(
            out.matches(from).count() == *times,
            "UniFFI's Kotlin looks different: not {times} of `{from}`"
        );
        out = out.replace(from, to);
    }
    Ok(out)
}

/// UniFFI reads what the library answers through `Data`, whose every access takes longer than the whole operation underneath.
/// The buffer lives as long as it is read, so it can be read where it lies.
const SWIFT_READER: &[(&str, &str)] = &[
    (
        "fileprivate func createReader(data: Data) ->",
        "fileprivate func createReader(data: UnsafeRawBufferPointer) ->",
    ),
    (
        "createReader(data: Data(rustBuffer: buf))",
        "createReader(data: UnsafeRawBufferPointer(start: buf.data, count: Int(buf.len)))",
    ),
    (
        "    var value: T = 0
    let _ = withUnsafeMutableBytes(of: &value, { reader.data.copyBytes(to: $0, from: range)})
",
        "    let value = reader.data.loadUnaligned(fromByteOffset: reader.offset, as: T.self)
",
    ),
    (
        "    var value = [UInt8](repeating: 0, count: count)
    value.withUnsafeMutableBufferPointer({ buffer in
        reader.data.copyBytes(to: buffer, from: range)
    })
",
        "    let value = [UInt8](reader.data[range])
",
    ),
    (
        "    return []
",
        "    var writer: [UInt8] = []
    writer.reserveCapacity(512)
    return writer
",
    ),
];

/// UniFFI gives an error's cases capital letters; Swift's own have small ones. And its reader is slow.
fn mend_swift(text: &str) -> Result<String> {
    let mut text = text.replace(
        "(data: Data, offset: Data.Index)",
        "(data: UnsafeRawBufferPointer, offset: Int)",
    );
    let mut mended: Vec<(String, String)> = Vec::new();
    for name in ERRORS {
        let small = lower(name);
        for head in ["    case ", "return .", "case let ."] {
            mended.push((format!("{head}{name}("), format!("{head}{small}(")));
        }
    }
    let reader = SWIFT_READER.iter();
    mended.extend(reader.map(|(from, to)| ((*from).to_owned(), (*to).to_owned())));
    for (from, to) in mended {
        ensure!(
            text.matches(&from).count() == 1,
            "UniFFI's Swift looks different: no single `{from}`"
        );
        text = text.replace(&from, &to);
    }
    Ok(text)
}

/// Enums whose values have a stable code, to choose words by.
const CODED: &[&str] = &["Brand", "FieldReason", "Luhn", "Validity", "Weakness"];

/// What is generated beside UniFFI's sources.
struct Layer<'a> {
    core: &'a Core,
}

/// A code of the binding's own: the core needs no randomness.
const NO_RANDOMNESS: (&str, &str, &str) = (
    "NoRandomness",
    "randomness.unavailable",
    "The platform has no random bytes.",
);

impl Layer<'_> {
    /// All codes: name, text, documentation.
    fn codes(&self) -> impl Iterator<Item = (&str, &str, String)> {
        let codes = self.core.codes.iter();
        let codes = codes.map(|code| (&*code.name, &*code.text, self.core.plain(&code.docs)));
        let (name, text, docs) = NO_RANDOMNESS;
        codes.chain([(name, text, docs.to_owned())])
    }

    fn kotlin_codes(&self) -> String {
        let mut out = String::from(
            "package space.bananatech\n\n\
             /**\n * Which rule was broken: a stable text, as `pin.length`. Codes may be added, so keep an `else` branch.\n */\n\
             @JvmInline\npublic value class ErrorCode(public val value: String) {\n    \
             override fun toString(): String = value\n\n    public companion object {\n",
        );
        for (name, text, docs) in self.codes() {
            comment(&mut out, Language::Kotlin, "        ", &docs);
            let constant = snake(name).to_uppercase();
            let _ = writeln!(
                out,
                "        public val {constant}: ErrorCode = ErrorCode(\"{text}\")\n"
            );
        }
        out.push_str("    }\n}\n");
        out
    }

    fn swift_codes(&self) -> String {
        let mut out = String::from(
            "/// Which rule was broken: a stable text, as `pin.length`. Codes may be added, so keep a `default` branch.\n\
             public struct ErrorCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {\n    \
             /// The text.\n    public let rawValue: String\n\n    \
             /// The code of that text.\n    public init(rawValue: String) {\n        self.rawValue = rawValue\n    }\n\n    \
             public var description: String { rawValue }\n\n",
        );
        for (name, text, docs) in self.codes() {
            comment(&mut out, Language::Swift, "    ", &docs);
            let _ = writeln!(
                out,
                "    public static let {} = ErrorCode(rawValue: \"{text}\")\n",
                lower(name)
            );
        }
        out.push_str("}\n");
        out
    }

    /// The API's words, the codes of fields, and the operations' names.
    fn kotlin_words(&self) -> Result<String> {
        let mut out = String::from("package space.bananatech\n");
        for words in &self.core.words {
            let name = &words.name;
            let _ = writeln!(
                out,
                "\n/** The API's word. */\npublic val {name}.word: String\n    get() = when (this) {{"
            );
            for word in &words.variants {
                let _ = writeln!(out, "        {name}.{} -> \"{}\"", word.name, word.text);
            }
            let _ = writeln!(out, "        is {name}.Other -> word\n    }}");
        }
        for name in CODED {
            let _ = writeln!(
                out,
                "\n/** A stable code, to choose words by. */\npublic val {name}.code: String\n    get() = when (this) {{"
            );
            for word in self.core.word_enum(name)?.variants {
                let constant = snake(&word.name).to_uppercase();
                let _ = writeln!(out, "        {name}.{constant} -> \"{}\"", word.text);
            }
            out.push_str("    }\n");
        }
        out.push_str(
            "\n/** The operation's name: `card.recharge`. */\npublic val OperationKind.operationName: String\n    \
             get() = when (this) {\n",
        );
        for Operation { name, text, .. } in &self.core.operations {
            let kind = snake(name).to_uppercase();
            let _ = writeln!(out, "        OperationKind.{kind} -> \"{text}\"");
        }
        out.push_str("    }\n");
        Ok(out)
    }

    fn swift_words(&self) -> Result<String> {
        let mut out = String::new();
        for words in &self.core.words {
            let name = &words.name;
            let _ = writeln!(
                out,
                "extension {name} {{\n    /// The API's word.\n    public var word: String {{\n        switch self {{"
            );
            for word in &words.variants {
                let case = lower(&word.name);
                let _ = writeln!(out, "        case .{case}: \"{}\"", word.text);
            }
            out.push_str("        case .other(let word): word\n        }\n    }\n}\n\n");
        }
        for name in CODED {
            let _ = writeln!(
                out,
                "extension {name} {{\n    /// A stable code, to choose words by.\n    public var code: String {{\n        \
                 switch self {{"
            );
            for word in self.core.word_enum(name)?.variants {
                let _ = writeln!(
                    out,
                    "        case .{}: \"{}\"",
                    lower(&word.name),
                    word.text
                );
            }
            out.push_str("        }\n    }\n}\n\n");
        }
        out.push_str(
            "extension OperationKind {\n    /// The operation's name: `card.recharge`.\n    \
             public var operationName: String {\n        switch self {\n",
        );
        for Operation { name, text, .. } in &self.core.operations {
            let _ = writeln!(out, "        case .{}: \"{text}\"", lower(name));
        }
        out.push_str("        }\n    }\n}\n");
        Ok(out)
    }

    /// What an operation says of itself.
    fn docs(&self, operation: &Operation) -> Result<String> {
        let body = self
            .core
            .object(&operation.name)
            .with_context(|| format!("the core has no object `{}`", operation.name))?;
        Ok(self.core.plain(&body.docs))
    }

    fn paged(&self, operation: &Operation) -> bool {
        self.core
            .paged
            .iter()
            .any(|(name, _)| *name == operation.name)
    }

    fn kotlin_operations(&self) -> Result<String> {
        let mut out = String::from("package space.bananatech\n");
        out.push_str("\n/** Which operation it is. */\npublic val AnyOperation.kind: OperationKind\n    get() = when (this) {\n");
        for Operation { name, .. } in &self.core.operations {
            let kind = snake(name).to_uppercase();
            let _ = writeln!(
                out,
                "        is AnyOperation.{name} -> OperationKind.{kind}"
            );
        }
        out.push_str("    }\n");
        for operation in &self.core.operations {
            let name = &operation.name;
            let docs = self.docs(operation)?;
            let response = response(operation, Language::Kotlin);

            out.push('\n');
            let pending = if self.core.confirmed(operation) {
                " Add [Call.pending] to the pending operations, and store them, before it is sent."
            } else {
                ""
            };
            let about = format!(
                "{docs}\n\n@param iv For tests: 16 bytes in place of randomness.\n@return The call: send its request once, and \
                 give the answer to [Call.read].{pending}"
            );
            comment(&mut out, Language::Kotlin, "", &about);
            let _ = writeln!(
                out,
                "@Throws(BananaTechException::class)\n\
                 public fun Merchant.call(operation: {name}, iv: ByteArray? = null): Call<{response}> =\n    \
                 Call(this, AnyOperation.{name}(operation), iv) {{ (it as AnyResponse.{name}).response }}\n"
            );
            let about =
                format!("{docs}\n\n@return The plan, made without a key, for a backend to seal.");
            comment(&mut out, Language::Kotlin, "", &about);
            let _ = writeln!(
                out,
                "@Throws(BananaTechException::class)\n\
                 public fun plan(operation: {name}): Plan = plan(AnyOperation.{name}(operation))"
            );
            if !self.paged(operation) {
                continue;
            }
            let record = record(operation, Language::Kotlin)?;
            comment(
                &mut out,
                Language::Kotlin,
                "",
                "\n\nGoes through all pages of a list, from its `skip` on, with `limit` records to a page (10 if it has \
                 none).\n\n@param send Sends a call's request, and answers what [Call.read] does.\n@return The records; each \
                 page is asked for when those before it are used up. It throws what `send` throws, and `page.mismatch`.",
            );
            let _ = writeln!(
                out,
                "public fun Merchant.pages(list: {name}, send: (Call<{response}>) -> {response}): Sequence<{record}> =\n    \
                 walk(\n        AnyOperation.{name}(list),\n        {{ (it as AnyResponse.{name}).response }},\n        \
                 {{ AnyResponse.{name}(it) }},\n        {{ it.data }},\n        send,\n    )"
            );
        }
        Ok(out)
    }

    fn swift_operations(&self) -> Result<String> {
        let mut out = String::from(
            "extension AnyOperation {\n    /// Which operation it is.\n    public var kind: OperationKind {\n        \
             switch self {\n",
        );
        for Operation { name, .. } in &self.core.operations {
            let case = lower(name);
            let _ = writeln!(out, "        case .{case}: .{case}");
        }
        out.push_str("        }\n    }\n}\n");
        let mut pages = Vec::new();
        for operation in &self.core.operations {
            let name = &operation.name;
            let case = lower(name);
            let response = response(operation, Language::Swift);
            let protocol = if self.paged(operation) {
                "PagedOperation"
            } else {
                "TypedOperation"
            };
            let _ = writeln!(
                out,
                "\nextension {name}: {protocol} {{\n    \
                 public var any: AnyOperation {{ .{case}(self) }}\n\n    \
                 public static func typed(_ response: AnyResponse) -> {response}? {{\n        \
                 if case .{case}(let response) = response {{ response }} else {{ nil }}\n    }}"
            );
            if self.paged(operation) {
                let _ = writeln!(
                    out,
                    "\n    public static func any(_ response: {response}) -> AnyResponse {{ .{case}(response) }}"
                );
                if !pages.contains(&response) {
                    pages.push(response);
                }
            }
            out.push_str("}\n");
        }
        for page in pages {
            let _ = writeln!(out, "\nextension {page}: RecordPage {{}}");
        }
        Ok(out)
    }
}

/// A core type's name in a language: Swift's own frameworks have some of them already, as uniffi.toml knows too.
fn name_in(language: Language, name: String) -> String {
    match (language, name.as_str()) {
        (Language::Swift, "Transaction" | "TransactionPage") => format!("Card{name}"),
        _ => name,
    }
}

fn response(operation: &Operation, language: Language) -> String {
    name_in(language, operation.response_name())
}

/// What a page of the operation's answer has.
fn record(operation: &Operation, language: Language) -> Result<String> {
    let (_, record) = operation
        .page()
        .with_context(|| format!("`{}` is no page", operation.text))?;
    Ok(name_in(language, record))
}

fn comment(out: &mut String, language: Language, indent: &str, docs: &str) {
    match language {
        Language::Kotlin => {
            let _ = writeln!(out, "{indent}/**");
            for line in docs.trim().lines() {
                let _ = writeln!(out, "{}", format!("{indent} * {line}").trim_end());
            }
            let _ = writeln!(out, "{indent} */");
        }
        Language::Swift => {
            for line in docs.trim().lines() {
                let _ = writeln!(out, "{}", format!("{indent}/// {line}").trim_end());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without_indent(text: &str) -> String {
        let lines = text.lines().map(str::trim_start);
        lines.fold(String::new(), |out, line| out + line + "\n")
    }

    #[test]
    fn the_readme_shows_the_text_fields_that_are_tested() {
        let folder = root().join("bindings-uniffi");
        let read = |path: &str| without_indent(&fs::read_to_string(folder.join(path)).unwrap());
        let readme = read("README.md");
        for (language, tests) in [
            ("swift", "swift/Tests/BananaTechTests/TextFieldsTests.swift"),
            (
                "kotlin",
                "kotlin/src/test/kotlin/space/bananatech/TextFieldsTest.kt",
            ),
        ] {
            let tests = read(tests);
            let fence = format!("```{language}\n");
            let blocks = readme.split(&fence).skip(1);
            let blocks = blocks.map(|rest| rest.split("```").next().unwrap());
            // A view is nothing but its framework's.
            let shared = blocks.filter(|block| !block.contains("NumberInput"));
            let found: Vec<_> = shared.map(|block| tests.contains(block)).collect();
            assert_eq!(found, [true, true], "{language}");
        }
    }
}
